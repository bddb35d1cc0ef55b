/** A count and its noun, `1 event` or `2 events`; `many` for what an s does not make plural. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
