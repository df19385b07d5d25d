/** What a node answers a stranger who asks: everything checks, and pages together say what a local query says. */
import assert from 'node:assert/strict'
import { afterEach, expect, test } from 'vitest'
import { askGet, askSelect, query, type QueryReply, type SelectRequest } from '../../../protocols/query/index.js'
import { verifyBasis, verifyPage, type VerifiedBasis } from '../../../src/core/answer-page.js'
import type { Entry } from '../../../src/core/entry.js'
import type { EntryFilter } from '../../../src/core/entry-filter.js'
import { sameSeqEvidence, encodeEvidence } from '../../../src/core/evidence.js'
import { toHex } from '../../../src/core/hash.js'
import { verifyConsistency } from '../../../src/core/merkle.js'
import { verifySignature } from '../../../src/core/signature.js'
import { verifyEvidence } from '../../../src/core/verify-evidence.js'
import { toWire } from '../../../src/node/query/wire-filter.js'
import { indexFromWire } from '../../../src/node/query/wire-index.js'
import { Author, NETWORK } from '../../core/author.js'
import { dice } from '../../helpers/dice.js'
import { freezeAt } from '../../helpers/freeze-at.js'
import { selectOf } from '../../helpers/select-of.js'
import { signed, startNode, type TestNode } from '../../helpers/test-node.js'
import { TestPeer } from '../../helpers/test-peer.js'
import { stopAll, within } from '../../network/fixture.js'

afterEach(stopAll)

interface Asked extends QueryReply {
  proof: VerifiedBasis
  matching: Entry[]
}

class Stranger {
  readonly node: TestNode
  readonly peer: TestPeer

  constructor(node: TestNode, peer: TestPeer) {
    this.node = node
    this.peer = peer
  }

  static async to(node: TestNode): Promise<Stranger> {
    const peer = await TestPeer.start()
    await peer.connect(node.addr)
    return new Stranger(node, peer)
  }

  async ask(filter: EntryFilter, some: Partial<SelectRequest> = {}, ledger = this.node.id): Promise<Asked> {
    const request = { ...selectOf(ledger), filter: toWire(filter), ...some }
    const reply = await askSelect(await this.peer.host.open(this.node.peerId, query, within(5_000)), request, {
      signal: within(10_000)
    })
    const { checkpoint, keyEntries } = reply.basis
    const proof = await verifyBasis(
      { network: NETWORK, ledger },
      { keyEntries, checkpoint: checkpoint! },
      verifySignature
    )
    const { from, order } = request
    const to = Math.min(request.to ?? proof.size, proof.size)
    const span = !reply.all ? null : order === 'asc' ? { from, to: reply.next ?? to } : { from: reply.next ?? from, to }
    const { matching } = await verifyPage(
      proof,
      {
        span,
        tree: reply.tree.map(toHex),
        entries: reply.entries,
        index: reply.index === null ? null : indexFromWire(reply.index)
      },
      { filter, order },
      verifySignature
    )
    assert.equal(matching.length, reply.count)
    return { ...reply, proof, matching }
  }

  /** All pages. */
  async all(filter: EntryFilter, some: Partial<SelectRequest>): Promise<{ hashes: string[]; pages: number }> {
    const hashes: string[] = []
    let [from, to, treeSize] = [0, null as number | null, null as number | null]
    for (let pages = 1; ; pages++) {
      const page = await this.ask(filter, { ...some, from, to, treeSize })
      hashes.push(...page.matching.map(({ hash }) => hash))
      if (page.next === null) return { hashes, pages }
      if (some.order === 'desc') to = page.next
      else from = page.next
      treeSize = page.proof.size
    }
  }
}

async function filled(entries: number): Promise<TestNode> {
  const node = await startNode({ name: 'asked' })
  const random = dice(entries)
  for (let at = 0; at < entries; at += 100)
    await node.ledger.appendBatch(
      Array.from({ length: Math.min(100, entries - at) }, (_, i) => ({
        id: `entry-${at + i}`,
        stream: random() < 0.5 ? 'main' : 'other',
        type: 'note',
        subject_oid: random() < 0.2 ? 'oid:rare' : 'oid:often',
        timestamp: 1_000_000 + Math.floor(random() * 1000),
        payload: { at: at + i }
      }))
    )
  await signed(node)
  return node
}

test('pages together are what the local query finds, either way, and show what was left out', async () => {
  const node = await filled(700)
  const stranger = await Stranger.to(node)
  const filters: EntryFilter[] = [
    {},
    { subject_oid: 'oid:rare' },
    { subject_oid: 'oid:often', stream: 'other' },
    { from: 1_000_200, to: 1_000_400 },
    { id: 'entry-350' },
    { id: 'nobody' }
  ]
  for (const filter of filters)
    for (const order of ['asc', 'desc'] as const)
      for (const show of ['matches', 'all', 'either'] as const) {
        const { id, ...rest } = filter
        const local = (await everything(node, { ...rest, order })).filter(
          (entry) => id === undefined || entry.id === id
        )
        const { hashes } = await stranger.all(filter, { order, show, limit: 60 })
        expect({ filter, order, show, hashes }).toEqual({ filter, order, show, hashes: local.map(({ hash }) => hash) })
      }
})

async function everything(node: TestNode, filter: object): Promise<{ id: string; hash: string }[]> {
  const found = []
  for (let cursor: string | undefined; ;) {
    const page = await node.ledger.query({ ...filter, limit: 1000, cursor })
    found.push(...page.entries)
    if (page.nextCursor === null) return found
    cursor = page.nextCursor
  }
}

test('payloads come as they are held, and only with what matches; headers alone when they are asked', async () => {
  const node = await filled(40)
  const stranger = await Stranger.to(node)
  const all = await stranger.ask({ subject_oid: 'oid:rare' }, { show: 'all' })
  expect(all.entries).toHaveLength(41)
  expect(all.matching.every(({ raw }) => raw.payload !== null)).toBe(true)
  expect(all.entries.filter(({ payload }) => payload !== null)).toHaveLength(all.matching.length)
  const headers = await stranger.ask({ subject_oid: 'oid:rare' }, { want: 'headers' })
  expect(headers.entries.map(({ payload }) => payload)).toEqual(headers.entries.map(() => null))
  const [hash] = all.matching.map((entry) => entry.hash)
  await node.ledger.parts.ledgers.own.erase([hash!])
  await expect
    .poll(
      async () =>
        (await stranger.ask({ subject_oid: 'oid:rare' })).matching.find((one) => one.hash === hash)!.raw.payload
    )
    .toBeNull()
})

test('a page ends at its bytes, and one entry always comes; either shows all only when all fits', async () => {
  const node = await filled(600)
  const stranger = await Stranger.to(node)
  const small = await stranger.ask({ stream: 'main' }, { maxBytes: 1 })
  expect(small).toMatchObject({ count: 1, ending: 'budget' })
  expect((await stranger.ask({ stream: 'main' }, { maxBytes: 2_000 })).count).toBeGreaterThan(1)
  expect(await stranger.ask({ id: 'nobody' }, { show: 'either' })).toMatchObject({ all: false })
  expect(await stranger.ask({}, { show: 'either', limit: 9 })).toMatchObject({ all: true, ending: 'limit', next: 9 })
  expect(await stranger.ask({}, { show: 'either', from: 300 })).toMatchObject({ all: true, ending: 'end' })
  expect(await stranger.ask({}, { show: 'either', from: 300, maxBytes: 5_000 })).toMatchObject({ all: false })
  expect(await stranger.ask({}, { show: 'all' })).toMatchObject({ all: true, ending: 'budget', next: 512, count: 512 })
  expect(await stranger.ask({}, { from: 2 ** 40 })).toMatchObject({ count: 0, ending: 'end' })
})

test('pages of one tree, how two trees go together, and a tree that nobody has', async () => {
  const node = await filled(20)
  const stranger = await Stranger.to(node)
  const first = await stranger.ask({}, { limit: 5 })
  await node.ledger.appendBatch([{ stream: 'main', type: 'note', payload: 1 }])
  await expect.poll(async () => (await stranger.ask({})).proof.size, { timeout: 10_000 }).toBe(22)
  const second = await stranger.ask({}, { from: first.next!, treeSize: first.proof.size })
  expect(second.proof).toMatchObject({ size: 21, root: first.proof.root })
  const { proof: tree, basis } = await stranger.ask({}, { knownSize: 21 })
  const claim = { size1: 21, size2: 22, root1: first.proof.root, root2: tree.root }
  expect(verifyConsistency({ ...claim, proof: basis.consistency.map(toHex) })).toBe(true)
  expect((await stranger.ask({}, { knownSize: 22 })).basis.consistency).toEqual([])
  await expect(stranger.ask({}, { treeSize: 20 })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})

test('single entries by hash, seq and id', async () => {
  const node = await filled(10)
  const stranger = await Stranger.to(node)
  const { matching } = await stranger.ask({})
  const get = async (wanted: Parameters<typeof askGet>[1]['wanted']): Promise<number> =>
    (
      await askGet(
        await stranger.peer.host.open(node.peerId, query, within(5_000)),
        { ledger: node.id, wanted, want: 'full', knownSize: null },
        { signal: within(5_000) }
      )
    ).entries.length
  expect(await get({ seqs: [0, 3, 3, 900] })).toBe(2)
  expect(await get({ hashes: [Buffer.from(matching[4]!.hash, 'hex'), Buffer.alloc(32)] })).toBe(1)
  expect(await get({ ids: ['entry-2', 'entry-7', 'nobody'] })).toBe(2)
})

test('a mirror answers from the author’s checkpoint; frozen, from one below, or with the evidence alone', async () => {
  const author = await Author.create(77)
  for (let at = 0; at < 6; at++) await author.append({ stream: 'main' })
  const node = await startNode()
  const source = await TestPeer.start({ authors: [author] })
  const note = await author.checkpoint()
  await node.connect(source.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 7)
  const stranger = await Stranger.to(node)
  await expect(stranger.ask({}, {}, author.ledger)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  const mirror = node.mirror(author.ledger)
  await mirror.putCheckpoint(note)
  expect(await stranger.ask({ type: 'note' }, { show: 'either' }, author.ledger)).toMatchObject({
    count: 6,
    all: true
  })

  const fork = author.fork()
  fork.entries.splice(5)
  const other = await fork.append({ id: 'the other' })
  const file = encodeEvidence(sameSeqEvidence(author.accused(), 5, author.entries[5]!.raw, other.raw))
  await freezeAt(mirror, 5, file)
  const ask = askSelect(await stranger.peer.host.open(node.peerId, query, within(5_000)), selectOf(author.ledger), {
    signal: within(5_000)
  })
  const { basis, entries } = await ask
  expect(basis).toMatchObject({ checkpoint: null, keyEntries: [] })
  expect(entries).toEqual([])
  expect(await verifyEvidence(basis.evidence!)).toMatchObject({ ledger: author.ledger, seq: 5 })
})
