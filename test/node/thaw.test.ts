/**
 * A thief of a retired key cannot stop a ledger that has rotated (FAULTS S3, R1), however he tells it and whoever spoke
 * first.
 */
import { afterEach, describe, expect, test } from 'vitest'
import { WireError, type WireEntry } from '../../protocols/wire.js'
import { keyHash } from '../../src/core/chain.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { Author, codeOf, key } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { settle } from '../helpers/freeze-at.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

/** K0 signs 0–4, the rotation is entry 5, K1 goes on to `size`; the thief of K0 leaves the history at 3. */
async function scene(size = 9): Promise<{ owner: Author; thief: Author; evidence: Uint8Array }> {
  const owner = await Author.create()
  while (owner.size < 5) await owner.append()
  const thief = owner.fork()
  thief.entries.length = 3
  while (thief.size < 8) await thief.append({ stream: 'stolen', id: `stolen-${thief.size}` })
  await owner.rotate()
  while (owner.size < size) await owner.append()
  const keyEntries = owner.accused().keyEntries.slice(0, 1)
  return {
    owner,
    thief,
    evidence: encodeEvidence(
      sameSeqEvidence({ ...owner.accused(), keyEntries }, 3, owner.entries[3]!.raw, thief.entries[3]!.raw)
    )
  }
}

/** Serves the first `size` entries of a history, and tells this evidence with every head. */
async function serving(
  author: Author,
  size: number,
  evidence: Uint8Array | null,
  hello: Parameters<typeof TestPeer.start>[0] = {}
): Promise<TestPeer> {
  const some = author.fork()
  some.entries.length = size
  const peer = await TestPeer.start({ authors: [some], ...hello })
  if (evidence !== null) peer.evidence.set(author.ledger, evidence)
  return peer
}

async function frozenBy(peer: TestPeer, ledger: string, at: number): Promise<TestNode> {
  const node = await startNode()
  await peer.connect(node.addr)
  await node.sync.follow(ledger)
  await node.becomes(ledger, { status: 'stalled', stall: { code: 'FROZEN' }, evidence: 'freezes' })
  expect(node.mirror(ledger).frozenAt).toBe(at)
  return node
}

test('evidence by a retired key freezes a new follower, which goes on by itself when somebody shows the rotation; the evidence is kept and marked', async () => {
  const { owner, evidence } = await scene()
  const id = owner.ledger
  const thiefPeer = await serving(owner, 4, evidence)
  const node = await frozenBy(thiefPeer, id, 3)
  const ownerPeer = await serving(owner, 9, null)
  await ownerPeer.connect(node.addr)
  await node.becomes(id, { status: 'synced', size: 9, audited: 9, evidence: 'excused' })
  const api = nodeOf(node.ledger, 0)
  expect(await api.sync.conflicts()).toMatchObject({
    conflicts: [],
    disputes: [{ ledger: id, state: 'excused', seq: 3 }],
    voided: []
  })
  expect(await api.evidence.list(id)).toMatchObject([{ kind: 'same-seq', seq: 3, freezes: false, state: 'excused' }])
  expect(await api.trust.explain({ to: id })).toMatchObject({
    reason: { code: 'NO_PATH' },
    evidence: [{ ledger: id, state: 'excused' }]
  })
  await api.trust.attest({ ledger: id, levelMilli: 700 })
  expect(await api.trust.level({ to: id })).toMatchObject({ level_milli: 700 })
  expect([thiefPeer.gone, ownerPeer.gone, node.errors()]).toEqual([[], [], []])
  // Told again, and after a restart, it changes nothing; another follower gets it beside the head, and is synced all
  // the same.
  await node.close()
  const again = await startNode({ dataDir: node.dataDir, bootstrap: [thiefPeer.addr, ownerPeer.addr] })
  await again.becomes(id, { status: 'synced', size: 9, evidence: 'excused' })
  const second = await startNode()
  await second.sync.follow(id)
  await second.connect(again.addr)
  await second.becomes(id, { status: 'synced', size: 9, evidence: 'excused' })
})

describe("whoever came first: a follower that holds the thief's branch", () => {
  async function robbed(): Promise<{ id: string; node: TestNode; ownerPeer: TestPeer }> {
    const { owner, thief } = await scene()
    const thiefPeer = await TestPeer.start({ authors: [thief] })
    const node = await startNode()
    await thiefPeer.connect(node.addr)
    await node.sync.follow(owner.ledger)
    await node.synced(owner.ledger, 8)
    return { id: owner.ledger, node, ownerPeer: await serving(owner, 9, null) }
  }

  const OWNERS = { voided: [{ from: 3, entries: 5 }], stolen: [], errors: [] }

  async function outcome(id: string, node: TestNode): Promise<unknown> {
    await node.becomes(id, { status: 'synced', size: 9, audited: 9, evidence: 'excused' })
    return {
      voided: (await nodeOf(node.ledger, 0).sync.conflicts()).voided,
      stolen: (await node.ledger.query({ stream: 'stolen' }, id)).entries,
      errors: node.errors()
    }
  }

  test('gives it up by itself while it is not settled', async () => {
    const { id, node, ownerPeer } = await robbed()
    await ownerPeer.connect(node.addr)
    expect(await outcome(id, node)).toMatchObject(OWNERS)
  })

  test("gives it up by the operator's word only, once it is settled", async () => {
    const { id, node, ownerPeer } = await robbed()
    await settle(node, id)
    await ownerPeer.connect(node.addr)
    await node.becomes(id, { status: 'stalled', stall: { code: 'FROZEN' } })
    await node.sync.pull(id)
    expect(node.mirror(id)).toMatchObject({ frozenAt: 3, size: 8 })
    expect(await nodeOf(node.ledger, 0).sync.resolve(id)).toMatchObject({ voided: 5 })
    expect(await outcome(id, node)).toMatchObject(OWNERS)
  })
})

test("a freeze that comes when the ledger is settled here: it goes on with the rotation, but is believed only by the operator's word", async () => {
  const { owner, evidence } = await scene()
  const id = owner.ledger
  const peer = await serving(owner, 5, null)
  const node = await startNode()
  await peer.connect(node.addr)
  await node.sync.follow(id)
  await node.synced(id, 5)
  const mirror = node.mirror(id)
  await settle(node, id)
  const api = nodeOf(node.ledger, 0)
  await api.trust.attest({ ledger: id, levelMilli: 700 })
  peer.sessions.get(node.peerId)!.tellEvidence(id, evidence)
  await node.becomes(id, { status: 'stalled', stall: { code: 'FROZEN' } })
  const ownerPeer = await serving(owner, 9, null)
  await ownerPeer.connect(node.addr)
  await node.becomes(id, { status: 'synced', size: 9, evidence: 'doubted' })
  expect(mirror).toMatchObject({ visible: 9, believed: 3, frozenAt: null })
  expect(await api.trust.level({ to: id })).toMatchObject({ level_milli: 0 })
  expect(await api.sync.conflicts()).toMatchObject({
    conflicts: [],
    disputes: [{ state: 'doubted', from: 3 }, { state: 'excused' }]
  })
  expect(await api.sync.resolve(id)).toMatchObject({ voided: 0, status: { evidence: 'excused' } })
  expect(await api.trust.level({ to: id })).toMatchObject({ level_milli: 700 })
  expect(await codeOf(() => api.sync.resolve(id))).toBe('NOT_FROZEN')
})

test(
  'histories that lie, that are withheld, or that nothing stands behind, end no freeze and stop nobody else from ending it',
  { timeout: 60_000 },
  async () => {
    const { owner, thief, evidence } = await scene()
    const id = owner.ledger
    const node = await frozenBy(await serving(owner, 4, evidence), id, 3)
    // Whoever has K1, retired or not, can sign its rotation anew, anywhere.
    const far = await owner.make(
      { type: 'ledger.rotate-key', seq: 9e15, prev_hash: 'ab'.repeat(32), meta: { next_key_hash: null } },
      key(2)
    )
    const keysOf = (...entries: Author['entries']): WireEntry[] => entries.map(({ raw }) => raw)
    const liars: Parameters<typeof TestPeer.start>[0][] = [
      { pull: { keyEntries: () => Promise.resolve(keysOf(owner.entries[0]!, far)) } },
      { pull: { keyEntries: () => Promise.resolve(keysOf(owner.entries[0]!)) } },
      {
        pull: {
          keyEntries: () => {
            throw new WireError('UNAVAILABLE', 'withheld')
          }
        }
      },
      // Shows the rotation, and hands over what does not lead to it.
      { authors: [thief], pull: { keyEntries: () => Promise.resolve(keysOf(owner.entries[0]!, owner.entries[5]!)) } }
    ]
    const peers: TestPeer[] = []
    for (const liar of liars) {
      const peer = await serving(owner, 9, evidence, liar)
      if (liar?.authors !== undefined) peer.entries.set(id, thief.entries)
      await peer.connect(node.addr)
      peers.push(peer)
    }
    await node.sync.pull(id)
    expect(node.mirror(id)).toMatchObject({ frozenAt: 3, visible: 3 })
    const ownerPeer = await serving(owner, 9, evidence)
    await ownerPeer.connect(node.addr)
    await node.becomes(id, { status: 'synced', size: 9, evidence: 'excused' }, 25_000)
    expect(peers.slice(0, 3).flatMap(({ gone }) => gone)).toEqual([])
  }
)

/** Two rotations by K1, at 5; each branch then rotates once more. */
async function forkedKeys(): Promise<{ a: Author; b: Author; evidence: Uint8Array }> {
  const a = await Author.create()
  while (a.size < 5) await a.append()
  const b = a.fork()
  await a.rotate()
  b.signer = key(2)
  b.next = key(77)
  await b.append({ type: 'ledger.rotate-key', id: 'other', meta: { next_key_hash: keyHash(b.next.publicKey) } })
  const evidence = encodeEvidence(
    sameSeqEvidence(
      { ...a.accused(), keyEntries: a.accused().keyEntries.slice(0, 1) },
      5,
      a.entries[5]!.raw,
      b.entries[5]!.raw
    )
  )
  for (const branch of [a, b]) {
    await branch.append({ id: branch.next.publicKey })
    await branch.rotate()
    await branch.append()
  }
  return { a, b, evidence }
}

test('two rotations by one key: who holds neither branch is frozen until the operator pins a key; who is past it stays, and says so', async () => {
  const { a, b, evidence } = await forkedKeys()
  const id = a.ledger
  const [aPeer, bPeer] = [await TestPeer.start({ authors: [a] }), await TestPeer.start({ authors: [b] })]
  const starter = await serving(a, 4, evidence)
  const node = await startNode()
  await starter.connect(node.addr)
  await node.sync.follow(id)
  await node.becomes(id, { status: 'stalled', stall: { code: 'KEY_FORK' } })
  await aPeer.connect(node.addr)
  await bPeer.connect(node.addr)
  await node.sync.pull(id)
  expect(node.mirror(id)).toMatchObject({ frozenAt: 5 })
  const api = nodeOf(node.ledger, 0)
  expect(await api.sync.conflicts()).toMatchObject({
    conflicts: [{ keyFork: true, next: expect.stringContaining('sync.resolve(ledger, key)') }]
  })
  for (const pin of [undefined, key(2).publicKey, key(99).publicKey])
    expect([pin, await codeOf(() => api.sync.resolve(id, pin))]).toEqual([pin, 'NO_ROTATION'])
  await api.sync.resolve(id, key(77).publicKey)
  await node.becomes(id, { status: 'synced', size: b.size, evidence: 'contested' })
  expect(await node.mirror(id).hashAt(5)).toBe(b.entries[5]!.hash)

  // First seen: who holds a branch past the fork stays on it, whatever he hears.
  const past = await startNode()
  await aPeer.connect(past.addr)
  await past.sync.follow(id)
  await past.synced(id, a.size)
  aPeer.sessions.get(past.peerId)!.tellEvidence(id, evidence)
  await past.becomes(id, { status: 'synced', size: a.size, evidence: 'contested' })
  const { trust } = nodeOf(past.ledger, 0)
  await trust.attest({ ledger: id, levelMilli: 700 })
  expect(await trust.level({ to: id })).toMatchObject({ level_milli: 700 })
  expect(await trust.explain({ to: id })).toMatchObject({ evidence: [{ ledger: id, state: 'contested' }] })

  // With the key written down, the right branch is taken whoever speaks first.
  const pinned = await startNode()
  for (const peer of [starter, aPeer]) await peer.connect(pinned.addr)
  await nodeOf(pinned.ledger, 0).sync.follow(id, { key: key(77).publicKey })
  await bPeer.connect(pinned.addr)
  await expect.poll(() => pinned.mirror(id).hashAt(5), { timeout: 15_000 }).toBe(b.entries[5]!.hash)
  await pinned.becomes(id, { status: 'synced', size: b.size, evidence: 'contested' })
  expect([...node.errors(), ...past.errors(), ...pinned.errors()]).toEqual([])
})
