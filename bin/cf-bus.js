#!/usr/bin/env node
'use strict';
// No module is loaded before the version is checked: an old Node.js must be able to say what is wrong.
const [major, minor] = process.versions.node.split('.').map(Number);

function fail(what) {
  process.stderr.write(`cf-bus: ${what}\n`);
  process.exitCode = 2;
}

function start() {
  // React's development build measures every render and keeps the measurements for ever.
  process.env.NODE_ENV = 'production';
  const entry = require('node:path').join(__dirname, '..', 'dist', 'cli', 'main.js');
  try {
    require(entry);
  } catch (error) {
    if (process.env.CF_BUS_DEBUG === '1') throw error;
    if (error.code === 'MODULE_NOT_FOUND' && !require('node:fs').existsSync(entry)) {
      return fail('is not built yet\n  run: npm run build');
    }
    // A disk that fails, no descriptor left, an update in progress: the user's input is not to blame.
    fail(`cannot run: ${String(error.message).split('\n', 1)[0]}`);
    process.exitCode = 3;
  }
}

if (major < 20 || (major === 20 && minor < 19)) {
  fail(`needs Node.js 20.19 or newer, and this is ${process.versions.node}`);
} else {
  start();
}
