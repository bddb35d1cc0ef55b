import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportTraces, type Trace } from '../../src/trace/index.js';
import { Browser, findBrowser } from '../support/browser.js';
import { failed, published, records, started } from '../support/records.js';
import { chain, pipeline, trouble } from './traces.js';

const ATTACKS = [
  '</script><script>document.title="taken"</script>',
  '<img src="http://127.0.0.1:9/x" onerror="document.title=\'taken\'">',
  '"><svg onload=document.title="taken">',
  "' onmouseover='document.title=1",
  '</style><style>*{display:none}',
  '<!--',
  'javascript:document.title="taken"',
  '\u202egnp.exe \u001b[2J \u0000 \u2028',
];

function attacked(): Trace {
  return records(
    ...ATTACKS.flatMap((attack, index) => {
      const one = { service: attack, handler: attack, event_type: attack };
      return [
        published(`evt-${index}${attack}`, { event_type: attack, source: attack, payload: { [attack]: attack } }),
        started(`dlv-${index}${attack}`, `evt-${index}${attack}`, one),
        failed(`dlv-${index}${attack}`, `evt-${index}${attack}`, { ...one, error: attack, error_name: attack }),
      ];
    }),
  );
}

describe('the page', () => {
  test('names no address, and allows nothing to be loaded or run but its own script', async () => {
    const page = await exportTraces('html', [records(...pipeline())]);
    expect(page).not.toMatch(/https?:|url\(|@import|src=|href="[^#]/);
    expect(page).toMatch(/default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'/);
    expect(page).not.toMatch(/ style="| on[a-z]+="/);
  });

  test('has no tag and no attribute that comes from a log', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ATTACKS),
        fc.string({ unit: 'binary', maxLength: 20 }),
        async (attack, more) => {
          const name = attack + more;
          const page = await exportTraces('html', [records(published('evt-1', { event_type: name, source: name }))]);
          const plain = await exportTraces('html', [records(published('evt-1', { event_type: 'a', source: 'a' }))]);
          const tags = (text: string) => text.replaceAll('&lt;', '').match(/<[^>]*>/g)?.length;
          expect(tags(page)).toBe(tags(plain));
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
          expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        },
      ),
    );
  });
});

const path = findBrowser();
if (path === undefined) console.warn('No Chromium is installed: the exported page is not tried in a browser.');

describe.skipIf(path === undefined)('the page in a browser', () => {
  let browser: Browser;
  let folder: string;

  beforeEach(() => {
    browser = new Browser(path ?? '');
    folder = mkdtempSync(join(tmpdir(), 'cfb-page-'));
  });
  afterEach(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function show(...traces: readonly Trace[]): Promise<void> {
    const file = join(folder, 'trace.html');
    writeFileSync(file, await exportTraces('html', traces));
    await browser.open(pathToFileURL(file).href);
  }

  const visible = () =>
    browser.evaluate("[...document.querySelectorAll('.row')].filter((row) => row.checkVisibility()).length");
  const focused = () => browser.evaluate("document.activeElement.querySelector('.label')?.innerText.trim()");

  test('loads nothing, breaks no rule of its own, and shows every line with its bars', async () => {
    await show(records(...pipeline()));
    expect(browser.complaints).toEqual([]);
    expect(browser.requests).toHaveLength(1);
    expect(await visible()).toBe(11);
    const widths =
      "[...document.querySelectorAll('.row rect.run')].every((bar) => bar.getBoundingClientRect().width > 0)";
    expect(await browser.evaluate(widths)).toBe(true);
    // To scale: the first search took 124.8 of 790 ms.
    const share =
      "(() => { const bar = document.querySelectorAll('.row.delivery')[1].querySelector('rect.run'); return bar.getBoundingClientRect().width / bar.ownerSVGElement.getBoundingClientRect().width; })()";
    expect(await browser.evaluate(share)).toBeCloseTo(124.8 / 790, 2);
  });

  test('fits a narrow window: nothing lies beside it, and no label of the scale on another', async () => {
    await show(records(...pipeline()));
    for (const width of [1_200, 800, 420]) {
      await browser.send('Emulation.setDeviceMetricsOverride', {
        ...{ width, height: 800, deviceScaleFactor: 1, mobile: false },
      });
      const page = 'document.documentElement';
      expect(await browser.evaluate(`${page}.scrollWidth - ${page}.clientWidth`), `${width}`).toBe(0);
      const overlaps =
        "(() => { const boxes = [...document.querySelectorAll('.scale text')].map((each) => each.getBoundingClientRect()).filter(({ width }) => width > 0); return boxes.filter((box, index) => index > 0 && box.left < boxes[index - 1].right).length + (boxes.length < 2 ? 100 : 0); })()";
      expect(await browser.evaluate(overlaps), `${width}`).toBe(0);
    }
  });

  test('folds, moves and opens by keys alone', async () => {
    await show(records(...pipeline()));
    await browser.press('ArrowDown');
    expect(await focused()).toBe('gateway.on_query');
    await browser.press('ArrowLeft');
    expect(await visible()).toBe(2);
    expect(await browser.evaluate("document.activeElement.getAttribute('aria-expanded')")).toBe('false');
    await browser.press('l');
    expect(await visible()).toBe(11);
    await browser.press('End');
    expect(await focused()).toMatch(/^query\.completed/);
    await browser.press('Home');
    await browser.press('e');
    expect(await focused()).toMatch(/^llm\.complete.*TimeoutError/);
    await browser.press('Enter');
    const details = await browser.evaluate("document.activeElement.querySelector('.more').innerText");
    expect(details).toMatch(/attempt 1\s+\+180ms failed after 200ms, to be retried: TimeoutError: complete timed out/);
    await browser.press('Enter');
    expect(await browser.evaluate("document.activeElement.querySelector('.more').hidden")).toBe(true);
  });

  test('is searched, and shows what led to each hit', async () => {
    await show(records(...pipeline()));
    await browser.press('/');
    await browser.type('write_audit');
    expect(await browser.evaluate("document.getElementById('found').textContent")).toBe('1 of 11 lines');
    expect(await visible()).toBe(6);
    await browser.press('Enter');
    expect(await focused()).toBe('audit.write_audit');
    await browser.press('Escape');
    expect(await visible()).toBe(11);
    await browser.evaluate("document.getElementById('trouble').click()");
    expect(await visible()).toBe(4);
    await browser.evaluate("document.getElementById('trouble').click(); document.getElementById('close').click()");
    expect(await visible()).toBe(1);
  });

  test('is whole on paper, whatever is folded', async () => {
    await show(records(...pipeline()));
    await browser.evaluate("document.getElementById('close').click()");
    await browser.send('Emulation.setEmulatedMedia', { media: 'print' });
    expect(await visible()).toBe(11);
    expect(await browser.evaluate("document.querySelector('.tools').checkVisibility()")).toBe(false);
  });

  test('is dark or light as the system is', async () => {
    await show(records(...trouble()));
    const grounds = [];
    for (const value of ['light', 'dark']) {
      await browser.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] });
      grounds.push(await browser.evaluate('getComputedStyle(document.body).backgroundColor'));
      if (process.env.SCREENSHOTS)
        writeFileSync(join(process.env.SCREENSHOTS, `${value}.png`), await browser.screenshot());
    }
    expect(grounds).toEqual(['rgb(255, 255, 255)', 'rgb(18, 21, 26)']);
  });

  test('runs nothing and fetches nothing that a log holds', async () => {
    await show(attacked());
    expect(await browser.evaluate('document.title')).toBe('req-1');
    expect(await browser.evaluate("document.querySelectorAll('script').length")).toBe(1);
    expect(await browser.evaluate("document.querySelectorAll('img, .row [onload], .row [onmouseover]').length")).toBe(
      0,
    );
    expect(browser.requests).toHaveLength(1);
    expect(browser.complaints).toEqual([]);
    expect(await visible()).toBe(ATTACKS.length * 2);
  });

  test('of a deep and long trace is shown', async () => {
    await show(records(...chain(1_000)), records(...pipeline()));
    expect(await visible()).toBe(2_011);
  });
});
