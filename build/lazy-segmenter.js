/**
 * Stands in for `Intl.Segmenter` in what is built: packages make one when they are loaded, which takes 11 ms. This one
 * makes the real one at its first use, which never comes for text in plain letters.
 */
let real;

export class LazySegmenter {
  segment(text) {
    real ??= new globalThis.Intl.Segmenter();
    return real.segment(text);
  }
}
