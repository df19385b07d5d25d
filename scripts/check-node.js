// npm run puts the Node of node_modules first on PATH; `npm ci --ignore-scripts` leaves that Node out and silently
// falls back to the system's.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 15) || major === 23) {
  console.error(`ledgermesh needs Node 22.15 or newer (not 23); this is ${process.version}.`)
  console.error(
    'Run `npm ci` without --ignore-scripts (it brings Node 24 through the `node` package), then use `npm run …` or `npx …`.'
  )
  process.exit(3)
}
