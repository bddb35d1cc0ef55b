/** Hostile texts, and how to tell that one of them got through. */
import fc from 'fast-check';
import { activeIn } from '../../support/terminal-bytes.js';

/** Begins lines that only a hostile line break can begin. */
const FORGED = 'F0RGED';
/** In every text: where it is not to be seen, a sink has shown nothing. */
export const SEEN = 'Zq';

/** None of these is a sequence that we write. */
const ATTACKS = [
  '\u001b[3J',
  '\u001b[5m',
  '\u001b[8m',
  '\u001b[6n',
  '\u001b[21t',
  '\u001bc',
  '\u001b7',
  '\u001b]0;title\u0007',
  '\u001b]52;c;cm0gLXJm\u0007',
  '\u001b]8;;http://127.0.0.1/\u001b\\',
  '\u001b]1337;File=:AAAA\u0007',
  '\u001bP+q544e\u001b\\',
  '\u001b_APC\u001b\\',
  '\u001b^PM\u001b\\',
  '\u009b5m',
  '\u009d0;x\u009c',
  '\u0090q\u009c',
  '\u0085',
  '\u0000',
  '\u0007',
  '\b\b\b',
  '\t',
  '\u000b\u000c\u000e',
  '\u007f',
  '\r',
  `\n${FORGED} line`,
  `\r\n${FORGED} line`,
  `\u2028${FORGED}`,
  '\u202e\u2066',
  '\u061c\u200e',
  '\u200b\u200d\u2060',
  '\ufeff',
  '\u00ad',
  '\u034f\u3164\u115f',
  '\ufff9\ufffb',
  '\ud800',
  '\udfff\ud83d',
  '\u{e0041}\u{e007f}',
  '\u{1d173}',
  '👩‍👩‍👧‍👦👍🏽',
  '文件索引',
  'e\u0301'.repeat(40),
  '\ue000\uf8ff',
  '\u001b',
  '\u009b',
  "'; touch pwned; '",
  '$(touch pwned)',
  '%s%n',
  '<script>',
];

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ATTACKS) },
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ maxLength: 6 }),
);

export const hostileTexts: fc.Arbitrary<string> = fc
  .tuple(fc.array(piece, { minLength: 1, maxLength: 3 }), fc.nat(2))
  .map(([pieces, at]) => pieces.toSpliced(at, 0, SEEN).join(''));

/** Colours that we write. Those in hostile texts (blinking, hidden) are never among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are the point
const COLORS = /\u001b\[(?:0|1|2|3|4|7|22|23|24|27|39|49|[34][0-7]|9[0-7]|10[0-7]|[34]8;5;\d{1,3})?(?:;\d+)*m/g;
/** What a full-screen program of ours writes besides: places, clearing, modes. */
const SCREEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are the point
  /\u001b\[(?:\d+;\d+H|H|[02]?[JK]|\d*[A-G]|\d+ q|\?(?:7|25|1004|1049|2004|2026)[hl]|\?2026\$p|>4;\d+m|[<>=]\d*u|\?u)/g;

/** What got through of `output`, in words. */
export function leak(output: string, { screen = false, lines = true } = {}): string | undefined {
  const text = (screen ? output.replace(SCREEN, '') : output).replace(COLORS, '');
  const active = activeIn(text);
  if (active !== undefined) return active;
  const at = text.search(new RegExp(`^${FORGED}`, 'm'));
  return at === -1 || !lines
    ? undefined
    : `a line that was forged: ${JSON.stringify(text.slice(Math.max(0, at - 80), at + 20))}`;
}
