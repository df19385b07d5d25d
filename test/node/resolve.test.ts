/**
 * The operator's way out after a rotation (I4): a thief of the live key has gone one way, the owner has rotated and
 * gone another.
 */
import { afterEach, expect, test } from 'vitest'
import { WireError } from '../../protocols/wire.js'
import { encodeEvidence, ruleBrokenEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import { Author, codeOf } from '../core/author.js'
import { settle } from '../helpers/freeze-at.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { stopAll } from '../network/fixture.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

interface Scene {
  owner: Author
  thief: Author
  node: TestNode
  thiefPeer: TestPeer
}

/**
 * Five entries that both share; the thief's are what the node holds, the owner's rotation is entry `rotation` or there
 * is none.
 */
async function scene({ stolen = 4, rotation = 5 as number | null } = {}): Promise<Scene> {
  const owner = await Author.create()
  while (owner.size < 5) await owner.append({ stream: 'shared' })
  const thief = owner.fork()
  while (thief.size < 5 + stolen) await thief.append({ stream: 'stolen', id: `stolen-${thief.size}` })
  if (rotation !== null) {
    while (owner.size < rotation) await owner.append({ stream: 'owned' })
    await owner.rotate()
    while (owner.size < rotation + 3) await owner.append({ stream: 'owned' })
  }
  const thiefPeer = await TestPeer.start({ authors: [thief] })
  const node = await startNode()
  await thiefPeer.connect(node.addr)
  await node.sync.follow(owner.ledger)
  await node.synced(owner.ledger, 5 + stolen)
  await settle(node, owner.ledger)
  return { owner, thief, node, thiefPeer }
}

async function freezes(node: TestNode, ledger: string, at: number, code = 'FROZEN'): Promise<void> {
  await node.becomes(ledger, { status: 'stalled', stall: { code } })
  expect(node.mirror(ledger).frozenAt).toBe(at)
}

const streams = async (node: TestNode, id: string): Promise<string[]> =>
  (await node.ledger.query({}, id)).entries.map(({ stream }) => stream)

test('accepted: the ledger goes on with the rotation, syncs and answers, also after a restart; what gave way is kept, and the thief changes nothing', async () => {
  const { owner, thief, node, thiefPeer } = await scene({ stolen: 20 })
  const id = owner.ledger
  const ownerPeer = await TestPeer.start({ authors: [owner] })
  await ownerPeer.connect(node.addr)
  await freezes(node, id, 5)
  const api = nodeOf(node.ledger, 0)
  const rotation = owner.entries[5]!
  expect(await api.sync.conflicts()).toMatchObject({
    conflicts: [
      {
        ledger: id,
        frozenAt: 5,
        disputed: 20,
        kind: 'same-seq',
        rotation: { seq: 5, hash: rotation.hash, key: rotation.header.key }
      }
    ],
    voided: []
  })
  expect(await api.sync.resolve(id)).toMatchObject({ voided: 20 })
  await node.synced(id, 8)
  expect(await streams(node, id)).toEqual(['main', ...Array<string>(4).fill('shared'), 'main', 'owned', 'owned'])
  expect((await node.ledger.query({ stream: 'stolen' }, id)).entries).toEqual([])
  expect(await node.ledger.get({ id: 'stolen-5' }, id)).toBeNull()
  expect(await node.ledger.verifyChain({}, id)).toMatchObject({ valid: true, entries: 8 })

  // The thief goes on, and shows the evidence again.
  thiefPeer.evidence.set(id, encodeEvidence(sameSeqEvidence(owner.accused(), 5, thief.entries[5]!.raw, rotation.raw)))
  for (let i = 0; i < 3; i++) await thief.append({ stream: 'stolen' })
  await owner.append({ stream: 'owned' })
  await node.sync.pull(id)
  await node.synced(id, 9)
  await node.close()
  const again = await startNode({ dataDir: node.dataDir, bootstrap: [ownerPeer.addr, thiefPeer.addr] })
  await owner.append({ stream: 'owned' })
  await again.synced(id, 10)
  const later = nodeOf(again.ledger, 0)
  expect(await later.sync.conflicts()).toMatchObject({ conflicts: [], voided: [{ ledger: id, from: 5, entries: 20 }] })
  const voided = await later.sync.voided(id, 0, 100)
  expect(voided.map(({ hash }) => hash)).toEqual(thief.hashes().slice(5, 25))
  expect(Buffer.from(voided[0]!.header)).toEqual(Buffer.from(thief.entries[5]!.raw.header))
  expect(await later.evidence.list(id)).toMatchObject([{ kind: 'same-seq', seq: 5, freezes: false }])
  expect(await codeOf(() => later.sync.resolve(id))).toBe('NOT_FROZEN')
  const second = await startNode()
  await second.connect(again.addr)
  await second.sync.follow(id)
  await second.synced(id, 10)
  expect([...node.errors(), ...again.errors(), ...second.errors()]).toEqual([])
})

test("a thief's head that was heard before the rotation was here does not keep the ledger from being synced", async () => {
  const owner = await Author.create()
  while (owner.size < 5) await owner.append()
  const thief = owner.fork()
  while (thief.size < 30) await thief.append({ id: `stolen-${thief.size}` })
  await owner.rotate()
  const serves = { thief: false }
  const thiefPeer: TestPeer = await TestPeer.start({
    authors: [thief],
    hello: {
      entries: (_, ledger, from, count) => {
        if (!serves.thief) throw new WireError('UNAVAILABLE', 'not yet', { available: { earliest: 0, size: 30 } })
        return Promise.resolve(thiefPeer.range(ledger, from, count))
      }
    }
  })
  const node = await startNode()
  await thiefPeer.connect(node.addr)
  await node.sync.follow(owner.ledger)
  await node.becomes(owner.ledger, { size: 0, target: 30 })
  const ownerPeer = await TestPeer.start({ authors: [owner] })
  await ownerPeer.connect(node.addr)
  await node.becomes(owner.ledger, { size: 6 })
  serves.thief = true
  await node.synced(owner.ledger, 6)
  expect(await nodeOf(node.ledger, 0).evidence.list(owner.ledger)).toMatchObject([
    { kind: 'same-seq', seq: 5, freezes: false }
  ])
  expect([thiefPeer.gone, node.errors()]).toEqual([[], []])
})

test('the rotation comes later than the evidence: a peer that holds its branch is asked for it', async () => {
  const { owner, thief, node } = await scene({ rotation: 7 })
  const id = owner.ledger
  const twin = thief.fork()
  twin.entries.length = 5
  await twin.append({ stream: 'stolen', id: 'twice' })
  const gossip = await TestPeer.start({ authors: [twin] })
  await gossip.connect(node.addr)
  await freezes(node, id, 5)
  const api = nodeOf(node.ledger, 0)
  expect(await api.sync.conflicts(id)).toMatchObject({
    conflicts: [{ rotation: null, next: expect.stringContaining('no rotation') }]
  })
  expect(await codeOf(() => api.sync.resolve(id))).toBe('NO_ROTATION')
  expect(node.mirror(id)).toMatchObject({ size: 9, frozenAt: 5 })
  const ownerPeer = await TestPeer.start({ authors: [owner] })
  await ownerPeer.connect(node.addr)
  expect(await api.sync.resolve(id)).toMatchObject({ voided: 4 })
  await node.synced(id, 10)
  expect(await streams(node, id)).toEqual([
    'main',
    ...Array<string>(4).fill('shared'),
    'owned',
    'owned',
    'main',
    'owned',
    'owned'
  ])
  expect(node.errors()).toEqual([])
})

test('a rotation does not make its own key honest: evidence against the new key freezes the new branch', async () => {
  const { owner, node, thiefPeer } = await scene()
  const id = owner.ledger
  const fork = owner.fork()
  fork.entries.length = 7
  const other = await fork.append({ stream: 'owned', id: 'twice' })
  const evidence = encodeEvidence(sameSeqEvidence(owner.accused(), 7, owner.entries[7]!.raw, other.raw))
  thiefPeer.evidence.set(id, evidence)
  await node.sync.pull(id)
  await freezes(node, id, 5)
  // As whoever holds that branch shows it: below the evidence.
  const undisputed = owner.fork()
  undisputed.entries.length = 7
  const ownerPeer = await TestPeer.start({ authors: [undisputed] })
  ownerPeer.evidence.set(id, evidence)
  await ownerPeer.connect(node.addr)
  expect(await nodeOf(node.ledger, 0).sync.resolve(id)).toMatchObject({ voided: 4 })
  await node.becomes(id, { status: 'stalled', size: 7, stall: { code: 'FROZEN' } })
  expect(node.mirror(id)).toMatchObject({ frozenAt: 7, visible: 7 })
})

test.each<[string, (owner: Author, thief: Author) => Promise<Uint8Array>]>([
  [
    'a rotation by another key than the committed one',
    async (owner, thief) => {
      const wrong = await thief.make({
        type: 'ledger.rotate-key',
        seq: 5,
        prev_hash: owner.entries[4]!.hash,
        meta: { next_key_hash: null }
      })
      return encodeEvidence(ruleBrokenEvidence({ ...thief.accused() }, 5, wrong.raw, null))
    }
  ],
  [
    'two rotations by the committed key',
    async (owner, thief) => {
      const [one, two] = [owner.fork(), owner.fork()]
      await one.rotate()
      two.signer = two.next
      await two.append({ type: 'ledger.rotate-key', id: 'other', meta: { next_key_hash: null } })
      return encodeEvidence(sameSeqEvidence(thief.accused(), 5, one.entries[5]!.raw, two.entries[5]!.raw))
    }
  ],
  [
    'none',
    async (owner, thief) => {
      const other = await owner.make({ id: 'other' })
      return encodeEvidence(sameSeqEvidence(thief.accused(), 5, thief.entries[5]!.raw, other.raw))
    }
  ]
])('refused, and nothing changed: %s', async (what, make) => {
  const { owner, thief, node, thiefPeer } = await scene({ rotation: null })
  thiefPeer.evidence.set(owner.ledger, await make(owner, thief))
  await node.sync.pull(owner.ledger)
  const keyFork = what.startsWith('two')
  await freezes(node, owner.ledger, 5, keyFork ? 'KEY_FORK' : 'FROZEN')
  const api = nodeOf(node.ledger, 0)
  expect(await codeOf(() => api.sync.resolve(owner.ledger))).toBe('NO_ROTATION')
  expect(await api.sync.conflicts()).toMatchObject({ conflicts: [{ rotation: null, keyFork }], voided: [] })
  expect(node.mirror(owner.ledger)).toMatchObject({ size: 9, visible: 5, frozenAt: 5 })
  expect(await node.mirror(owner.ledger).evidence()).not.toBeNull()
})

test('there is nothing to resolve in the own ledger, in one that is not frozen, or in one that is not held', async () => {
  const { owner, node } = await scene()
  const api = nodeOf(node.ledger, 0)
  expect(await codeOf(() => api.sync.resolve(owner.ledger))).toBe('NOT_FROZEN')
  expect(await codeOf(() => api.sync.resolve(node.id))).toBe('READ_ONLY')
  expect(await codeOf(async () => await api.sync.resolve((await Author.create(60)).ledger))).toBe('NOT_FOLLOWED')
  expect(await api.sync.conflicts()).toEqual({ conflicts: [], disputes: [], voided: [] })
})
