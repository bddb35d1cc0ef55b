/** What a terminal shows of `text`: SGR codes, the only ones we write, taken out. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: SGR codes begin with ESC
  return text.replace(/\u001b\[[\d;]*m/g, '');
}
