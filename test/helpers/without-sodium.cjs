/**
 * `NODE_OPTIONS="--require $PWD/test/helpers/without-sodium.cjs"`: as on a machine for which libsodium has no prebuilt
 * file. Workers and child processes have it too.
 */
const Module = require('node:module')
const resolve = Module._resolveFilename

Module._resolveFilename = function (name, ...rest) {
  if (name === 'sodium-native') throw new Error('left out by test/helpers/without-sodium.cjs')
  return resolve.call(this, name, ...rest)
}
