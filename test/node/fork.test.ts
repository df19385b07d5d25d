import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { WireError } from '../../protocols/wire.js'
import { decodeEntry } from '../../src/core/entry.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { verifySignature } from '../../src/core/signature.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { Author, flipBit } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

const notes = (who: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: 'main', type: 'note', payload: { who, n } }))

/** The same keys and the same first five entries in two folders; each goes its own way from there. */
async function twins(): Promise<{ one: TestNode; two: TestNode }> {
  const one = await startNode({ name: 'forker' })
  await one.ledger.appendBatch(notes('both', 4))
  await one.close()
  const folder = await temporaryFolder()
  for (const name of ['ledger.key', 'next.key', 'signer.json', 'db'])
    await cp(join(one.dataDir, name), join(folder, name), { recursive: true })
  return { one: await startNode({ dataDir: one.dataDir }), two: await startNode({ dataDir: folder }) }
}

test('two nodes with one key: a follower of both freezes where they part, and keeps, lists, serves and spreads the evidence', async () => {
  const { one, two } = await twins()
  expect(two.id).toBe(one.id)
  await one.ledger.appendBatch(notes('one', 3))
  await two.ledger.appendBatch(notes('two', 6))
  const follower = await startNode()
  await follower.connect(one.addr)
  await follower.sync.follow(one.id)
  await follower.synced(one.id, 8)
  await follower.connect(two.addr)
  await follower.becomes(one.id, { status: 'stalled', stall: { code: 'FROZEN' } })
  const mirror = follower.mirror(one.id)
  expect(mirror).toMatchObject({ frozenAt: 5, visible: 5, size: 8 })
  const [listed] = await nodeOf(follower.ledger, 0).evidence.list()
  expect(listed).toMatchObject({ kind: 'same-seq', seq: 5, ledger: one.id })
  expect(await verifyEvidence(Buffer.from(listed!.evidence), { verify: verifySignature })).toMatchObject({ seq: 5 })
  expect(await follower.ledger.get({ seq: 4 }, one.id)).toMatchObject({ payload: { who: 'both', n: 3 } })
  expect(await follower.ledger.get({ seq: 5 }, one.id)).toBe(null)
  expect((await follower.ledger.query({ stream: 'main' }, one.id)).entries).toHaveLength(4)

  const second = await startNode()
  await second.connect(follower.addr)
  await second.sync.follow(one.id)
  await second.becomes(one.id, { status: 'stalled', stall: { code: 'FROZEN' } })
  // It may have found a holder of one side first: what it shows counts.
  await expect.poll(() => second.mirror(one.id).visible).toBe(5)
  expect(await second.mirror(one.id).evidence()).toEqual(await mirror.evidence())
  expect(second.mirror(one.id).visible).toBe(5)
  expect([...follower.errors(), ...second.errors()]).toEqual([])
})

test('two nodes with one key that meet: both stop signing', async () => {
  const { one, two } = await twins()
  await one.ledger.appendBatch(notes('one', 3))
  await two.ledger.appendBatch(notes('two', 1))
  await two.connect(one.addr)
  await expect
    .poll(() => [one.ledger.parts.ledgers.own.signer, two.ledger.parts.ledgers.own.signer], { timeout: 10_000 })
    .toEqual(['restoring', 'restoring'])
  await expect(two.ledger.append(notes('two', 1)[0]!)).rejects.toMatchObject({ code: 'RESTORING' })
  // R4: both are alarmed, each once, and nothing else is wrong
  const alarm = expect.stringMatching(
    /^the own ledger must not be signed yet \{"event":"signer.held","state":\{"phase":"twin"/
  )
  await expect.poll(() => [one.errors(), two.errors()]).toEqual([[alarm], [alarm]])
})

test('a follower with a short prefix of the other branch finds the fork as well', async () => {
  const { one, two } = await twins()
  await one.ledger.appendBatch(notes('one', 200))
  await two.ledger.appendBatch(notes('two', 1))
  const follower = await startNode()
  await follower.connect(two.addr)
  await follower.sync.follow(one.id)
  await follower.synced(one.id, 6)
  await follower.connect(one.addr)
  await follower.becomes(one.id, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(follower.mirror(one.id).frozenAt).toBe(5)
  expect(follower.errors()).toEqual([])
})

test('an entry in the middle that its author did not sign: the audit makes evidence, and freezes below it', async () => {
  const author = await Author.create()
  while (author.size < 20) await author.append()
  const { header } = (await author.make()).raw
  const bad = decodeEntry({ header, signature: flipBit((await author.make()).raw.signature, 100), payload: null })
  author.entries.push(bad)
  while (author.size < 60) await author.append()
  const peer = await TestPeer.start({ authors: [author] })
  const follower = await startNode()
  await peer.connect(follower.addr)
  await follower.sync.follow(author.ledger)
  await follower.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' }, audited: 20 })
  expect(follower.mirror(author.ledger)).toMatchObject({ frozenAt: 20, visible: 20, size: 60 })
  expect(await nodeOf(follower.ledger, 0).evidence.list(author.ledger)).toMatchObject([{ kind: 'rule-broken' }])
  expect(peer.gone).toEqual([])
  await expect.poll(() => peer.told.evidence).toEqual([author.ledger])

  const second = await startNode()
  await second.connect(follower.addr)
  await second.sync.follow(author.ledger)
  await second.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  await expect.poll(() => second.mirror(author.ledger).visible, { timeout: 10_000 }).toBe(20)
  expect([...follower.errors(), ...second.errors()]).toEqual([])
})

test.each([511, 512])(
  'a range that ends in such an entry (%i) is not the fault of the peer that hands it over',
  async (at) => {
    const author = await Author.create()
    while (author.size < at) await author.append()
    const { raw } = await author.make()
    author.entries.push(decodeEntry({ header: raw.header, signature: flipBit(raw.signature, 100), payload: null }))
    while (author.size < 600) await author.append()
    const peer = await TestPeer.start({ authors: [author] })
    const follower = await startNode()
    await peer.connect(follower.addr)
    await follower.sync.follow(author.ledger)
    await follower.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' }, audited: at })
    expect(follower.mirror(author.ledger)).toMatchObject({ frozenAt: at })
    expect(peer.gone).toEqual([])
  }
)

test('a peer shows the other history and does not say where it begins: frozen where they differ for sure, and lower as soon as somebody helps', async () => {
  const author = await Author.create()
  while (author.size < 5) await author.append()
  const other = author.fork()
  while (author.size < 9) await author.append()
  while (other.size < 9) await other.append({ stream: 'other' })
  const honest = await TestPeer.start({ authors: [author] })
  const follower = await startNode()
  await honest.connect(follower.addr)
  await follower.sync.follow(author.ledger)
  await follower.synced(author.ledger, 9)
  const mute = await TestPeer.start({
    authors: [other],
    hello: { entries: () => Promise.reject(new WireError('UNAVAILABLE', 'not now')) }
  })
  await mute.connect(follower.addr)
  await follower.becomes(author.ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect(follower.mirror(author.ledger).frozenAt).toBe(8)
  const helpful = await TestPeer.start({ authors: [other] })
  await helpful.connect(follower.addr)
  await expect.poll(() => follower.mirror(author.ledger).frozenAt, { timeout: 10_000 }).toBe(5)
  expect(await nodeOf(follower.ledger, 0).evidence.list(author.ledger)).toContainEqual(
    expect.objectContaining({ kind: 'same-seq', seq: 5 })
  )
  expect([...mute.gone, ...helpful.gone, ...honest.gone, ...follower.errors()]).toEqual([])
})

test('a peer that comes while another one is asked for an older difference has its turn after it, not with the next head exchange', async () => {
  const author = await Author.create()
  while (author.size < 5) await author.append()
  const other = author.fork()
  while (author.size < 9) await author.append()
  while (other.size < 9) await other.append({ stream: 'other' })
  const honest = await TestPeer.start({ authors: [author] })
  const follower = await startNode()
  await honest.connect(follower.addr)
  await follower.sync.follow(author.ledger)
  await follower.synced(author.ledger, 9)
  const gate = Promise.withResolvers<never>()
  let asked = 0
  const slow = await TestPeer.start({
    authors: [other],
    hello: { entries: () => (asked++ === 0 ? Promise.reject(new WireError('UNAVAILABLE', 'not now')) : gate.promise) }
  })
  await slow.connect(follower.addr)
  await expect.poll(() => [follower.mirror(author.ledger).frozenAt, asked], { timeout: 10_000 }).toEqual([8, 2])
  let shown = 0
  const helpful: TestPeer = await TestPeer.start({
    authors: [other],
    pull: {
      keyEntries: (_, ledger) => {
        shown++
        return Promise.resolve(helpful.keyEntries(ledger).map(({ header, signature }) => ({ header, signature })))
      }
    }
  })
  await helpful.connect(follower.addr)
  // Its head has been looked at: what is asked next is what may be behind the freeze.
  await expect.poll(() => shown, { timeout: 10_000 }).toBeGreaterThan(0)
  gate.reject(new WireError('UNAVAILABLE', 'not now'))
  await expect.poll(() => follower.mirror(author.ledger).frozenAt, { timeout: 10_000 }).toBe(5)
  expect([...slow.gone, ...helpful.gone, ...honest.gone, ...follower.errors()]).toEqual([])
})
