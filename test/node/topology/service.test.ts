import { afterEach, expect, test } from 'vitest'
import { createLedger, type MeshLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../../src/node/plugins/sync-plugin.js'
import { topology as shape } from '../../../src/rpc/methods/topology-shape.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'

const open: MeshLedger[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

async function start(name: string) {
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    name,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
  open.push(ledger)
  return ledger
}

test('two nodes that mirror each other, and one refers to the other', async () => {
  const [one, two] = [await start('one'), await start('two')]
  const draw = () => one.plugins.interoperability.topology()
  await one.plugins.interoperability.connect(two.parts.peerNetwork!.host.addrs()[0]!)
  expect(await draw()).toMatchObject({
    self: one.id,
    selfPeer: one.parts.peerNetwork!.host.peerId,
    nodes: [
      { id: one.id, name: 'one', own: true, nodes: [{ proven: true, connected: true }] },
      // Its ledger is not held: what its record says is not proven, and draws nothing.
      { id: two.id, name: 'two', own: false, followed: false, size: null, nodes: [{ proven: false, connected: true }] }
    ],
    edges: []
  })

  await two.plugins.sync.follow(one.id)
  await one.plugins.sync.follow(two.id)
  await one.plugins.sync.pull(two.id)
  await two.plugins.sync.pull(one.id)
  await expect
    .poll(
      async () => (await draw()).edges.map(({ type, from, to, config }) => [type, from, to, config.bidirectional]),
      { timeout: 10_000 }
    )
    .toEqual([
      ['sync', one.id, two.id, true],
      ['sync', two.id, one.id, true]
    ])

  await two.append({
    stream: 's',
    type: 't',
    references: [{ ledgerId: one.id, entryId: 'genesis', referenceType: 'source' }]
  })
  await expect
    .poll(async () => (await draw()).edges.at(-1), { timeout: 10_000 })
    .toMatchObject({
      type: 'reference',
      from: two.id,
      to: one.id,
      config: { count: 1, types: { source: 1 }, unresolved: 0 }
    })
  const drawn = await draw()
  expect(shape.safeParse(drawn).error).toBeUndefined()
  expect(drawn.references).toEqual({ counted: 3, held: 3 })
  expect(drawn.nodes[1]).toMatchObject({
    id: two.id,
    followed: true,
    size: 2,
    status: 'synced',
    publicKey: two.parts.ledgers.own.chain!.key,
    nodes: [{ proven: true }]
  })

  await two.close()
  await expect
    .poll(async () => (await draw()).edges.filter(({ from, type }) => type === 'sync' && from === two.id), {
      timeout: 10_000
    })
    .toEqual([])
}, 30_000)
