// npm run puts the Node of node_modules first on PATH; `npm ci --ignore-scripts` leaves that Node out and silently falls back to the system's.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(`ledgermesh needs Node 24 or newer; this is ${process.version}.`)
  console.error('Run `npm ci` without --ignore-scripts (it brings Node 24 through the `node` package), then use `npm run …` or `npx …`.')
  process.exit(3)
}
