'use strict';
// Where the program of this machine is: in the package for its system, which npm installs as an optional dependency.

const path = require('node:path');

function program() {
  const name = `pinstripe-server-${process.platform}-${process.arch}`;
  let manifest;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch {
    throw new Error(
      `The package ${name} is not installed. Either there is none for this system, or it was left out: ` +
        'install pinstripe-server with optional dependencies, on the system that it is to run on.',
    );
  }
  return path.join(path.dirname(manifest), 'pinstripe');
}

module.exports = { program };
