import { describe, expect, test } from 'vitest';
import { CfBusError } from '../../src/kernel/index.js';
import {
  compileCondition,
  compilePayload,
  compileTemplate,
  compileText,
  type TemplateScope,
} from '../../src/scenario/index.js';
import { messagesOf, withFlow, withHandler, withRoot } from './helpers.js';

const SCOPE: TemplateScope = {
  variables: { repo: '/srv/web', user: { name: 'Ada', tags: ['a', 'b'] } },
  event: {
    id: 'evt-1',
    type: 'index.started',
    source: 'api',
    trace_id: 'req-1',
    timestamp: 1_700_000_000_000,
    payload: { repo_path: '/srv', files: 150, ok: true, none: null, nested: { list: [1, 2] }, text: 'a"b' },
  },
  error: { name: 'Error', message: 'disk full' },
  sequence: 3,
};

function failureOf(run: () => unknown): CfBusError {
  try {
    run();
  } catch (error) {
    if (error instanceof CfBusError) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe('a value that is one single {{ … }} keeps its type', () => {
  test.each([
    ['{{ event.payload.files }}', 150],
    ['{{event.payload.files}}', 150],
    ['{{ event.payload.ok }}', true],
    ['{{ event.payload.none }}', null],
    ['{{ event.payload.nested }}', { list: [1, 2] }],
    ['{{ event.payload.nested.list[1] }}', 2],
    ['{{ event.payload["repo_path"] }}', '/srv'],
    ['{{ event.payload.files | times: 8 }}', 1_200],
    ['{{ event.payload.files | plus: 0.5 }}', 150.5],
    ['{{ event.payload.missing | default: 5 }}', 5],
    ['{{ event.payload.nested.list.size }}', 2],
    ['{{ event.payload.text }}', 'a"b'],
    ['{{ event.payload.files > 100 }}', true],
    ['{{ "x" | upcase }}', 'X'],
    ['{{ sequence }}', 3],
  ])('%s', (template, value) => {
    expect(compileTemplate({ it: template })(SCOPE)).toEqual({ it: value });
  });
});

describe('anything else is text', () => {
  test.each([
    ['req-{{ sequence }}', 'req-3'],
    ['{{ sequence }}{{ sequence }}', '33'],
    [' {{ sequence }}', ' 3'],
    ['{{ event.payload.none }}!', '!'],
    ['is {{ event.payload.ok }}', 'is true'],
    ['{{ event.payload.nested }} in text', '{"list":[1,2]} in text'],
    ['{{ event.payload.nested | json }} in text', '{"list":[1,2]} in text'],
    ['n {{ event.payload.files | divided_by: 4.0 }}', 'n 37.5'],
    ['{% if event.payload.ok %}yes{% else %}no{% endif %}', 'yes'],
    ['{% if event.payload.missing %}yes{% else %}no{% endif %}', 'no'],
    ['{% for tag in variables.user.tags %}{{ tag }},{% endfor %}', 'a,b,'],
    ['{% assign x = event.payload.files | plus: 1 %}{{ x }}', '151'],
    ['{% raw %}{{ kept }}{% endraw %}', '{{ kept }}'],
    ['}} {', '}} {'],
    ['{ "json": {} }', '{ "json": {} }'],
    ['{{ 1700000000 | date: "%Y-%m-%d %H:%M" }}', '2023-11-14 22:13'],
    ['on {{ "2026-01-31" | date: "%d %b %Y" }}', 'on 31 Jan 2026'],
  ])('%s', (template, value) => {
    expect(compileTemplate([template])(SCOPE)).toEqual([value]);
  });

  test('a text template gives text even for one single {{ … }}', () => {
    expect(compileText('{{ sequence }}')(SCOPE)).toBe('3');
    expect(compileText('plain')(SCOPE)).toBe('plain');
  });
});

describe('payloads', () => {
  test('one without templates is the same frozen value each time', () => {
    const payload = compilePayload({ a: 1, b: { c: [1, { d: 2 }] } });
    expect(payload(SCOPE)).toBe(payload(SCOPE));
    expect(Object.isFrozen(payload(SCOPE))).toBe(true);
    expect(() => Object.assign(payload(SCOPE), { a: 2 })).toThrow(TypeError);
  });

  test('keys keep their order, and parts without templates are shared', () => {
    const payload = compilePayload({ z: '{{ sequence }}', fixed: { deep: [1] }, a: ['{{ sequence }}', 'x'] });
    const first = payload(SCOPE);
    const second = payload({ ...SCOPE, sequence: 4 });
    expect(JSON.stringify(first)).toBe('{"z":3,"fixed":{"deep":[1]},"a":[3,"x"]}');
    expect(JSON.stringify(second)).toBe('{"z":4,"fixed":{"deep":[1]},"a":[4,"x"]}');
    expect(second.fixed).toBe(first.fixed);
  });

  test('template marks in keys are left alone', () => {
    expect(compilePayload({ '{{ sequence }}': '{{ sequence }}' })(SCOPE)).toEqual({ '{{ sequence }}': 3 });
  });
});

describe('a missing name fails the template, naming it, its place and the nearest names', () => {
  const position = { file: 'shop.yaml', line: 7, column: 12 };
  const host = { position: () => position, reads: () => {} };

  test.each([
    [
      '{{ event.payload.repo_pth }}',
      '`repo_pth` is not in event.payload; there is repo_path, files, ok, none, nested, text',
      'did you mean `repo_path`?',
    ],
    [
      'x {{ event.payload.repo_pth }}',
      '`repo_pth` is not in event.payload; there is repo_path, files, ok, none, nested, text',
      'did you mean `repo_path`?',
    ],
    [
      '{{ event.payload.repo_pth | upcase }}',
      '`repo_pth` is not in event.payload; there is repo_path, files, ok, none, nested, text',
      'did you mean `repo_path`?',
    ],
    ['{{ event.payload.files.x }}', '`x` is not in event.payload.files', undefined],
    [
      '{{ event.payload.constructor }}',
      '`constructor` is not in event.payload; there is repo_path, files, ok, none, nested, text',
      undefined,
    ],
    [
      '{{ event.payload.__proto__ }}',
      '`__proto__` is not in event.payload; there is repo_path, files, ok, none, nested, text',
      undefined,
    ],
    [
      '{{ event.payload.toString }}',
      '`toString` is not in event.payload; there is repo_path, files, ok, none, nested, text',
      undefined,
    ],
  ])('%s', (template, message, hint) => {
    const failure = failureOf(() => compileTemplate(template, host)(SCOPE));
    expect(failure.code).toBe('TEMPLATE_FAILED');
    expect(failure.message).toBe(`shop.yaml:7:12: template \`${template}\`: ${message}`);
    expect(failure.hint).toBe(hint);
  });

  test('a missing name below null is null, as in Liquid', () => {
    expect(compileTemplate('{{ event.payload.none.x }}')(SCOPE)).toBeNull();
  });

  test('what JSON cannot hold fails too', () => {
    expect(failureOf(() => compileTemplate('{{ 1 | divided_by: 0 }}')(SCOPE)).message).toContain(
      'which JSON cannot hold',
    );
  });
});

describe('templates reach nothing but their scope', () => {
  test.each([
    ['{% include "/etc/passwd" %}', 'there is no tag `include` in scenarios'],
    ['{% render "x" %}', 'there is no tag `render` in scenarios'],
    ['{% layout "x" %}', 'there is no tag `layout` in scenarios'],
    ['{% increment sequence %}', 'there is no tag `increment` in scenarios'],
    ['{{ variables.user.tags | sample }}', 'the filter `sample` draws at random, so runs would differ'],
    ['{{ sequence | upcse }}', 'there is no filter `upcse`; did you mean `upcase`?'],
  ])('%s is refused when the scenario is loaded', (template, message) => {
    const text = withFlow(`- publish: { type: a.b, payload: { x: '${template}' } }`).concat(
      'variables: { user: { tags: [a] } }\n',
    );
    expect(messagesOf(text)).toHaveLength(1);
    expect(messagesOf(text)[0]).toContain(`not a Liquid template: ${message}`);
  });

  test.each(['now', 'today', 'tomorrow', '31 Jan 2026', '2026-01-31T10:00:00'])(
    'the date "%s" depends on the machine and fails',
    (date) => {
      expect(failureOf(() => compileTemplate(`{{ "${date}" | date: "%Y" }}`)(SCOPE)).message).toContain(
        'needs a fixed date',
      );
    },
  );

  test('a runaway loop is stopped', () => {
    const template = '{% for a in (1..9999999) %}x{% endfor %}';
    expect(failureOf(() => compileText(template)(SCOPE)).message).toContain('memory alloc limit exceeded');
    const nested =
      '{% for a in (1..900) %}{% for b in (1..900) %}{% for c in (1..900) %}x{% endfor %}{% endfor %}{% endfor %}';
    expect(failureOf(() => compileText(nested)(SCOPE)).message).toContain('limit exceeded');
  });

  test('what a template assigns is gone for the next one', () => {
    compileText('{% assign sequence = 9 %}{{ sequence }}')(SCOPE);
    expect(compileText('{{ sequence }}{{ sequence | plus: 0 }}')(SCOPE)).toBe('33');
  });
});

describe('conditions', () => {
  test.each([
    ['event.payload.files > 100', true],
    ['event.payload.files >= 150', true],
    ['event.payload.files < 150', false],
    ['event.payload.files != 150', false],
    ['event.payload.repo_path == "/srv"', true],
    ["event.payload.repo_path contains 'rv'", true],
    ['event.payload.ok', true],
    ['event.payload.none', false],
    ['event.payload.none == nil', true],
    ['event.payload.missing', false],
    ['event.payload.missing > 0', false],
    ['event.payload.missing == nil', true],
    ['event.payload.missing.deeper == "x"', false],
    ['not event.payload.missing', true],
    ['event.payload.files > 100 and event.payload.ok', true],
    ['event.payload.files > 200 or event.payload.ok', true],
    ['event.payload.files > 200 or event.payload.none', false],
    ['event.payload.nested.list contains 2', true],
    ['event.payload.nested.list.size == 2', true],
    ['variables.user.name == "Ada"', true],
    ['sequence | modulo: 2 | at_least: 1', true],
    ['{{ event.payload.files > 100 }}', true],
    ['  {{event.payload.files > 1000}} ', false],
    ['-1 < event.payload.files', true],
    ['event.type == event.type', true],
    ['"" == event.payload.text', false],
  ])('%s', (condition, answer) => {
    expect(compileCondition(condition)(SCOPE)).toBe(answer);
  });

  test.each([
    ['event.payload.files = 5', 'compare with `==`'],
    ['event.payload.files === 5', 'compare with `==`'],
    ['event.payload.ok && sequence', 'write `and` for `&&`'],
    ['event.payload.ok || sequence', 'write `or` for `||`'],
    ['!event.payload.ok', 'write `not` for `!`'],
    ['event.payload.files >', 'an operator lacks a value'],
    ['event.payload.files 5', 'two values stand side by side'],
    ['event.payload.files | nope', 'there is no filter `nope`'],
  ])('%s is refused when the scenario is loaded', (condition, message) => {
    expect(messagesOf(withHandler('subscribe: a.b', `when: '${condition}'`))[0]).toContain(
      `not a Liquid condition: ${message}`,
    );
  });

  test('a block or an output inside a condition is refused', () => {
    for (const condition of ['{% if x %}y{% endif %}', 'a {{ event.type }}', 'event.type }} x']) {
      expect(messagesOf(withHandler('subscribe: a.b', `when: '${condition}'`))[0]).toContain(
        'a condition is an expression such as',
      );
    }
  });
});

describe('names are checked when the scenario is loaded, each at its place', () => {
  test.each([
    ['{{ variables.repoo }}', '7:57: `repoo` is not in variables; there is repo, user; did you mean `repo`?'],
    ['{{ variables.user.nmae }}', '7:62: `nmae` is not in variables.user; there is name; did you mean `name`?'],
    ['{{ variables.repo.path }}', '7:62: `variables.repo` is no map; it has no `path`'],
    [
      '{{ variable.repo }}',
      '7:47: a template has no `variable`; there is event, variables, sequence; did you mean `variables`?',
    ],
    [
      '{{ event.traceId }}',
      '7:53: `traceId` is not in event; there is id, type, source, trace_id, timestamp, payload; did you mean `trace_id`?',
    ],
    [
      '{{ event.paylod.x | upcase }}',
      '7:53: `paylod` is not in event; there is id, type, source, trace_id, timestamp, payload; did you mean `payload`?',
    ],
    ['{{ error.message }}', '7:47: `error` is not known in a handler; there is event, variables, sequence'],
    ['{{ request.name }}', '7:47: `request` is not known in a handler; there is event, variables, sequence'],
  ])('%s in what a handler publishes', (template, message) => {
    const text = withHandler('subscribe: a.b', `publish: { type: x, payload: { p: "${template}" } }`);
    expect(messagesOf(`${text}variables: { repo: /srv, user: { name: Ada } }\n`)).toEqual([message]);
  });

  test.each([
    ['{{ error.mesage }}', '`mesage` is not in error; there is name, message; did you mean `message`?'],
    [
      '{{ eror.message }}',
      'a template has no `eror`; there is event, error, variables, sequence; did you mean `error`?',
    ],
  ])('%s in on_error', (template, message) => {
    const text = withHandler('subscribe: a.b', `on_error: { type: x, payload: { p: "${template}" } }`);
    expect(messagesOf(text)[0]).toContain(message);
  });

  test('a capture is known after its wait_for, not before', () => {
    const publish = '- publish: { type: a.b, payload: { x: "{{ request.answer.payload.y }}" } }';
    const wait = '- wait_for: { type: a.c, within: 1s, as: answer }';
    expect(messagesOf(withFlow(publish, wait))).toEqual(['6:57: `answer` is not in request; there is name, trace_id']);
    expect(messagesOf(withFlow(wait, publish.replace('payload.y', 'paylaod.y')))[0]).toContain(
      '`paylaod` is not in request.answer',
    );
  });

  test('trace_id and source know no event', () => {
    expect(
      messagesOf(withRoot('requests: [{ name: r, trace_id: "{{ event.id }}", flow: [{ think: 1s }] }]'))[0],
    ).toContain('`event` is not known before a request starts');
    expect(
      messagesOf(withRoot('requests: [{ name: r, source: "{{ request.trace_id }}", flow: [{ think: 1s }] }]'))[0],
    ).toContain('`trace_id` is not in request; there is name');
  });

  test('conditions, block texts and escaped texts are checked as well', () => {
    expect(messagesOf(withHandler('subscribe: a.b', 'when: event.paylod.x > 1'))).toEqual([
      '7:21: `paylod` is not in event; there is id, type, source, trace_id, timestamp, payload; did you mean `payload`?',
    ]);
    const block = withHandler(
      'subscribe: a.b',
      'publish:',
      '  type: x',
      '  payload:',
      '    p: |',
      '      a',
      '      {{ event.idd }}',
    );
    expect(messagesOf(block)[0]).toMatch(/^10:16: `idd` is not in event/);
    expect(
      messagesOf(withHandler('subscribe: a.b', 'publish: { type: x, payload: { p: "\\u0041{{ event.idd }}" } }'))[0],
    ).toMatch(/^7:43: `idd`/);
  });
});
