import { WIRE, type BuiltInPlugin, type NodeParts } from '../../src/node/plugins/built-in.js'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import {
  registry,
  registerAt,
  updateStatusAt,
  discoverAt,
  type Listing,
  type RegistrySource
} from '../../protocols/registry/index.js'
import { WireError, type SignedRecord } from '../../protocols/wire.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { decodeNodeRecord, encodeNodeRecord, type NodeRecord } from '../../src/core/node-record.js'
import { signingInput } from '../../src/core/signature.js'
import { protocolHandler } from '../../src/network/host.js'
import { systemClock } from '../../src/node/runtime/system.js'
import { Author } from '../core/author.js'
import { addrOf, closing, discover, peerOf, start, stopAll, type Started } from './started.js'

afterEach(stopAll)

const never = new AbortController().signal
const recordOf = (node: Started): Promise<SignedRecord> => node.parts.peerNetwork!.ownRecord()
const streamTo = (node: Started, peer: string) => node.parts.peerNetwork!.host.open(peer, registry, never)
const wireCode = async (call: Promise<unknown>): Promise<unknown> =>
  await call.then(
    () => 'done',
    (error: unknown) => (error instanceof WireError ? error.code : error)
  )

/** The record with other members, signed by `seed` or, without one, still by what was signed before. */
async function altered(signed: SignedRecord, members: Partial<NodeRecord>, seed?: Uint8Array): Promise<SignedRecord> {
  const signer = seed === undefined ? null : signingKeyFromSeed(seed)
  const body = encodeNodeRecord({
    ...decodeNodeRecord(signed.body),
    ...members,
    ...(signer === null ? {} : { key: signer.publicKey })
  })
  return {
    ...signed,
    body,
    signature: signer === null ? signed.signature : await signer.sign(signingInput('nodeRecord', body))
  }
}

test('a node registers, another finds it there, and it says when it goes', async () => {
  const hub = await start('hub', { registry: true })
  const a = await start('a', { region: 'eu' })
  expect(await a.plugins.interoperability.register(addrOf(hub))).toMatchObject([
    { registry: addrOf(hub), peer: peerOf(hub) }
  ])
  const b = await start('b')
  const found = await discover(b, { method: 'registry', registryPeer: addrOf(hub), region: 'eu' })
  expect(found).toMatchObject({
    contradictions: [],
    nodes: [
      {
        peer: peerOf(a),
        ledger: a.id,
        name: 'a',
        proof: 'shown',
        status: 'online',
        sources: ['registry', 'connection']
      }
    ]
  })
  expect((await discover(b, { method: 'registry', registryPeer: addrOf(hub), region: 'us' })).nodes).toEqual([])

  // Known by now because it is connected: no address is needed; a third node learns of one ledger.
  expect((await discover(b, { method: 'registry' })).nodes).toHaveLength(1)
  const c = await start('c', { registries: [addrOf(hub)] })
  expect(await c.plugins.interoperability.getLedger(a.id)).toMatchObject({
    ledger: a.id,
    name: 'a',
    nodes: [{ peer: peerOf(a) }]
  })
  await a.close()
  const { peerNetwork } = c.parts
  await peerNetwork!.connections.connect(addrOf(hub), never)
  expect(await discoverAt(await streamTo(c, peerOf(hub)), { limit: 8 }, { signal: never })).toMatchObject([
    { status: 'offline' }
  ])
  expect(await c.plugins.interoperability.getLedger(`b${'a'.repeat(52)}`)).toBeNull()
}, 30_000)

test("a registry takes no record but the peer's own, valid, in force and of a public ledger", async () => {
  const hub = await start('hub', { registry: true })
  const a = await start('a', { bootstrap: [addrOf(hub)] })
  const b = await start('b', { bootstrap: [addrOf(hub)] })
  const hidden = await start('hidden', { access: 'private', bootstrap: [addrOf(hub)] })
  const peer = peerOf(hub)
  const put = async (node: Started, record: SignedRecord): Promise<unknown> =>
    await wireCode(registerAt(await streamTo(node, peer), record, { signal: never }))
  const own = await recordOf(a)
  const seed = a.parts.home.peerKey
  const now = Date.now()
  expect(await put(a, await recordOf(b))).toBe('DENIED')
  expect(await put(a, await altered(own, { addrs: [] }))).toBe('INVALID')
  expect(await put(a, await altered(own, { network: 'other' }, seed))).toBe('INVALID')
  expect(await put(a, await altered(own, { issued: now - 2, expires: now - 1 }, seed))).toBe('INVALID')
  expect(await put(a, await altered(own, { issued: now + 3_600_000, expires: now + 7_200_000 }, seed))).toBe('INVALID')
  expect(await put(a, await altered(own, {}, Buffer.alloc(32, 66)))).toBe('INVALID')
  expect(await put(a, { ...own, keyEntries: (await recordOf(b)).keyEntries })).toBe('INVALID')
  expect(await put(hidden, await recordOf(hidden))).toBe('DENIED')
  expect(await put(a, own)).toBe('done')
  expect(await put(a, await altered(own, { seq: 1 }, seed))).toBe('INVALID')
  expect(await wireCode(updateStatusAt(await streamTo(b, peer), a.id, 'offline', { signal: never }))).toBe(
    'UNAVAILABLE'
  )
  expect(await discoverAt(await streamTo(b, peer), { limit: 8 }, { signal: never })).toMatchObject([
    { status: 'online' }
  ])
  await expect(hidden.plugins.interoperability.register(addrOf(hub))).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(a.plugins.interoperability.register(addrOf(b))).rejects.toMatchObject({ code: 'REFUSED' })
}, 30_000)

test('what a lying registry makes up is reported and not used', async () => {
  let listings: Listing[] = []
  const lies: RegistrySource = {
    register: async () => {},
    discover: async () => listings,
    getLedger: async () => listings,
    updateStatus: async () => {}
  }
  let late = 0
  const seeker = await start('seeker', { clock: { ...systemClock, now: () => systemClock.now() + late } })
  const honest = await start('honest')
  const hub = await startLiar(lies)
  const own = await recordOf(honest)
  const list = (...records: SignedRecord[]): void => {
    listings = records.map((record) => ({ record, status: 'online', updated: 1 }))
  }
  const look = async () => await discover(seeker, { method: 'registry', registryPeer: addrOf(hub) })
  const author = await Author.create(30)

  // Forged, of another network, for another ledger's name, expired.
  const now = Date.now()
  list(
    await altered(own, { addrs: [] }),
    await altered(own, { network: 'other' }, Buffer.alloc(32, 66)),
    await altered(own, { ledger: author.ledger }, Buffer.alloc(32, 66)),
    await altered(own, {}, Buffer.alloc(32, 66)),
    await altered(own, { issued: now - 2, expires: now - 1 }, honest.parts.home.peerKey)
  )
  const first = await look()
  expect(first.nodes).toEqual([])
  expect(first.contradictions.map(({ source }) => source)).toEqual(Array.from({ length: 5 }, () => 'registry'))
  expect(seeker.parts.peerNetwork!.directory.get(peerOf(honest))).toBeNull()

  // A record by another ledger's own key that claims the peer: it checks, but the peer says otherwise when it is met.
  const thief = await start('thief')
  const stolen = await recordOf(thief)
  const body = encodeNodeRecord({
    ...decodeNodeRecord(stolen.body),
    peer_id: peerOf(honest),
    addrs: [addrOf(honest)],
    seq: now + 1000
  })
  list({ ...stolen, body, signature: await thief.parts.home.signingKey.sign(signingInput('nodeRecord', body)) })
  const second = await look()
  expect(second.nodes).toMatchObject([{ peer: peerOf(honest), ledger: honest.id }])
  expect(second.contradictions.map(({ ledger }) => ledger)).toEqual(expect.arrayContaining([honest.id, thief.id]))
  expect(second.contradictions).toHaveLength(2)

  // The true one, then an older one than is known.
  list(own)
  expect((await look()).nodes).toMatchObject([
    { peer: peerOf(honest), ledger: honest.id, sources: ['registry', 'connection'] }
  ])
  list(await altered(own, { seq: 1 }, honest.parts.home.peerKey))
  expect((await look()).contradictions).toEqual([]) // it may not have heard of the newer one yet
  late = 90_000
  expect((await look()).contradictions.at(-1)).toMatchObject({
    peer: peerOf(honest),
    problem: expect.stringContaining('older record') as string
  })

  // Another ledger than was asked for.
  list(own)
  const wanted = `b${'a'.repeat(52)}`
  expect(await seeker.plugins.interoperability.getLedger(wanted)).toBeNull()
  expect(seeker.parts.peerNetwork!.directory.contradictions.list().at(-1)!.problem).toContain(
    `gives ${honest.id} for ${wanted}`
  )
}, 30_000)

async function startLiar(lies: RegistrySource): Promise<Started> {
  const { createLedger } = await import('../../src/node/create-ledger.js')
  const { interoperabilityPlugin } = await import('../../src/node/plugins/interoperability-plugin.js')
  const { syncPlugin } = await import('../../src/node/plugins/sync-plugin.js')
  const { temporaryFolder } = await import('../helpers/temporary-folder.js')
  const plugin = interoperabilityPlugin()
  return closing(
    await createLedger({
      dataDir: await temporaryFolder(),
      name: 'liar',
      dht: false,
      plugins: [
        {
          ...plugin,
          [WIRE]: (parts: NodeParts) => {
            parts.host().serve(protocolHandler(registry, lies), 'registry')
            return (plugin as BuiltInPlugin)[WIRE](parts)
          }
        },
        syncPlugin()
      ]
    })
  )
}

test('a registry on the web: records are checked, and nothing but records is read', async () => {
  const honest = await start('honest')
  const seeker = await start('seeker')
  const own = await recordOf(honest)
  const json = ({ body, signature, keyEntries }: SignedRecord) => ({
    body: Buffer.from(body).toString(),
    signature: Buffer.from(signature).toString('hex'),
    keyEntries: keyEntries.map((entry) => ({
      header: Buffer.from(entry.header).toString(),
      signature: Buffer.from(entry.signature).toString('hex')
    }))
  })
  let answer = JSON.stringify({ records: [json(own), json(await altered(own, { seq: 5 }))], more: 'ignored' })
  let status = 200
  const server = await web((path) => ({ status: path === '/api/ledgers' ? status : 404, body: answer }))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`
  const look = async (registryUrl = url) => await discover(seeker, { method: 'registry', registryUrl })
  expect(await look()).toMatchObject({
    nodes: [{ peer: peerOf(honest), ledger: honest.id, sources: ['registry', 'connection'] }],
    contradictions: [{ source: 'registry' }]
  })

  const code = async (registryUrl = url): Promise<unknown> =>
    await look(registryUrl).catch((error: { code: string }) => error.code)
  for (const wrong of [
    '',
    '[]',
    '{}',
    '{"records":{}}',
    '{"records":[{"body":"","signature":"","keyEntries":[]}]}',
    '{"records":[],"records":[]}',
    '{"records":[]',
    '\ufffd{'
  ]) {
    answer = wrong
    expect(await code()).toBe('MALFORMED')
  }
  answer = ' '.repeat(4 * 1024 * 1024 + 1)
  expect(await code()).toBe('TOO_LARGE')
  status = 302
  expect(await code()).toBe('UNREACHABLE')
  for (const bad of [
    'http://192.0.2.1',
    'ftp://127.0.0.1',
    'nonsense',
    'http://127.0.0.1.example.org',
    `https://example.org/${'x'.repeat(512)}`
  ])
    expect(await code(bad)).toBe('INVALID_PARAMS')
}, 30_000)

async function web(answer: (path: string) => { status: number; body: string }): Promise<Server> {
  const server = createServer((request, response) => {
    const { status, body } = answer(request.url!)
    response.writeHead(status, status === 302 ? { location: '/api/ledgers' } : {}).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing({
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    }
  })
  return server
}
