/** RESULTS.md: a section for each benchmark, with its own date and circumstances. */

const HEAD = `# Results

Made by \`npm run bench\`, which runs every benchmark beside this file and writes what it printed; \`npm run bench -- bus\` runs one and leaves the other sections as they are. Contenders take turns in the same run, each in a process of its own where that is possible, and figures are medians of the rounds: compare within a section, not between machines. Where a benchmark says processor time, what else ran on the machine does not count; where it measures what passes on the wall clock, it does.
`;

/** @param {(string | object)[]} printed tables, and lines of text */
export function section(circumstances, printed) {
  const parts = [circumstances];
  let text = [];
  const flush = () => {
    const lines = text.join('\n').replace(/^\n+|\s+$/g, '');
    if (lines !== '') parts.push(`\`\`\`text\n${lines}\n\`\`\``);
    text = [];
  };
  for (const each of printed) {
    if (typeof each === 'string') {
      text.push(each);
      continue;
    }
    flush();
    parts.push(markdown(each));
  }
  flush();
  return parts.join('\n\n');
}

function markdown({ title, columns, rows, notes }) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${columns.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`;
  return [`### ${title}`, '', line(columns), rule, ...rows.map(line), ...notes.flatMap((note) => ['', note])].join(
    '\n',
  );
}

/** The sections of such a file, by name. */
export function parseResults(text) {
  const [, ...parts] = text.split(/^## /m);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end).trim(), part.slice(end).trim()];
    }),
  );
}

export function writeResults(sections) {
  const names = [...sections.keys()].sort();
  return [HEAD, ...names.map((name) => `## ${name}\n\n${sections.get(name)}\n`)].join('\n');
}
