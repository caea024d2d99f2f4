#!/usr/bin/env node
'use strict';
// The command: becomes the program, as far as Node can.

const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const { program } = require('./program.js');

let path;
try {
  path = program();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const child = spawn(path, process.argv.slice(2), { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
