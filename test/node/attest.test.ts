/** Attestations between nodes: lies first, then what is passed on and what is not. */
import { afterEach, expect, test } from 'vitest'
import { attest, type AttestItem } from '../../protocols/attest/index.js'
import { protocolHandler } from '../../src/network/host.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { WIRE, type BuiltInPlugin } from '../../src/node/plugins/built-in.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { Author } from '../ledger/support.js'

type Started = Awaited<ReturnType<typeof start>>
const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

/** Without DHT: who is connected to whom is the test's to say. */
async function start(name: string, access: 'public' | 'private' = 'public') {
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    name,
    access,
    dht: false,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
  open.push(ledger)
  return ledger
}

/** A node whose answers about attestations are these. */
async function startLiar(items: AttestItem[]) {
  const plugin: BuiltInPlugin<'liar'> = {
    id: 'liar',
    version: '1.0.0',
    [WIRE]: ({ host }) => {
      host().serve(protocolHandler(attest, { attestations: async () => items }))
    }
  }
  const ledger = await createLedger({ dataDir: await temporaryFolder(), name: 'liar', plugins: [plugin] })
  open.push(ledger)
  return ledger
}

const trustOf = (node: Started) => node.plugins.interoperability.trust
const connect = async (from: Started, to: { parts: Started['parts'] }): Promise<void> => {
  await from.plugins.interoperability.connect(to.parts.peerNetwork!.host.addrs()[0]!)
}

async function holds(node: Started, of: Started): Promise<void> {
  await expect.poll(() => node.parts.ledgers.get(of.id)?.audited, { timeout: 10_000 }).toBe(of.parts.ledgers.own.size)
}

const NOBODY = 'b' + 'a'.repeat(52)

function said(
  subject: string,
  type = 'trust.attestation'
): { stream: string; type: string; meta: Record<string, string | number | null> } {
  return { stream: 'trust', type, meta: { subject, level_milli: 800, kind: 'full', depth: 2, expires: null } }
}

test.each<[string, (author: Author) => Promise<AttestItem>]>([
  [
    'a forged signature',
    async (author) => ({
      attestation: { ...(await author.next(said(NOBODY))).raw, signature: new Uint8Array(64).fill(1) },
      acceptance: null
    })
  ],
  [
    'about somebody else',
    async (author) => ({ attestation: (await author.next(said(`b${'c'.repeat(51)}a`))).raw, acceptance: null })
  ],
  ['another entry', async (author) => ({ attestation: (await author.next()).raw, acceptance: null })],
  [
    'a level out of range',
    async (author) => ({
      attestation: (await author.next({ ...said(NOBODY), meta: { ...said(NOBODY).meta, level_milli: 1001 } })).raw,
      acceptance: null
    })
  ],
  [
    'not canonical',
    async () => ({ attestation: { header: Buffer.from('{"a":1 }'), signature: new Uint8Array(64) }, acceptance: null })
  ],
  [
    'an acceptance by another ledger',
    async (author) => {
      const attestation = await author.next(said(NOBODY))
      const other = await Author.create('other', 'main')
      return {
        attestation: attestation.raw,
        acceptance: (
          await other.next({
            stream: 'trust',
            type: 'trust.acceptance',
            meta: { ledger: author.id, attestation: attestation.hash }
          })
        ).raw
      }
    }
  ],
  [
    'an attestation as its own acceptance',
    async (author) => {
      const { raw } = await author.next(said(NOBODY))
      return { attestation: raw, acceptance: raw }
    }
  ]
])(
  'a peer that shows %s is dropped, and nothing of it is shown',
  async (_what, lie) => {
    const liar = await startLiar([await lie(await Author.create('author', 'main'))])
    const asker = await start('asker')
    await connect(asker, liar)
    expect(await trustOf(asker).find({ about: NOBODY })).toEqual([])
    await expect.poll(() => asker.parts.peerNetwork!.connections.peers(), { timeout: 5_000 }).toEqual([])
  },
  20_000
)

test('an attestation that was replayed or invented by its issuer is a hint and weighs nothing', async () => {
  const author = await Author.create('author', 'main')
  const liar = await startLiar([{ attestation: (await author.next(said(NOBODY))).raw, acceptance: null }])
  const asker = await start('asker')
  await connect(asker, liar)
  await trustOf(asker).attest({ ledger: author.id, levelMilli: 1000, kind: 'full', depth: 3 })
  expect(await trustOf(asker).find({ about: NOBODY })).toMatchObject([
    { issuer: author.id, level_milli: 800, accepted: false, counts: false }
  ])
  expect(await trustOf(asker).level({ to: NOBODY })).toMatchObject({ level_milli: 0 })
})

test('passed on: what is followed, and what its subject has accepted; not the rest, nor what was revoked or is private', async () => {
  const [issuer, subject, relay, asker] = (await Promise.all(
    ['issuer', 'subject', 'relay', 'asker'].map((name) => start(name))
  )) as [Started, Started, Started, Started]
  const { hash } = await trustOf(issuer).attest({ ledger: subject.id, levelMilli: 800 })
  for (const other of [issuer, subject, asker]) await connect(relay, other)
  for (const other of [issuer, subject]) await relay.plugins.sync.follow(other.id, { headers: true })
  await holds(relay, issuer)
  await holds(relay, subject)

  // followed
  expect(await trustOf(asker).find({ about: subject.id })).toMatchObject([
    {
      issuer: issuer.id,
      subject: subject.id,
      hash,
      level_milli: 800,
      accepted: false,
      counts: false,
      peers: [relay.parts.peerNetwork!.host.peerId]
    }
  ])
  expect(await trustOf(asker).find({ by: issuer.id })).toMatchObject([{ hash }])
  expect(await trustOf(asker).find({ by: subject.id })).toEqual([])
  expect(await trustOf(asker).find({ about: NOBODY })).toEqual([])
  // held, but not followed any more, and not accepted
  await relay.plugins.sync.unfollow(issuer.id)
  expect(await trustOf(asker).find({ about: subject.id })).toEqual([])
  // accepted
  await connect(subject, issuer)
  await subject.plugins.sync.follow(issuer.id, { headers: true })
  await holds(subject, issuer)
  await trustOf(subject).accept(hash)
  await holds(relay, subject)
  await expect
    .poll(() => trustOf(asker).find({ about: subject.id }), { timeout: 5_000 })
    .toMatchObject([{ hash, accepted: true, counts: false }])

  // the hint leads to the issuer: by its headers alone the attestation counts
  await connect(asker, issuer)
  await asker.plugins.sync.follow(issuer.id, { headers: true })
  await holds(asker, issuer)
  await trustOf(asker).attest({ ledger: issuer.id, levelMilli: 1000, kind: 'full' })
  expect(await trustOf(asker).explain({ to: subject.id })).toMatchObject({
    level_milli: 720,
    path: [{ to: issuer.id }, { attestation: hash }]
  })
  expect(await trustOf(asker).find({ about: subject.id })).toMatchObject([{ hash, counts: true }])

  await relay.plugins.sync.follow(issuer.id, { headers: true })
  await trustOf(issuer).revoke({ attestation: hash })
  for (const node of [relay, asker, subject]) await holds(node, issuer)
  await expect.poll(() => trustOf(asker).find({ about: subject.id }), { timeout: 5_000 }).toEqual([])
  expect(await trustOf(asker).level({ to: subject.id })).toMatchObject({ level_milli: 0 })
}, 60_000)

test("a private ledger's attestations are for its readers", async () => {
  const [issuer, asker] = await Promise.all([start('issuer', 'private'), start('asker')])
  await trustOf(issuer).attest({ ledger: NOBODY, levelMilli: 800 })
  await connect(asker, issuer)
  expect(await trustOf(asker).find({ about: NOBODY })).toEqual([])
  expect(await trustOf(asker).find({ by: issuer.id })).toEqual([])
  expect(asker.parts.peerNetwork!.connections.peers()).toHaveLength(1)
})
