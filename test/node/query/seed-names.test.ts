/** What ANALYSIS.md calls things, in the library. */
import { afterEach, expect, test } from 'vitest'
import {
  createLedger,
  CrossLedgerQuery,
  interoperabilityPlugin,
  NetworkRegistry,
  syncPlugin,
  TrustManager
} from '../../../src/index.js'
import { temporaryFolder } from '../../helpers/temporary-folder.js'
import { signed, startNode } from '../../helpers/test-node.js'
import { stopAll } from '../../network/fixture.js'

afterEach(stopAll)

test('the snippet of ANALYSIS.md: both plugins, by their names there', async () => {
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    plugins: [
      interoperabilityPlugin({
        discovery: { method: 'registry', registryUrl: 'https://registry.example.org' },
        trust: { minTrustLevel: 0.7 }
      }),
      syncPlugin({
        autoSync: true,
        // only with trusted ledgers
        filterByTrust: true,
        minTrustLevel: 0.7
      })
    ]
  })
  try {
    const { entry } = await ledger.append({ stream: 'main', type: 'note', payload: 1 })
    expect((await ledger.query({ stream: 'main', type: 'note' })).entries).toMatchObject([{ id: entry.id }])
  } finally {
    await ledger.close()
  }
})

test('CrossLedgerQuery and TrustManager: ask what is trusted, follow what it refers to', async () => {
  const b = await startNode({ name: 'b' })
  const { entry: target } = await b.ledger.append({ stream: 'main', type: 'source', subject_oid: 'oid:x', payload: 1 })
  await signed(b)
  const a = await startNode({ name: 'a' })
  await a.connect(b.addr)
  const across = new CrossLedgerQuery(a.ledger)
  const manager = new TrustManager(a.ledger)
  const ask = async (trustLevel?: number) =>
    await across.query({ filters: { subject_oid: 'oid:x' }, ledgers: [b.id], trustLevel })
  expect((await ask(0.7)).sources).toEqual([])
  expect(await manager.establishTrust(b.id, 0.8, [a.id])).toEqual({
    fromLedgerId: a.id,
    toLedgerId: b.id,
    trustLevel: 0.8,
    trustType: 'full',
    verifiedBy: []
  })
  expect(await manager.getTrustLevel(a.id, b.id)).toBe(0.8)
  expect(await manager.verifyTrustChain(a.id, b.id)).toBe(true)
  const { results, aggregated, complete } = await ask(0.7)
  expect(results).toMatchObject([{ ledgerId: b.id, entries: [{ id: target.id }] }])
  expect(aggregated.map(({ hash }) => hash)).toEqual([target.hash])
  expect(complete).toBe(true)

  await a.sync.follow(b.id)
  await a.synced(b.id, b.ledger.parts.ledgers.own.size)
  const { entry } = await a.ledger.append({
    stream: 'main',
    type: 'derived',
    references: [{ ledgerId: b.id, entryId: target.id, referenceType: 'source' }]
  })
  expect((await across.followReferences(entry)).map(({ hash }) => hash)).toEqual([target.hash])
  expect(await across.followReferences(entry, 0)).toEqual([])
  await expect(ask(1.5)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(manager.establishTrust(b.id, 2)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('NetworkRegistry: on the list, and what its node says of itself', async () => {
  const registry = await startNode({ name: 'registry', interoperability: { registry: true } })
  const listed = await startNode({ name: 'listed', interoperability: { registries: [registry.addr] } })
  const asking = await startNode({ name: 'asking', interoperability: { registries: [registry.addr] } })
  const [mine, theirs] = [new NetworkRegistry(listed.ledger), new NetworkRegistry(asking.ledger)]
  await expect(mine.updateStatus(listed.id, 'offline')).rejects.toMatchObject({ code: 'UNREACHABLE' })
  await mine.register()
  await mine.updateStatus(listed.id, 'offline')
  await mine.updateStatus(listed.id, 'online')
  await expect(mine.updateStatus(asking.id, 'online')).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(mine.updateStatus(listed.id, 'away' as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  const found = (await theirs.discover({ capabilities: ['query'] })).find(({ ledger }) => ledger === listed.id)!
  expect(found).toMatchObject({ status: 'online', capabilities: expect.arrayContaining(['sync', 'query']) as string[] })
  expect(found.lastSeen).toBeGreaterThan(0)
  const node = (await theirs.getLedger(listed.id))!.nodes[0]!
  expect(node.lastSeen).toBeGreaterThan(0)
  expect(await theirs.discover({ capabilities: ['query', 'bogus'] })).toEqual([])
})
