/** Sources that mean no good, and sources that are held back: what they can make an adopter write, and what not. */
import { expect, test, vi } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../../src/core/evidence.js'
import { MAX_TIMESTAMP_MS } from '../../../src/core/limits.js'
import type { AdoptionReport } from '../../../src/node/api/adopt.js'
import { verifyCopy } from '../../../src/node/topology/verify-copy.js'
import { Author, NETWORK } from '../../ledger/support.js'
import { acceptBranch, freezeAt } from '../../helpers/freeze-at.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

/** What an author has signed comes to a mirror; the audit finds it there by itself. */
async function hold(node: TestNode, author: Author): Promise<void> {
  const mirror = node.mirror(author.id)
  const entries = author.entries.slice(mirror.size)
  if (entries.length > 0) await mirror.ingest(entries)
}

async function report(node: TestNode, author: Author): Promise<AdoptionReport> {
  return (await node.sync.adoptions(author.id))[0]!
}

async function becomes(node: TestNode, author: Author, expected: Partial<AdoptionReport>): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await report(node, author)).toMatchObject(expected)
    },
    { timeout: 15_000, interval: 20 }
  )
}

async function copies(node: TestNode): Promise<[id: string, state: string][]> {
  const { entries } = await node.ledger.query({ adopted: true })
  return entries.map(({ meta, payload_state: state }) => [(meta.sync as { originalId: string }).originalId, state])
}

test('a source erases nothing but the copies of its own entries', async () => {
  const node = await startNode()
  const [good, bad] = [await Author.create('one'), await Author.create('other')]
  await good.add({ id: 'good' }, 'good')
  const { entry: own } = await node.ledger.append({ stream: 's', type: 't', payload: 'mine' })
  await node.sync.adopt(good.id)
  await node.sync.adopt(bad.id)
  await hold(node, good)
  await becomes(node, good, { status: 'adopted', copies: 1 })
  const [copy] = (await node.ledger.query({ adopted: true })).entries
  // the other's original, its copy, and an own entry
  await bad.add({
    type: 'ledger.erase',
    stream: 'ledger',
    meta: { entries: [good.entries[1]!.hash, copy!.hash, own.hash] }
  })
  // and an entry that claims to be the other's copy
  const mark = { source: good.id, originalId: 'good', originalHash: good.entries[1]!.hash }
  await bad.add({ id: good.entries[1]!.hash, meta: { sync: mark } })
  await hold(node, bad)
  await becomes(node, bad, { status: 'adopted', looked: 3, copies: 0, skipped: { RESERVED: 2, IS_COPY: 1 } })
  expect(await copies(node)).toEqual([['good', 'present']])
  expect((await node.ledger.get(own.id))!.payload_state).toBe('present')
  expect(await node.ledger.verifyEntry({ seq: 2 }, bad.id)).toMatchObject({ copy: { state: 'false' } })
})

test('wild times, the longest names, deep meta, 64 references to nowhere: copied as they are', async () => {
  const node = await startNode()
  const author = await Author.create('one')
  const name = 'n'.repeat(128)
  await author.add({ id: 'past', timestamp: 0 })
  await author.add({ id: 'future', timestamp: MAX_TIMESTAMP_MS })
  await author.add({
    id: name,
    stream: name,
    type: name,
    issuer_oid: name,
    subject_oid: name,
    meta: { a: { b: { c: { d: { e: 1 } } } } }
  })
  const reference = { ledgerId: `b${'a'.repeat(52)}`, entryId: 'x', entryHash: null, referenceType: 'derived' }
  await author.add({ id: 'refers', meta: { crossLedgerRefs: Array.from({ length: 64 }, () => reference) } })
  await node.sync.adopt(author.id)
  await hold(node, author)
  await becomes(node, author, { status: 'adopted', copies: 4, refused: {} })
  for (const { hash } of author.entries.slice(1))
    expect(await node.ledger.verifyEntry(hash)).toMatchObject({ valid: true, copy: { state: 'verified' } })
  expect(await node.ledger.verifyChain()).toMatchObject({ valid: true, timestampsGoingBack: 0 })
})

test('a frozen source stops at its freeze; the accepted branch is adopted beside what was', async () => {
  const node = await startNode()
  const author = await Author.create('one')
  for (let n = 0; n < 4; n++) await author.add({ id: `n${n}` }, n)
  await node.sync.adopt(author.id)
  await hold(node, author)
  await becomes(node, author, { status: 'adopted', copies: 4 })
  // the author signs entry 3 a second time, and goes on from there
  const forked = await author.sign({ ...author.entries[3]!.header, id: 'other', payload_hash: null, payload_size: 0 })
  const evidence = encodeEvidence(
    sameSeqEvidence(
      { network: NETWORK, ledger: author.id, keyEntries: [{ ...author.entries[0]!.raw, seq: 0 }] },
      3,
      author.entries[3]!.raw,
      forked.raw
    )
  )
  const mirror = node.mirror(author.id)
  await freezeAt(mirror, 3, evidence)
  await becomes(node, author, { status: 'stalled', copies: 4 })
  expect(await report(node, author)).toMatchObject({ stall: { code: 'FROZEN' }, disputed: 2 })
  expect(await copies(node)).toHaveLength(4)
  const said = async (of: number): Promise<unknown> =>
    (await node.ledger.verifyEntry(author.entries[of]!.hash)).copy?.state
  expect([await said(2), await said(3)]).toEqual(['verified', 'disputed'])
  await acceptBranch(mirror, [forked])
  await becomes(node, author, { status: 'adopted', looked: 4, copies: 3 })
  expect((await copies(node)).map(([id]) => id)).toEqual(['n0', 'n1', 'n2', 'n3', 'other'])
  // What gave way is still signed here, and whoever asks hears that nobody stands behind it.
  expect([await said(2), await said(3), await said(4)]).toEqual(['verified', 'voided', 'voided'])
  // A mark that names the voided entry, on another entry's fields.
  const { hash, header } = author.entries[3]!
  const sync = { source: author.id, originalId: header.id, originalHash: hash }
  const own = node.ledger.parts.ledgers.own
  await expect(node.ledger.verifyEntry(forked.hash)).resolves.toMatchObject({ copy: { state: 'verified' } })
  expect(await verifyCopy({ seq: own.size - 1, meta: { sync } }, own, node.ledger.parts.ledgers)).toMatchObject({
    state: 'false'
  })
  expect(node.errors()).toEqual([])
})

test('a source that is not trusted waits, and goes on when it is; its erasures are followed meanwhile', async () => {
  const node = await startNode({ sync: { filterByTrust: true, minTrustLevel: 0.5 } })
  const author = await Author.create('one')
  await author.add({ id: 'one' }, 1)
  const { plugins } = node.ledger
  const attest = async (level: number): Promise<void> => {
    await plugins.interoperability.trust.attest({ ledger: author.id, levelMilli: level, kind: 'full' })
  }
  await attest(800)
  await node.sync.adopt(author.id)
  await hold(node, author)
  await becomes(node, author, { status: 'adopted', copies: 1 })
  await attest(100)
  await author.add({ id: 'two' }, 2)
  await author.add({ type: 'ledger.erase', stream: 'ledger', meta: { entries: [author.entries[1]!.hash] } })
  await hold(node, author)
  await vi.waitFor(
    async () => {
      expect(await copies(node)).toEqual([['one', 'erased']])
      expect((await report(node, author)).stall?.code).toBe('UNTRUSTED')
    },
    { timeout: 15_000 }
  )
  await attest(800)
  await becomes(node, author, { status: 'adopted', copies: 2 })
  expect(await copies(node)).toEqual([
    ['one', 'erased'],
    ['two', 'present']
  ])
})

test('payloads that come late are adopted then; those that were erased meanwhile are not', async () => {
  const node = await startNode()
  const author = await Author.create('one')
  for (let n = 0; n < 3; n++) await author.add({ id: `n${n}` }, n)
  await node.sync.adopt(author.id)
  const mirror = node.mirror(author.id)
  await mirror.ingest(author.entries.map((entry) => ({ ...entry, raw: { ...entry.raw, payload: null } })))
  await becomes(node, author, { status: 'adopted', looked: 4, copies: 0, waiting: 3 })
  await mirror.putPayload(2, author.entries[2]!.raw.payload!)
  await becomes(node, author, { copies: 1, waiting: 2 })
  await author.add({ type: 'ledger.erase', stream: 'ledger', meta: { entries: [author.entries[1]!.hash] } })
  await mirror.ingest(author.entries.slice(-1))
  await becomes(node, author, { copies: 1, waiting: 1, skipped: { RESERVED: 2, ERASED: 1 } })
  await mirror.putPayload(3, author.entries[3]!.raw.payload!)
  await becomes(node, author, { copies: 2, waiting: 0 })
  expect(await copies(node)).toEqual([
    ['n1', 'present'],
    ['n2', 'present']
  ])
})

test('while the own ledger is not to be signed an erasure waits, and is said to; it goes first then', async () => {
  const node = await startNode()
  const author = await Author.create('one')
  await author.add({ id: 'one' }, 1)
  await node.sync.adopt(author.id)
  await hold(node, author)
  await becomes(node, author, { status: 'adopted', copies: 1, erasuresTo: 2 })
  const { own } = node.ledger.parts.ledgers
  own.hold({ code: 'CONFIRMING', message: 'held by the test' })
  await author.add({ type: 'ledger.erase', stream: 'ledger', meta: { entries: [author.entries[1]!.hash] } })
  await hold(node, author)
  await becomes(node, author, { status: 'stalled', erasuresTo: 2 })
  expect((await report(node, author)).stall!.code).toBe('CONFIRMING')
  expect(await copies(node)).toEqual([['one', 'present']])
  own.hold(null)
  node.ledger.parts.events.publish({ kind: 'signer', ledger: own.id, state: 'ready', explanation: null })
  await becomes(node, author, { status: 'adopted', looked: 3, erasuresTo: 3 })
  expect(await copies(node)).toEqual([['one', 'erased']])
})
