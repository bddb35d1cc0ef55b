/** `npm run torture [-- OPTIONS]`: the torture tests, which are TypeScript, as a program. */
import { pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';

// Certificates add 40 to 55 ms to each start of Node.js, and there are thousands.
delete process.env.NODE_EXTRA_CA_CERTS;
// Before React is loaded: its development build keeps measurements for ever.
process.env.NODE_ENV = 'production';
const { main } = await import(pathToFileURL(await bundle('main.ts')).href);
await main(process.argv.slice(2));
// A part that failed half-way may have left something open.
process.exit();
