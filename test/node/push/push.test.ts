/**
 * Push between whole nodes: B is never dialled and A never asked about it, and all the same A has B's entries and B
 * knows it.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { PushFlow } from '../../../src/node/api/push.js'
import { stopAll } from '../../network/fixture.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

afterEach(stopAll)

const notes = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: 'main', type: 'note', payload: { n } }))

/** What has been confirmed by the one remote. */
async function flowOf(node: TestNode): Promise<PushFlow> {
  const [remote] = await node.sync.remotes()
  return remote!.flows[0]!
}

/** B dials out; nobody dials B. */
async function pair(
  accept: 'nobody' | 'ask' | 'trusted' | 'members' | 'anyone',
  entries = 10
): Promise<{ a: TestNode; b: TestNode }> {
  const a = await startNode({ name: 'a', sync: { push: { accept } } })
  const b = await startNode({ name: 'b', dht: false })
  await b.ledger.appendBatch(notes(entries))
  return { a, b }
}

const toPush = (a: TestNode, more = {}) => ({ endpoint: [`${a.addr}`], syncDirection: 'push' as const, ...more })

test('anyone: what is offered is followed, fetched, durable, and confirmed; new entries follow by themselves', async () => {
  const { a, b } = await pair('anyone')
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ size: 11, durable: 11, status: 'synced', code: null })
    },
    { timeout: 15_000 }
  )
  expect(a.mirror(b.id)).toMatchObject({ size: 11, durable: 11 })
  expect((await a.sync.remotes()).find(({ ledger }) => ledger === b.id)).toMatchObject({
    syncDirection: 'pull',
    mode: 'mirror',
    pushed: { pool: 'anyone', peer: b.peerId }
  })
  const { entry } = await b.ledger.append(notes(1)[0]!)
  expect(await b.sync.replicas(entry.seq, 1, 10_000)).toEqual({ confirmed: [a.id], waiting: [] })
  expect(a.mirror(b.id).durable).toBe(12)
  expect([...a.errors(), ...b.errors()]).toEqual([])
})

test('nobody, the default: DENIED, nothing is followed, and the pusher says why', async () => {
  const { a, b } = await pair('nobody')
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ durable: 0, status: 'failed', code: 'DENIED' })
    },
    { timeout: 15_000 }
  )
  expect(await a.sync.status()).toHaveLength(1)
  expect(await b.sync.replicas(3, 1, 0)).toMatchObject({
    confirmed: [],
    waiting: [{ ledger: a.id, code: 'DENIED', explanation: expect.stringContaining('push.accept') as string }]
  })
})

test('a follower confirms its author without any policy: his receipts are about his own ledger', async () => {
  const { a, b } = await pair('nobody')
  await b.connect(a.addr)
  await a.sync.follow(b.id)
  await a.synced(b.id, 11)
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ durable: 11, status: 'synced' })
    },
    { timeout: 15_000 }
  )
  await a.sync.pause(b.id)
  const { entry } = await b.ledger.append(notes(1)[0]!)
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ durable: 11, status: 'failed', code: 'PAUSED' })
    },
    { timeout: 15_000 }
  )
  await a.sync.resume(b.id)
  await b.sync.push(a.id)
  expect(await b.sync.replicas(entry.seq, 1, 10_000)).toMatchObject({ confirmed: [a.id] })
})

test('ask: pending until the operator accepts; then it is fetched without being offered again by hand', async () => {
  const { a, b } = await pair('ask')
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await a.sync.offers()).toMatchObject([
        { ledger: b.id, peer: b.peerId, name: 'b', size: 11, from: b.id, state: 'pending' }
      ])
    },
    { timeout: 15_000 }
  )
  // The answer is on its way back when the offer stands there.
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ status: 'pending', code: 'PENDING' })
    },
    { timeout: 15_000 }
  )
  expect(await a.sync.status()).toHaveLength(1)
  await a.sync.acceptOffer(b.id)
  expect(await a.sync.offers()).toEqual([])
  await a.synced(b.id, 11)
  expect(await b.sync.push(a.id, { waitMs: 10_000 })).toMatchObject({ flows: [{ durable: 11, status: 'synced' }] })
})

test('ask: dismissed it stays away, blocked it is refused', async () => {
  const { a, b } = await pair('ask')
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await a.sync.offers()).toHaveLength(1)
    },
    { timeout: 15_000 }
  )
  await a.sync.dismissOffer(b.id)
  expect(await b.sync.push(a.id, { waitMs: 10_000 })).toMatchObject({ flows: [{ code: 'PENDING' }] })
  expect(await a.sync.offers()).toMatchObject([{ state: 'dismissed' }])
  await a.sync.blockOffers(b.id)
  expect(await b.sync.push(a.id, { waitMs: 10_000 })).toMatchObject({ flows: [{ code: 'NOT_WANTED' }] })
  await expect(a.sync.dismissOffer(a.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

describe('tokens', () => {
  test('one lets its bearer in, once, with its own limit; another does not', async () => {
    const { a, b } = await pair('nobody')
    const token = await a.sync.invite({ bytes: 1_000_000 })
    await b.sync.addRemote(a.id, toPush(a, { authToken: 'f'.repeat(64) }))
    await vi.waitFor(
      async () => {
        expect(await flowOf(b)).toMatchObject({ code: 'DENIED' })
      },
      { timeout: 15_000 }
    )
    await b.sync.updateRemote(a.id, { authToken: token })
    await vi.waitFor(
      async () => {
        expect(await flowOf(b)).toMatchObject({ durable: 11, status: 'synced' })
      },
      { timeout: 15_000 }
    )
    expect((await a.sync.remotes())[0]).toMatchObject({ pushed: { pool: 'tokens', bytes: 1_000_000 } })
    const c = await startNode({ name: 'c' })
    await c.sync.addRemote(a.id, toPush(a, { authToken: token }))
    await vi.waitFor(
      async () => {
        expect(await flowOf(c)).toMatchObject({ durable: 0, code: 'DENIED' })
      },
      { timeout: 15_000 }
    )
    expect(JSON.stringify(await b.sync.remotes())).not.toContain(token)
  })

  test('what a token allows ends the growth, and the pusher is told', async () => {
    const { a, b } = await pair('nobody', 5)
    const token = await a.sync.invite({ bytes: 20_000 })
    await b.sync.addRemote(a.id, toPush(a, { authToken: token }))
    await vi.waitFor(
      async () => {
        expect(await flowOf(b)).toMatchObject({ durable: 6, status: 'synced' })
      },
      { timeout: 15_000 }
    )
    await b.ledger.append({ stream: 'main', type: 'note', payload: 'x'.repeat(30_000) })
    await vi.waitFor(
      async () => {
        expect(await flowOf(b)).toMatchObject({ durable: 6, status: 'failed', code: 'QUOTA' })
      },
      { timeout: 15_000 }
    )
    await a.becomes(b.id, { status: 'stalled', stall: { code: 'QUOTA' } })
    // followed by hand, it may grow
    await a.sync.follow(b.id)
    await a.synced(b.id, 7)
    expect(await b.sync.push(a.id, { waitMs: 10_000 })).toMatchObject({ flows: [{ durable: 7, status: 'synced' }] })
    expect((await a.sync.remotes())[0]).toMatchObject({ pushed: null })
  })
})

test('a receiver that was made anew is told from one that holds: the watermark goes down, and up again', async () => {
  const { a, b } = await pair('anyone')
  await b.sync.addRemote(a.id, toPush(a, { syncDirection: 'bidirectional' }))
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ durable: 11, status: 'synced' })
    },
    { timeout: 15_000 }
  )
  await b.synced(a.id, 1)
  const { addr } = a
  await a.close()
  // its database is gone; its keys and the signer's mark are there, so that it pulls its own ledger back (I2)
  await rm(join(a.dataDir, 'db'), { recursive: true })
  const anew = await startNode({
    dataDir: a.dataDir,
    listen: [addr.split('/p2p/')[0]!],
    sync: { push: { accept: 'ask' } }
  })
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ durable: 0, status: 'pending', code: 'PENDING' })
    },
    { timeout: 20_000 }
  )
  await anew.sync.acceptOffer(b.id)
  expect(await b.sync.push(anew.id, { waitMs: 15_000 })).toMatchObject({ flows: [{ durable: 11, status: 'synced' }] })
})

test('an operator that lets go of a ledger: its receipts are void at the next offer, and what is offered again is taken by the rule', async () => {
  const { a, b } = await pair('ask')
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await a.sync.offers()).toHaveLength(1)
    },
    { timeout: 15_000 }
  )
  await a.sync.acceptOffer(b.id)
  await a.synced(b.id, 11)
  expect(await b.sync.push(a.id, { waitMs: 15_000 })).toMatchObject({ flows: [{ durable: 11, status: 'synced' }] })
  await a.sync.unfollow(b.id, { forget: true })
  expect(await b.sync.push(a.id, { waitMs: 15_000 })).toMatchObject({ flows: [{ durable: 0, code: 'PENDING' }] })
  expect(await a.sync.offers()).toHaveLength(1)
})

test('what was confirmed is known after a restart of the pusher, and asked again', async () => {
  const { a, b } = await pair('anyone')
  await b.sync.addRemote(a.id, toPush(a, { name: 'backup' }))
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ durable: 11, status: 'synced' })
    },
    { timeout: 15_000 }
  )
  await b.close()
  const again = await startNode({ dataDir: b.dataDir, dht: false })
  expect(await again.sync.remotes()).toMatchObject([
    { name: 'backup', syncDirection: 'push', flows: [{ durable: 11 }] }
  ])
  const { entry } = await again.ledger.append(notes(1)[0]!)
  expect(await again.sync.replicas(entry.seq, 1, 15_000)).toMatchObject({ confirmed: [a.id] })
})

test('a private ledger is offered to its readers alone', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', access: 'private' })
  await b.sync.addRemote(a.id, toPush(a))
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ code: 'NOT_A_READER', status: 'failed' })
    },
    { timeout: 15_000 }
  )
  await expect(b.sync.push(a.id, { waitMs: 5_000 })).rejects.toMatchObject({ code: 'NOT_A_READER' })
  expect(await a.sync.status()).toHaveLength(1)
})

test('a private ledger is pushed to a reader, who is known because he is followed', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', access: 'private' })
  await b.ledger.appendBatch(notes(3))
  await b.ledger.parts.ledgers.own.setAccess({
    grant: [{ ledger: a.id, scope: 'full' }],
    revoke: [],
    trust_milli: null
  })
  await b.sync.addRemote(a.id, toPush(a, { syncDirection: 'bidirectional' }))
  await b.synced(a.id, 1)
  await vi.waitFor(
    async () => {
      expect(await b.sync.push(a.id, { waitMs: 2_000 })).toMatchObject({ flows: [{ durable: 5, status: 'synced' }] })
    },
    { timeout: 20_000 }
  )
  expect(await a.ledger.query({ stream: 'main' }, b.id)).toMatchObject({ entries: { length: 3 } })
})

test('remotes: made, changed, and let go of; both sides are one list', async () => {
  const { a, b } = await pair('anyone')
  await expect(b.sync.updateRemote(a.id, {})).rejects.toMatchObject({ code: 'NO_SUCH_REMOTE' })
  await expect(b.sync.addRemote('nonsense')).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(b.sync.addRemote(b.id)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(b.sync.addRemote(a.id, { endpoint: ['/ip4/127.0.0.1/tcp/1'] })).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
  await expect(b.sync.addRemote(a.id, { authToken: 'x' })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(await b.sync.addRemote(a.id, { endpoint: [a.addr], syncDirection: 'bidirectional', name: 'a' })).toMatchObject(
    { syncDirection: 'bidirectional', mode: 'mirror', name: 'a' }
  )
  await b.synced(a.id, 1)
  await vi.waitFor(
    async () => {
      expect(await flowOf(b)).toMatchObject({ status: 'synced' })
    },
    { timeout: 15_000 }
  )
  await expect(b.sync.updateRemote(a.id, { publicKey: 'a'.repeat(64) })).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
  expect(await b.sync.updateRemote(a.id, { publicKey: a.ledger.parts.ledgers.own.chain!.key })).toMatchObject({
    publicKey: a.ledger.parts.ledgers.own.chain!.key
  })
  expect(await b.sync.updateRemote(a.id, { syncDirection: 'pull' })).toMatchObject({ syncDirection: 'pull', flows: [] })
  expect(await b.sync.updateRemote(a.id, { syncDirection: 'push' })).toMatchObject({
    syncDirection: 'push',
    mode: null
  })
  await b.sync.removeRemote(a.id)
  expect(await b.sync.remotes()).toEqual([])
})

test('sync_state: a row for each entry and remote, by status, by entry, page by page', async () => {
  const { a, b } = await pair('anyone', 4)
  await b.sync.addRemote(a.id, toPush(a))
  expect(await b.sync.push(a.id, { waitMs: 15_000 })).toMatchObject({ flows: [{ durable: 5 }] })
  // digits come before letters: it is the first of all
  const ghost = `b${'2'.repeat(51)}a`
  await b.sync.addRemote(ghost, { syncDirection: 'push' })
  const all = await b.sync.state()
  expect(all.rows.map(({ remote, seq, status, code }) => [remote === ghost, seq, status, code])).toEqual([
    ...Array.from({ length: 5 }, (_, seq) => [true, seq, 'pending', 'NO_CONNECTION']),
    ...Array.from({ length: 5 }, (_, seq) => [false, seq, 'synced', null])
  ])
  const pages = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await b.sync.state({ limit: 3, ...(cursor !== undefined && { cursor }) })
    pages.push(...page.rows)
    cursor = page.nextCursor
  }
  expect(pages).toEqual(all.rows)
  expect((await b.sync.state({ status: 'synced', remote: a.id })).rows).toHaveLength(5)
  expect((await b.sync.state({ status: 'failed' })).rows).toEqual([])
  const { entryHash, entryId } = all.rows[3]!
  for (const entry of [entryHash, entryId])
    expect((await b.sync.state({ entry })).rows.map(({ id, remote }) => [id, remote])).toEqual([
      [`${b.id}:${entryId}`, ghost],
      [`${b.id}:${entryId}`, a.id]
    ])
  await expect(b.sync.state({ cursor: 'x' })).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
  await expect(b.sync.state({ limit: 0 })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('what is pushed by hand to who is no remote is over when it is confirmed', async () => {
  const { a, b } = await pair('anyone', 2)
  await b.connect(a.addr)
  await vi.waitFor(
    async () => {
      const asked = { waitMs: 5_000, through: 1, mode: 'mirror' as const, filters: { types: ['note'] }, entries: true }
      const { flows, entries } = await b.sync.push(a.id, asked)
      expect(flows).toMatchObject([{ durable: 3, status: 'synced' }])
      expect(entries).toMatchObject([{ ledger: b.id, rejected: [], conflicts: [], skipped: {} }])
      expect(entries[0]!.accepted).toHaveLength(2)
    },
    { timeout: 20_000 }
  )
  expect((await a.sync.remotes()).find(({ ledger }) => ledger === b.id)).toMatchObject({ filters: { types: ['note'] } })
  for (const wrong of [{ through: -1 }, { ledgers: [a.id, b.id], through: 1 }, { mode: 'headers' }])
    await expect(b.sync.push(a.id, wrong as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(await b.sync.remotes()).toEqual([])
  await vi.waitFor(async () => {
    expect((await b.sync.state()).rows).toEqual([])
  })
})

describe('seed names', () => {
  test('pushEntries, pullEntries, syncBidirectional', async () => {
    const { a, b } = await pair('anyone', 3)
    await a.ledger.appendBatch(notes(2))
    const { entries } = await b.ledger.query({ stream: 'main' })
    const remote = { id: a.id, endpoint: [a.addr], syncDirection: 'bidirectional' as const }
    const pushed = await b.sync.pushEntries(remote, entries, { timeoutMs: 15_000 })
    expect(pushed).toEqual({ accepted: entries.map(({ id }) => id), rejected: [], conflicts: [] })
    await a.ledger.append({ stream: 'other', type: 'note', payload: 1, id: 'late' })
    await b.synced(a.id, 4)
    const both = await b.sync.syncBidirectional(a.id, { timeoutMs: 15_000 })
    expect(both.push.accepted).toHaveLength(4)
    const c = await startNode({ name: 'c' })
    await c.connect(a.addr)
    const pulled = await c.sync.pullEntries(a.id, { timeoutMs: 15_000, stream: 'other' })
    expect(pulled).toMatchObject({ accepted: ['late'], rejected: [] })
    const denied = await startNode({ name: 'd' })
    await b.connect(denied.addr)
    expect(await b.sync.pushEntries(denied.id, entries.slice(0, 1), { timeoutMs: 5_000 })).toEqual({
      accepted: [],
      rejected: [{ id: entries[0]!.id, reason: 'DENIED' }],
      conflicts: []
    })
  })
})
