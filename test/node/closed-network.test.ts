/** A network for members: who is refused, at once or later. */
import { afterEach, expect, test } from 'vitest'
import type { CreateLedgerOptions } from '../../src/node/create-ledger.js'
import { MEMBERSHIP_TYPE } from '../../src/trust/membership.js'
import { stopAll } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'

afterEach(stopAll)

const WAIT = { timeout: 15_000, interval: 30 }
const DAY_MS = 24 * 60 * 60 * 1000
const PSK = new Uint8Array(32).fill(7)

/** The issuer's node. Who the issuer is must be known before it starts: its ledger is made first. */
async function startIssuer(more: Partial<CreateLedgerOptions<[]>> = {}): Promise<TestNode> {
  const made = await startNode({ name: 'issuer' })
  await made.close()
  return await startNode({ dataDir: made.dataDir, members: { issuers: [made.id] }, ...more })
}

async function join(issuer: TestNode, name: string, more: Partial<CreateLedgerOptions<[]>> = {}): Promise<TestNode> {
  return await startNode({ name, members: { issuers: [issuer.id] }, bootstrap: [issuer.addr], ...more })
}

const members = (node: TestNode) => node.peerNetwork.admission.members
const admit = async (issuer: TestNode, node: TestNode, ms = DAY_MS): Promise<void> => {
  await members(issuer).admit(node.peerId, Date.now() + ms)
}
const met = async (one: TestNode, other: TestNode): Promise<void> => {
  await expect
    .poll(
      () =>
        one.peerNetwork.connections.isConnected(other.peerId) && other.peerNetwork.connections.isConnected(one.peerId),
      WAIT
    )
    .toBe(true)
}

test('a member joins knowing nobody but a bootstrap peer; expelled while connected, it is out within seconds, told why, and not let in again', async () => {
  const issuer = await startIssuer()
  const member = await join(issuer, 'member')
  const second = await join(issuer, 'second')
  await expect
    .poll(() => issuer.peerNetwork.refusals.list().map(({ peer, reason }) => `${peer} ${reason}`), WAIT)
    .toContain(`${member.peerId} NOT_ADMITTED`)
  expect(issuer.peerNetwork.connections.isConnected(member.peerId)).toBe(false)
  await admit(issuer, member)
  await admit(issuer, second)
  await met(issuer, member)
  await met(issuer, second)
  await expect.poll(() => members(member).stateOf(second.peerId), WAIT).toBe('member')
  await second.connect(member.addr)
  await met(second, member)

  const since = Date.now()
  await members(issuer).expel(second.peerId)
  await expect
    .poll(
      () =>
        issuer.peerNetwork.connections.isConnected(second.peerId) ||
        member.peerNetwork.connections.isConnected(second.peerId),
      WAIT
    )
    .toBe(false)
  expect(Date.now() - since).toBeLessThan(60_000)
  await expect
    .poll(() => issuer.peerNetwork.refusals.list(), WAIT)
    .toContainEqual(expect.objectContaining({ peer: second.peerId, ledger: null, reason: 'NO_LONGER_ADMITTED' }))
  await expect.poll(() => second.peerNetwork.refusals.report().refusedBy.length, WAIT).toBeGreaterThan(0)
  // The connection may have ended because the expelled node heard of it first.
  await expect.poll(() => members(member).stateOf(second.peerId), WAIT).not.toBe('member')
  await expect(second.connect(member.addr)).rejects.toMatchObject({ name: 'LedgermeshError' })
  expect(member.peerNetwork.connections.isConnected(second.peerId)).toBe(false)
  expect(issuer.peerNetwork.connections.isConnected(member.peerId)).toBe(true)
}, 60_000)

test('a membership that expires ends the connection', async () => {
  const issuer = await startIssuer()
  const member = await join(issuer, 'member')
  await admit(issuer, member, 5_000)
  await met(issuer, member)
  await expect.poll(() => issuer.peerNetwork.connections.isConnected(member.peerId), WAIT).toBe(false)
  expect(members(issuer).stateOf(member.peerId)).toBe('ended')
}, 40_000)

test('a forged issuer admits nobody: only the ledgers in the configuration count', async () => {
  const issuer = await startIssuer()
  const forger = await join(issuer, 'forger')
  await forger.ledger.parts.ledgers.own.appendReserved([
    { stream: 'trust', type: MEMBERSHIP_TYPE, meta: { peer_id: forger.peerId, expires: Date.now() + DAY_MS } }
  ])
  await expect(members(forger).admit(forger.peerId, Date.now() + DAY_MS)).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
  await issuer.ledger.parts.ledgers.mirror(forger.id)
  await members(issuer).refresh()
  expect(members(issuer).stateOf(forger.peerId)).toBe('unknown')
  await expect(forger.connect(issuer.addr)).rejects.toMatchObject({ name: 'LedgermeshError' })
}, 40_000)

test('the key of the network is no membership, and without it nobody gets so far', async () => {
  const issuer = await startIssuer({ psk: PSK })
  const stranger = await startNode({ name: 'stranger', psk: PSK })
  await expect(stranger.connect(issuer.addr)).rejects.toMatchObject({ name: 'LedgermeshError' })
  expect(issuer.peerNetwork.refusals.list().length).toBeLessThanOrEqual(1)
  await expect
    .poll(() => issuer.peerNetwork.refusals.list(), WAIT)
    .toContainEqual(expect.objectContaining({ peer: stranger.peerId, reason: 'NOT_ADMITTED' }))
  const wrong = await startNode({ name: 'wrong', psk: new Uint8Array(32).fill(8) })
  const none = await startNode({ name: 'none' })
  for (const [node, code] of [
    [wrong, 'PSK_DIFFERS'],
    [none, 'PSK_DIFFERS']
  ] as const) {
    await expect(node.connect(issuer.addr)).rejects.toMatchObject({ code })
    expect(issuer.peerNetwork.refusals.list().map(({ peer }) => peer)).not.toContain(node.peerId)
  }
  const member = await join(issuer, 'member', { psk: PSK })
  await admit(issuer, member)
  await met(issuer, member)
}, 60_000)

test('an allow-list lets in the peers it names, and a ledger it names once it is proven; all others are out', async () => {
  const friend = await startNode({ name: 'friend' })
  const closed = await startNode({ name: 'closed', allow: [friend.peerId] })
  const stranger = await startNode({ name: 'stranger' })
  await friend.connect(closed.addr)
  await met(friend, closed)
  await expect(stranger.connect(closed.addr)).rejects.toMatchObject({ name: 'LedgermeshError' })

  const byLedger = await startNode({ name: 'by-ledger', allow: [friend.id] })
  await byLedger.ledger.append({ stream: 's', type: 't' })
  await byLedger.sync.follow(friend.id)
  await friend.connect(byLedger.addr)
  await expect.poll(() => byLedger.peerNetwork.admission.stateOf(friend.peerId), WAIT).toBe('admitted')
  // Whoever has yet to prove itself gets only what that takes.
  await stranger.connect(byLedger.addr)
  expect(byLedger.peerNetwork.admission.stateOf(stranger.peerId)).toBe('candidate')
  const { none } = await stranger.peerNetwork.sessions.of(byLedger.peerId).askHeads([{ ledger: friend.id, size: 0 }])
  expect(none).toEqual([friend.id])
}, 60_000)
