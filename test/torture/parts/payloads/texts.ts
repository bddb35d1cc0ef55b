/** What is sent into a session: secrets at paths that are redacted, and JSON that is written in unusual ways. */
import { SECRET } from './redaction.js';

/** In the same payload as the secret, at a path that is shown. */
export const SEEN = 'V1S1BLE';
export const REDACT = ['user.password', '*.token', 'items[*].card', '["api key"]'];
export const TOLD = JSON.stringify({
  user: { name: SEEN, password: SECRET },
  session: { token: SECRET },
  items: [{ card: SECRET }, { card: [SECRET], note: SEEN }],
  'api key': `x${SECRET}`,
});
export const SCENARIO = `version: 1
services:
  keeper:
    handlers:
      keep: { subscribe: "torture.**" }
      refuse: { subscribe: torture.refused, faults: [{ type: error, probability: 100%, message: no }] }
`;

/** JSON that is written in unusual ways. */
export const TEXTS: readonly string[] = [
  '{"a":1,"a":2}',
  '{"\\u0061":"\\u001b[2J\\ud83d\\ude00\\ud83d"}',
  ' \t\r\n{ "a" : [ ] }\n\n',
  '{"n":[1e5,1E-7,-0,-0.0,123456789012345678901234567890,0.1e1]}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '{"event":"log_gap","seq":-1,"level":"fatal","session":"forged","payload":{"event":"forged"}}',
  `{"deep":${'['.repeat(62)}${']'.repeat(62)}}`,
  `{"deep":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  '{"huge":[1e999]}',
];
