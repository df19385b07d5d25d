/** Attacks by evidence on real daemons, by peers that are not our client (FAULTS S3, S6). */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { MEMBERSHIP_REVOCATION_TYPE, MEMBERSHIP_TYPE } from '../../src/trust/membership.js'
import { Author, NETWORK } from '../core/author.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { TestPeer } from '../helpers/test-peer.js'
import { NetworkError } from '../../src/network/host.js'
import { stopAll, within } from '../network/fixture.js'
import { startDaemon, type TestDaemon } from './daemon.js'

afterEach(stopAll)

const WAIT = { timeout: 20_000, interval: 50 }
const DAY_MS = 24 * 60 * 60 * 1000

async function homeWith(config: object): Promise<string> {
  const home = join(await temporaryFolder(), 'home')
  await mkdir(home, { mode: 0o700 })
  await writeFile(join(home, 'config.json'), JSON.stringify({ network: NETWORK, ...config }))
  return home
}

async function becomes({ client }: TestDaemon, ledger: string, status: object): Promise<void> {
  await expect.poll(async () => (await client.call('sync.status', { ledger })).ledgers[0], WAIT).toMatchObject(status)
}

async function frozen(daemon: TestDaemon, ledger: string, frozenAt: number): Promise<void> {
  await becomes(daemon, ledger, { status: 'stalled', stall: { code: 'FROZEN' } })
  expect((await daemon.client.call('sync.conflicts', { ledger })).conflicts).toMatchObject([{ frozenAt }])
}

/** Two entries at `at`, by the key in force there, with the key entries before it. */
async function twoAt(author: Author, at: number): Promise<Uint8Array> {
  const thief = author.fork()
  thief.entries.length = at
  const other = await thief.append({ id: 'stolen' })
  return encodeEvidence(sameSeqEvidence(thief.accused(), at, author.entries[at]!.raw, other.raw))
}

/** It gets so far with the daemon that it is served. */
async function isLetIn(peer: TestPeer, daemon: TestDaemon): Promise<boolean> {
  const remote = daemon.addr.split('/').at(-1)!
  const isConnected = (): boolean => peer.host.peers().some((one) => one.peer === remote)
  // Refused while it dials, or closed right after it.
  await peer.host.dial(daemon.addr, within(5_000)).catch((error: unknown) => {
    if (!(error instanceof NetworkError)) throw error
  })
  await vi.waitFor(() => {
    expect(peer.sessions.has(remote) || !isConnected()).toBe(true)
  }, WAIT)
  const session = peer.sessions.get(remote)
  if (session === undefined) return false
  await session.askHeads([{ ledger: daemon.ledger, size: 0 }])
  return true
}

test('S6: evidence below an expulsion readmits nobody, also after a restart; who was a member below it stays one', async () => {
  const [member, expelled, holder] = [await TestPeer.start(), await TestPeer.start(), await TestPeer.start()]
  const issuer = await Author.create(30)
  const admitted: string[] = []
  for (const { host } of [member, expelled])
    admitted.push(
      (await issuer.append({ type: MEMBERSHIP_TYPE, meta: { peer_id: host.peerId, expires: Date.now() + DAY_MS } }))
        .hash
    )
  await issuer.append()
  await issuer.append({ type: MEMBERSHIP_REVOCATION_TYPE, meta: { membership: admitted[1]! } })
  holder.entries.set(issuer.ledger, issuer.entries)
  const home = await homeWith({ members: { issuers: [issuer.ledger] }, allow: [holder.host.peerId] })
  const daemon = await startDaemon(home)
  await holder.connect(daemon.addr)
  await becomes(daemon, issuer.ledger, { status: 'synced', size: 5, audited: 5 })
  await expect.poll(() => isLetIn(member, daemon), WAIT).toBe(true)
  expect(await isLetIn(expelled, daemon)).toBe(false)

  // What the expelled one can do with a copy of the issuer's key: an entry at 3, below its expulsion.
  holder.sessions
    .values()
    .next()
    .value!.tellEvidence(issuer.ledger, await twoAt(issuer, 3))
  await frozen(daemon, issuer.ledger, 3)
  const closedTo = async (one: TestDaemon): Promise<void> => {
    for (let tries = 0; tries < 2; tries++) expect(await isLetIn(expelled, one)).toBe(false)
    await expect.poll(() => isLetIn(member, one), WAIT).toBe(true)
    expect((await one.client.call('network.members', {})).members.map(({ peer }) => peer)).toEqual([member.host.peerId])
    expect((await one.client.call('network.peers', {})).peers.map(({ peer }) => peer)).not.toContain(
      expelled.host.peerId
    )
  }
  await closedTo(daemon)
  await daemon.stop()
  const again = await startDaemon(home)
  await closedTo(again)
  await again.stop()
}, 90_000)

test('S3: a thief of a retired key freezes no new follower for longer than it takes to meet somebody with the rotation', async () => {
  const owner = await Author.create(40)
  while (owner.size < 5) await owner.append()
  const evidence = await twoAt(owner, 3)
  await owner.rotate()
  while (owner.size < 9) await owner.append()
  const { ledger } = owner
  const withEvidence = async (size: number): Promise<TestPeer> => {
    const some = owner.fork()
    some.entries.length = size
    const peer = await TestPeer.start({ authors: [some] })
    peer.evidence.set(ledger, evidence)
    return peer
  }
  const thief = await withEvidence(4)
  const daemon = await startDaemon(await homeWith({}))
  await thief.connect(daemon.addr)
  await daemon.client.call('sync.follow', { ledger })
  await frozen(daemon, ledger, 3)
  await expect(daemon.client.call('sync.resolve', { ledger })).rejects.toMatchObject({ code: 'NO_ROTATION' })
  const holder = await withEvidence(9)
  await holder.connect(daemon.addr)
  await becomes(daemon, ledger, { status: 'synced', size: 9, audited: 9, evidence: 'excused' })
  // Told once more, in every way that there is: with a head, and unasked.
  thief.sessions.values().next().value!.tellEvidence(ledger, evidence)
  await daemon.client.call('sync.pull', { ledger })
  await becomes(daemon, ledger, { status: 'synced', size: 9, evidence: 'excused' })
  expect([thief.gone, holder.gone]).toEqual([[], []])
  await daemon.stop()
}, 90_000)
