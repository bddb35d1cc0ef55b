/** Traces that something went wrong in: all counted, the first few kept by name. */
const KEPT = 5;

export class TraceTally {
  readonly ids: string[] = [];
  count = 0;

  add(traceId: string): void {
    this.count++;
    if (this.ids.length < KEPT) this.ids.push(traceId);
  }

  /** Like `add`, but a trace that was kept is not counted again. For traces that may come more than once. */
  addOnce(traceId: string): void {
    if (!this.ids.includes(traceId)) this.add(traceId);
  }

  /** A copy that stays as it is. */
  snapshot(): { readonly ids: readonly string[]; readonly count: number } {
    return { ids: [...this.ids], count: this.count };
  }
}
