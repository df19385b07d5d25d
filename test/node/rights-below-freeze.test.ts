/**
 * R6 in running nodes: what evidence or another branch takes from below the rights, and what the operator's own lists
 * still can.
 */
import { afterEach, expect, test } from 'vitest'
import { decodeEntry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { keyHash } from '../../src/core/chain.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { MEMBERSHIP_TYPE } from '../../src/trust/membership.js'
import { Author, key, NETWORK } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { acceptBranch, freezeAt } from '../helpers/freeze-at.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

const DAY_MS = 24 * 60 * 60 * 1000
const WAIT = { timeout: 15_000, interval: 30 }

test('the issuer of a closed network is frozen and can expel nobody by an entry; the deny list of its configuration does, and all others stay members', async () => {
  const seed = Buffer.alloc(32, 61)
  const made = await startNode({ name: 'issuer', signingKey: seed })
  await made.close()
  const closed = { dataDir: made.dataDir, signingKey: seed, members: { issuers: [made.id] } }
  const issuer = await startNode(closed)
  const join = { members: { issuers: [made.id] }, bootstrap: [issuer.addr] }
  const [bad, good] = [await startNode({ name: 'bad', ...join }), await startNode({ name: 'good', ...join })]
  for (const { peerId } of [bad, good]) await issuer.peerNetwork.admission.members.admit(peerId, Date.now() + DAY_MS)
  await expect
    .poll(() => [bad, good].map(({ peerId }) => issuer.peerNetwork.connections.isConnected(peerId)), WAIT)
    .toEqual([true, true])
  const { own } = issuer.ledger.parts.ledgers
  await issuer.ledger.append({ stream: 's', type: 't' })
  const entries = (await own.range(0, { count: 100, bytes: 1 << 20 })).map((raw) => decodeEntry(raw))
  const author = Object.assign(Object.create(Author.prototype) as Author, {
    entries,
    signer: signingKeyFromSeed(seed),
    next: key(9)
  })
  const at = author.size - 1
  const other = await author.make({ seq: at, prev_hash: entries[at - 1]!.hash, id: 'stolen' })
  good.peerNetwork.sessions
    .of(issuer.peerId)
    .tellEvidence(issuer.id, encodeEvidence(sameSeqEvidence(author.accused(), at, entries[at]!.raw, other.raw)))
  await issuer.becomes(issuer.id, { status: 'stalled', stall: { code: 'FROZEN' } })
  await expect(issuer.peerNetwork.admission.members.expel(bad.peerId)).rejects.toMatchObject({ code: 'FROZEN' })
  await issuer.close()

  const again = await startNode({ ...closed, deny: [bad.peerId], bootstrap: [good.addr] })
  await expect.poll(() => again.peerNetwork.connections.isConnected(good.peerId), WAIT).toBe(true)
  await expect(bad.connect(again.addr)).rejects.toMatchObject({ name: 'LedgermeshError' })
  expect(again.peerNetwork.admission.members.stateOf(bad.peerId)).toBe('member')
  expect([bad, good].map(({ peerId }) => again.peerNetwork.admission.stateOf(peerId))).toEqual(['refused', 'admitted'])
  await expect.poll(() => again.peerNetwork.refusals.list().map(({ peer }) => peer), WAIT).toContain(bad.peerId)
}, 60_000)

async function gives(author: Author, reader: string, peer: string): Promise<void> {
  await author.append({
    type: 'ledger.access',
    meta: { grant: [{ ledger: reader, scope: 'full' }], revoke: [], trust_milli: null }
  })
  await author.append({ type: 'ledger.authorize-node', meta: { peer_id: peer, expires: null } })
  await author.append({ type: MEMBERSHIP_TYPE, meta: { peer_id: peer, expires: Date.now() + DAY_MS } })
}

/**
 * The owner's history with a rotation at 2, and that of a thief of the first key; each gives rights to one of the peers
 * and readers from then on.
 */
async function robbed(
  access: string,
  [ours, theirs]: string[],
  readers: string[]
): Promise<{ owner: Author; thief: Author }> {
  const owner = Object.assign(Object.create(Author.prototype) as Author, { entries: [], signer: key(1), next: key(2) })
  await owner.append({
    ledger: null,
    seq: 0,
    prev_hash: null,
    type: 'ledger.genesis',
    meta: { network: NETWORK, name: 'robbed', access, next_key_hash: keyHash(key(2).publicKey) }
  })
  await owner.append()
  const thief = owner.fork()
  await gives(thief, readers[1]!, theirs!)
  await owner.rotate()
  await gives(owner, readers[0]!, ours!)
  return { owner, thief }
}

test("the owner's branch takes the place of a thief's: nodes and members of the running node are those of the owner, as after a restart", async () => {
  const [ours, theirs] = [(await TestPeer.start()).host.peerId, (await TestPeer.start()).host.peerId]
  const readers = [(await Author.create(11)).ledger, (await Author.create(12)).ledger]
  const {
    owner,
    owner: { ledger },
    thief
  } = await robbed('public', [ours, theirs], readers)
  const [thiefPeer, ownerPeer] = [
    await TestPeer.start({ authors: [thief] }),
    await TestPeer.start({ authors: [owner] })
  ]
  const closed = { members: { issuers: [ledger] }, allow: [thiefPeer, ownerPeer].map(({ host }) => host.peerId) }
  const node = await startNode(closed)
  const rights = async (of: TestNode): Promise<unknown> => {
    const { authority, admission } = of.peerNetwork
    await admission.members.refresh()
    return {
      nodes: authority.authorized(ledger).map(({ peer }) => peer),
      members: [ours, theirs].map((peer) => admission.members.stateOf(peer))
    }
  }
  await thiefPeer.connect(node.addr)
  await node.synced(ledger, 5)
  await expect.poll(() => rights(node), WAIT).toEqual({ nodes: [theirs], members: ['unknown', 'member'] })
  await ownerPeer.connect(node.addr)
  await node.synced(ledger, 6)
  const OWNERS = { nodes: [ours], members: ['member', 'unknown'] }
  await expect.poll(() => rights(node), WAIT).toEqual(OWNERS)
  await node.close()
  const again = await startNode({ ...closed, dataDir: node.dataDir })
  await expect.poll(() => rights(again), WAIT).toEqual(OWNERS)
  expect([...node.errors(), ...again.errors()]).toEqual([])
})

test('the readers of a private ledger, too', async () => {
  const readers = [(await Author.create(11)).ledger, (await Author.create(12)).ledger]
  const peers = [(await TestPeer.start()).host.peerId, (await TestPeer.start()).host.peerId]
  const {
    owner,
    owner: { ledger },
    thief
  } = await robbed('private', peers, readers)
  const node = await startNode()
  const mirror = await node.ledger.parts.ledgers.mirror(ledger)
  await mirror.ingest(thief.entries)
  const given = (): string[] => [...mirror.access.grants.keys()]
  expect(given()).toEqual([readers[1]])
  await freezeAt(
    mirror,
    2,
    encodeEvidence(
      sameSeqEvidence(
        thief.accused(),
        2,
        thief.entries[2]!.raw,
        (await thief.make({ seq: 2, prev_hash: thief.entries[1]!.hash })).raw
      )
    )
  )
  expect(given()).toEqual([])
  await acceptBranch(mirror, owner.entries.slice(2))
  expect(given()).toEqual([readers[0]])
})
