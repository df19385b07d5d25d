#!/usr/bin/env node
import { existsSync } from 'node:fs'

// package.json's engines: what the tests were shown to pass on
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 15) || major === 23) {
  console.error(`ledgermesh needs Node 22.15 or newer (not 23); this is ${process.version}. In a clone, use \`npx ledgermesh …\`: it brings its own.`)
  process.exit(3)
}
if (!existsSync(new URL('../dist/src/cli/main.js', import.meta.url))) {
  console.error('ledgermesh is not built yet: run `npm run build` first.')
  process.exit(3)
}
// A daemon, or another command with this word in it, which loses 30 ms.
if (process.argv.includes('start')) (await import('../dist/src/cli/own-memory.js')).boundOwnMemory()
await import('../dist/src/cli/main.js')
