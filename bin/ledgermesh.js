#!/usr/bin/env node
import { existsSync } from 'node:fs'

const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(`ledgermesh needs Node 24 or newer; this is ${process.version}. In a clone, use \`npx ledgermesh …\`: it brings its own.`)
  process.exit(3)
}
if (!existsSync(new URL('../dist/src/cli/main.js', import.meta.url))) {
  console.error('ledgermesh is not built yet: run `npm run build` first.')
  process.exit(3)
}
await import('../dist/src/cli/main.js')
