/** Scenario files that are YAML, with values that no scenario can mean, and with work that must be bounded. */
import { bytes, type Expectation, type FileCase } from './case.js';
import { BASE, withRoot } from './scenario-yaml.js';

function handler(keys: string): string {
  return BASE.replace('delay: 1ms', keys);
}

function flow(steps: string): string {
  return BASE.replace(/flow: .*\n/, `flow: [${steps}] }\n`);
}

/** `BASE` whose handler publishes a payload with this template. */
function template(text: string): string {
  return BASE.replace('{ type: page.served }', `{ type: page.served, payload: { a: ${JSON.stringify(text)} } }`);
}

function each(
  expect: Expectation,
  what: string,
  make: (value: string) => string,
  values: readonly string[],
): FileCase[] {
  return values.map((value) => bytes(`${what} ${value.slice(0, 60)}`, expect, make(value)));
}

const DURATIONS = each('refused', 'the delay', (value) => handler(`delay: ${value}`), [
  '80',
  '-1ms',
  '1e3ms',
  '1 ms',
  'ms',
  '""',
  '1ms1',
  '99999999999999999d',
  '1y',
  '.inf',
  'null',
  '[]',
  '{ type: normal }',
  '{ type: uniform, min: 5ms, max: 1ms }',
  '{ type: normal, mean: 1ms, stddev: -1ms }',
  '{ type: lognormal, median: 0ms, p99: 0ms }',
  '{ type: lognormal, median: 5s, p99: 1ms }',
  '{ type: gamma, mean: 1ms }',
  '{ type: __proto__ }',
]);

const NUMBERS = [
  ...each('refused', 'the concurrency', (value) => handler(`concurrency: ${value}`), [
    '0',
    '-1',
    '1.5',
    '1e99',
    '.nan',
    '"2"',
    'true',
  ]),
  ...each('refused', 'the seed', (value) => withRoot(`seed: ${value}`), [
    '-1',
    '1.5',
    '1e400',
    '12345678901234567890',
    '0x',
    'x',
  ]),
  ...each('refused', 'the version', (value) => BASE.replace('version: 1', `version: ${value}`), [
    '0',
    '2',
    'yes',
    '"1"',
    '1.1',
    '[1]',
    '',
  ]),
  ...each('fine', 'the version', (value) => BASE.replace('version: 1', `version: ${value}`), [
    '1.0',
    '0x1',
    '01',
    '1e0',
    '+1',
  ]),
  ...each('refused', 'a retry of', (value) => handler(`retry: ${value}`), [
    '3',
    '{ attempts: 0 }',
    '{ attempts: 1e9 }',
    '{}',
    '{ attempts: 2, jitter: 500% }',
    '{ attempts: 2, backoff: magic }',
  ]),
  ...each('refused', 'a queue of', (value) => handler(`queue: ${value}`), [
    '-1',
    '{ size: -1 }',
    '{ size: 1.5 }',
    '{ size: 1, overflow: explode }',
  ]),
  ...each('refused', 'a fault of', (value) => handler(`faults: [${value}]`), [
    '{ type: explode }',
    '{ type: error, probability: 101% }',
    '{ type: error, probability: -1 }',
    '{ type: down, from: 5s, until: 1s }',
    '{ type: slow }',
    '{}',
    'null',
    '{ type: error, probability: .nan }',
  ]),
];

const NAMES = [
  ...each(
    'refused',
    'the pattern',
    (value) => BASE.replace('subscribe: page.asked', `subscribe: ${JSON.stringify(value)}`),
    ['', '.', 'a..b', '.a', 'a.', 'a b', 'é', '***', 'a.**b', 'x'.repeat(201), 'a.'.repeat(150), '\u001b', 'a\n'],
  ),
  ...each('refused', 'the type', (value) => flow(`{ publish: { type: ${JSON.stringify(value)} } }`), [
    '*',
    'a.*',
    '',
    '..',
    'a/b',
    'constructor.',
    'x'.repeat(201),
  ]),
  ...each('refused', 'the service', (value) => BASE.replace('web:', `${JSON.stringify(value)}:`), [
    '',
    ' ',
    'a.b',
    '../../x',
    'x'.repeat(101),
    '\u202e',
    'a\u0000',
  ]),
  ...each('refused', 'the request', (value) => BASE.replace('name: visit', `name: ${JSON.stringify(value)}`), [
    '',
    '<script>',
    'a\u0007',
  ]),
  ...each('refused', 'services that are', (value) => BASE.replace(/services:\n(?: .*\n)+/, `services: ${value}\n`), [
    'null',
    '[]',
    '5',
    'text',
    '{ a: 5 }',
    '{ a: { handlers: [] } }',
    '{ a: { handlers: { h: {} } } }',
    '{ a: { handlers: { h: { subscribe: [] } } } }',
  ]),
];

const FLOWS = [
  ...each('refused', 'the step', flow, [
    '',
    '{}',
    'publish',
    '{ publish: {} }',
    '{ jump: 5 }',
    '{ wait_for: { type: a } }',
    '{ loop: { count: 0, flow: [{ think: 1ms }] } }',
    '{ loop: { count: 1e9, flow: [{ think: 1ms }] } }',
    '{ loop: { count: 2, flow: [] } }',
    '{ publish: { type: a }, think: 1ms }',
    '{ wait_for: { type: a, within: 1s, as: __proto__ } }',
  ]),
  ...each('refused', 'the phases', (value) => withRoot(`phases: ${value}`), [
    '5',
    '[5]',
    '[{}]',
    '[{ arrival_rate: 1 }]',
    '[{ arrival_rate: -1, duration: 1s }]',
    '[{ arrival_rate: 1e9, duration: 1s }]',
    '[{ arrival_count: 1e9 }]',
    '[{ pause: 400d }]',
    '[{ arrival_rate: .inf, duration: 1s }]',
  ]),
  ...each('refused', 'the expectation', (value) => withRoot(`expect: [${value}]`), [
    '5',
    '{}',
    '{ never: "a b" }',
    '{ metric: nobody.p95, below: 1ms }',
    '{ metric: serve.p95 }',
    '{ event: a }',
    '{ event: a, count: { min: 5, max: 1 } }',
    '{ metric: error_rate, below: 500% }',
    '{ metric: __proto__.p95, below: 1ms }',
  ]),
  bytes(
    'a flow of loops in loops, ninety deep',
    'either',
    flow(`${'{ loop: { count: 1, flow: ['.repeat(45)}{ think: 1ms }${'] } }'.repeat(45)}`),
  ),
];

const TEMPLATES = [
  ...each('refused', 'the template', template, [
    '{{',
    '{{ }}',
    '{% %}',
    '{% if %}',
    '{{ event.payload.a | unknown }}',
    "{% include '/etc/passwd' %}",
    "{% render 'x' %}",
    "{% layout 'x' %}{% block a %}{% endblock %}",
    '{{ a b }}',
    '{{ nobody.x }}',
    '{{ event.constructor }}',
    '{{ event.__proto__.polluted }}',
    '{{ variables.toString }}',
    `{{ ${'('.repeat(5_000)} }}`,
    `{{ "${'x'.repeat(70_000)}" }}`,
    '{% increment a %}',
    '{{ event.payload.a | sample }}',
  ]),
  ...each('either', 'the template', template, [
    '{% for i in (1..1000000000) %}x{% endfor %}',
    '{% for i in (1..30000) %}{% for j in (1..30000) %}{{ i }}{% endfor %}{% endfor %}',
    "{% assign a = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}{{ a }}",
    "{% assign a = 'x,x' | split: ',' %}{% for i in (1..40) %}{% assign a = a | concat: a %}{% endfor %}{{ a | size }}",
    '{{ (1..1000000000) | join }}',
    '{{ event | }}',
    '{{ "now" | date: "%s" }}',
    '{{ 1 | divided_by: 0 }}',
    '{{ 1e308 | times: 1e308 }}',
    '{{ event.payload.missing }}',
    '{{ "a" | replace: "", "xxxxxxxxxxxxxxxxxxxxxxxx" }}',
    '{% raw %}{{ x }}{% endraw %}',
    '{{ event.payload | json }}',
    '{{ "%" | url_decode }}',
    `{% if ${'event.payload.a == 1 and '.repeat(1_000)} true %}x{% endif %}`,
    `${'{% if true %}'.repeat(500)}${'{% endif %}'.repeat(500)}`,
  ]),
];

const WORK = [
  bytes(
    'a handler that sets itself off',
    'either',
    BASE.replace('page.served', 'page.asked'),
    /page\.asked → page\.asked/,
  ),
  bytes(
    'two handlers that set each other off, with two events each',
    'either',
    BASE.replace('[{ type: page.served }]', '[{ type: page.asked }, { type: page.asked }]'),
  ),
  bytes(
    'a handler that hears everything and publishes',
    'either',
    BASE.replace('subscribe: page.asked', 'subscribe: "**"'),
  ),
  bytes('a handler that hangs', 'either', handler('faults: [{ type: hang, probability: 100% }]')),
  bytes(
    'a handler that hangs and is tried a thousand times',
    'either',
    handler('timeout: 1ms, retry: { attempts: 1000, delay: 0ms }, faults: [{ type: hang, probability: 1 }]'),
  ),
  bytes('waits for what never comes', 'either', flow('{ wait_for: { type: never.comes, within: 365d } }')),
  bytes('a year of thinking', 'fine', flow('{ think: 365d }')),
  bytes('a queue without room', 'either', handler('concurrency: 1, queue: { size: 0, overflow: drop_newest }')),
  bytes('code of its own without leave', 'refused', handler('module: ./evil.js'), /allow-modules/),
  bytes('code of the system', 'refused', handler('module: node:child_process')),
  bytes('code behind a long way up', 'refused', handler(`module: ${'../'.repeat(40)}etc/passwd`)),
  bytes('a variable that means itself', 'either', withRoot('variables: { a: "{{ variables.a }}" }')),
];

export const valueCases: readonly FileCase[] = [...DURATIONS, ...NUMBERS, ...NAMES, ...FLOWS, ...TEMPLATES, ...WORK];
