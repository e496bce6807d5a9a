// Makes ssh2's native addon and cpu-features fail to load, as on a machine that did not build them:
// node --require ./test/support/without-addon.cjs, or NODE_OPTIONS='--require …' for a whole test run.

'use strict'

const Module = require('node:module')

const load = Module._load

Module._load = function loadUnlessNative(request, ...rest) {
  if (/(^|\/)sshcrypto\.node$|^cpu-features$/.test(request)) {
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code: 'MODULE_NOT_FOUND' })
  }
  return load.call(this, request, ...rest)
}
