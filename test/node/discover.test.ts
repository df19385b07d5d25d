import { afterEach, expect, test } from 'vitest'
import type { InteroperabilityMethods } from '../../src/node/api/network.js'
import { addrOf, discover, peerOf, start, stopAll } from './started.js'

afterEach(stopAll)

test('with the DHT off, nodes are found by address; the union names every way', async () => {
  const a = await start('a', { region: 'eu' })
  const b = await start('b')
  const first = await discover(b, { method: 'manual', bootstrapNodes: [addrOf(a)] })
  expect(first.contradictions).toEqual([])
  expect(first.nodes).toMatchObject([
    {
      peer: peerOf(a),
      ledger: a.id,
      name: 'a',
      proof: 'shown',
      status: 'online',
      sources: ['manual', 'connection'],
      metadata: { region: 'eu' }
    }
  ])
  expect((await discover(b, { region: 'us' })).nodes).toEqual([])
  expect((await discover(b, { region: 'eu', capability: 'sync' })).nodes).toHaveLength(1)
  expect((await discover(b, { capability: 'registry' })).nodes).toEqual([])
  expect(b.parts.peerNetwork!.host.dhtMode()).toBe('off')
  await a.close()
  await expect.poll(async () => (await discover(b)).nodes[0]?.status).toBe('offline')
})

test('what cannot be searched is refused', async () => {
  const a = await start('a')
  const code = async (options: Parameters<InteroperabilityMethods['discover']>[0]): Promise<unknown> =>
    await discover(a, options).catch((error: { code: string }) => error.code)
  expect(await code({ method: 'dns' })).toBe('INVALID_PARAMS')
  expect(await code({ method: 'registry' })).toBe('INVALID_PARAMS')
  expect(await code({ method: 'manual', bootstrapNodes: ['/ip4/127.0.0.1/tcp/1'] })).toBe('BAD_ADDRESS')
  expect(await code({ method: 'dns', domain: 'not a domain' })).toBe('INVALID_PARAMS')
  expect(await code({ registryUrl: 'http://192.0.2.1', method: 'registry' })).toBe('INVALID_PARAMS')
})

test('a node that is not there is named, and offline', async () => {
  const a = await start('a')
  const address = '/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
  expect(await discover(a, { method: 'manual', bootstrapNodes: [address] })).toMatchObject({
    nodes: [{ ledger: null, status: 'offline', sources: ['manual'], addrs: [address] }]
  })
})

test('trust filters what is found', async () => {
  const a = await start('a')
  const b = await start('b', { bootstrap: [addrOf(a)] })
  await b.plugins.interoperability.trust.attest({ ledger: a.id, levelMilli: 700 })
  await expect
    .poll(async () => (await discover(b, { minTrustMilli: 700 })).nodes.map(({ trustMilli }) => trustMilli))
    .toEqual([700])
  expect((await discover(b, { minTrustMilli: 701 })).nodes).toEqual([])
  expect((await b.plugins.interoperability.findLedgers({ minTrustMilli: 700 })).map(({ name }) => name)).toEqual([
    'b',
    'a'
  ])
  expect((await b.plugins.interoperability.findLedgers({ minTrustMilli: 701 })).map(({ name }) => name)).toEqual(['b'])
})

test('a second node speaks for the ledger once it is authorised, and no more once it is revoked', async () => {
  const org = await start('org')
  const second = await start('second', { speaksFor: org.id, bootstrap: [addrOf(org)] })
  await second.plugins.sync.follow(org.id)
  const third = await start('third', { bootstrap: [addrOf(org), addrOf(second)] })
  await third.plugins.sync.follow(org.id)
  const directory = third.parts.peerNetwork!.directory
  await expect.poll(async () => (await third.plugins.sync.status(org.id))[0]?.status).toBe('synced')
  await expect.poll(() => directory.get(peerOf(second))?.proof).toBe('claimed')
  expect(directory.provenLedger(peerOf(second))).toBeNull()
  expect(third.parts.peerNetwork!.connections.peers().find(({ peer }) => peer === peerOf(second))).toMatchObject({
    ledger: null,
    name: null
  })

  await org.plugins.interoperability.authorizeNode(peerOf(second))
  await expect.poll(() => directory.provenLedger(peerOf(second))).toBe(org.id)
  expect(directory.get(peerOf(second))).toMatchObject({ proof: 'proven' })
  expect((await third.plugins.interoperability.getLedger(org.id))!.nodes.map(({ peer }) => peer).toSorted()).toEqual(
    [peerOf(org), peerOf(second)].toSorted()
  )

  await org.plugins.interoperability.revokeNode(peerOf(second))
  await expect.poll(() => directory.provenLedger(peerOf(second))).toBeNull()
  await expect(org.plugins.interoperability.authorizeNode('nobody')).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
}, 20_000)

test('a node says that it can do what it serves, and nothing else; nobody can say it in its place', async () => {
  const [plain, registry] = [
    await start('plain'),
    await start('registry', { registry: true, capabilities: ['dns:acme.example'] })
  ]
  await plain.plugins.interoperability.connect(addrOf(registry))
  const said = (await discover(plain, { method: 'peer-to-peer' })).nodes.map(({ capabilities }) => capabilities)
  expect(said).toEqual([['sync', 'dns:acme.example', 'registry', 'query']])
  for (const claimed of ['sync', 'query', 'cross-ref', 'registry']) {
    await expect(start('liar', { capabilities: [claimed] })).rejects.toMatchObject({
      code: 'INVALID_PARAMS',
      message: expect.stringContaining(claimed)
    })
  }
}, 20_000)

test('DHT providers that are not what they claim are reported', async () => {
  const hub = await start('hub', { dht: true })
  const liar = await start('liar', { dht: true, bootstrap: [addrOf(hub)] })
  const seeker = await start('seeker', { dht: true, bootstrap: [addrOf(hub)] })
  liar.parts.peerNetwork!.providers.provideCapability('witness')
  await expect
    .poll(async () => (await discover(seeker, { method: 'peer-to-peer', capability: 'witness' })).contradictions, {
      timeout: 15_000,
      interval: 300
    })
    .toMatchObject([{ source: 'dht', peer: peerOf(liar), ledger: liar.id }])
  expect((await discover(seeker, { method: 'peer-to-peer', capability: 'witness' })).nodes).toEqual([])
}, 30_000)
