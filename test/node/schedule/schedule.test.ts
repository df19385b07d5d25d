/** Schedules between whole nodes: what waits for its time waits with a name, and goes when it is asked for. */
import { afterEach, expect, test, vi } from 'vitest'
import { stopAll } from '../../network/fixture.js'
import { fastClock, startNode, type TestNode } from '../../helpers/test-node.js'

afterEach(stopAll)

const notes = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: 'main', type: 'note', payload: { n } }))

async function followed(): Promise<{ a: TestNode; b: TestNode }> {
  const a = await startNode({ name: 'a' })
  const b = await startNode({ name: 'b' })
  await a.ledger.appendBatch(notes(5))
  await b.connect(a.addr)
  await b.sync.follow(a.id)
  await b.synced(a.id, 6)
  return { a, b }
}

test('a remote on demand: entries wait, SCHEDULED, heads are heard; pull fetches them, and it is closed again', async () => {
  const { a, b } = await followed()
  expect(await b.sync.addRemote(a.id, { schedule: 'manual', priority: 7, inKiBps: 64 })).toMatchObject({
    schedule: 'manual',
    open: false,
    opens: null,
    priority: 7,
    inKiBps: 64
  })
  await a.ledger.appendBatch(notes(3))
  await b.becomes(a.id, { status: 'stalled', size: 6, target: 9, stall: { code: 'SCHEDULED', next: null } })
  await vi.waitFor(async () => {
    expect(await b.sync.jobs({ ledger: a.id, history: true })).toMatchObject([
      {
        direction: 'in',
        state: 'waiting',
        code: 'SCHEDULED',
        schedule: 'manual',
        history: expect.arrayContaining([expect.objectContaining({ to: 'done' })]) as unknown
      }
    ])
  })
  expect(await b.sync.pull(a.id)).toMatchObject({ status: 'synced', size: 9 })
  await vi.waitFor(async () => {
    expect((await b.sync.remotes())[0]).toMatchObject({ open: false })
  })
  expect(await b.status(a.id)).toMatchObject({ status: 'synced' })
  await b.sync.updateRemote(a.id, { schedule: 'continuous' })
  await a.ledger.append(notes(1)[0]!)
  await b.synced(a.id, 10)
  expect([...a.errors(), ...b.errors()]).toEqual([])
})

test('a pause with an end goes on by itself, and says when', async () => {
  const { a, b } = await followed()
  const { stall } = await b.sync.pause(a.id, 1_500)
  expect(stall).toMatchObject({ code: 'PAUSED' })
  expect(stall!.next! - Date.now()).toBeGreaterThan(0)
  await a.ledger.append(notes(1)[0]!)
  await b.becomes(a.id, { status: 'stalled', size: 6 })
  await b.synced(a.id, 7)
  for (const forMs of [0, -1, 1.5, 1e15])
    await expect(b.sync.pause(a.id, forMs)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a schedule outlives a restart; a remote that is let go of takes it along', async () => {
  const { a, b } = await followed()
  await b.sync.updateRemote(a.id, { schedule: 'mon 03:00-03:01 UTC' })
  await b.close()
  await a.ledger.append(notes(1)[0]!)
  const again = await startNode({ name: 'b', dataDir: b.dataDir })
  expect((await again.sync.remotes())[0]).toMatchObject({ schedule: 'mon 03:00-03:01 UTC', open: false })
  await again.connect(a.addr)
  await again.becomes(a.id, { status: 'stalled', target: 7, stall: { code: 'SCHEDULED' } })
  expect((await again.status(a.id)).stall!.next).toBeGreaterThan(Date.now())
  await again.sync.removeRemote(a.id)
  await again.sync.follow(a.id)
  await again.synced(a.id, 7)
})

test('a node that dials out once in a period: it is not connected before, and both ways are done in one turn', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  await a.ledger.appendBatch(notes(5))
  // A minute is six seconds; faster, and a busy machine could not dial in the time that is left for it.
  const b = await startNode({ name: 'b', dht: false, clock: fastClock(10) })
  await b.ledger.appendBatch(notes(2))
  await b.sync.addRemote(a.id, { schedule: 'every 1 min', syncDirection: 'bidirectional', endpoint: [a.addr] })
  await b.synced(a.id, 6)
  await vi.waitFor(
    async () => {
      expect(await b.sync.remotes()).toMatchObject([{ open: false, flows: [{ durable: 3, status: 'synced' }] }])
    },
    { timeout: 15_000 }
  )
  b.peerNetwork.host.drop(a.peerId, 'CLOSED', 1)
  await vi.waitFor(() => {
    expect(b.peerNetwork.connections.peers()).toEqual([])
  })
  await a.ledger.append(notes(1)[0]!)
  const { entry } = await b.ledger.append(notes(1)[0]!)
  await b.synced(a.id, 7)
  expect(await b.sync.replicas(entry.seq, 1, 100_000)).toMatchObject({ confirmed: [a.id] })
})

test('a remote that cannot be reached: the wait says when it is dialled again', async () => {
  const gone = await startNode({ name: 'gone' })
  const { addr, id } = gone
  await gone.close()
  const b = await startNode({ name: 'b', dht: false })
  await b.sync.addRemote(id, { syncDirection: 'push', endpoint: [addr] })
  await vi.waitFor(
    async () => {
      const [job] = await b.sync.jobs()
      expect(job).toMatchObject({ state: 'waiting', code: 'NO_CONNECTION' })
      expect(job!.next! - Date.now()).toBeGreaterThan(0)
      expect((await b.sync.remotes())[0]!.flows[0]).toMatchObject({ code: 'NO_CONNECTION', next: job!.next })
    },
    { timeout: 15_000 }
  )
})

test('a start asks who held the own ledger, whatever the time is: only then the schedule counts', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', dht: false })
  await b.ledger.appendBatch(notes(2))
  await b.sync.addRemote(a.id, { schedule: 'manual', syncDirection: 'push', endpoint: [a.addr] })
  await b.sync.push(a.id, { waitMs: 15_000 })
  await b.close()
  const again = await startNode({ name: 'b', dht: false, dataDir: b.dataDir })
  await vi.waitFor(
    async () => {
      expect(again.peerNetwork.connections.peers()).toMatchObject([{ ledger: a.id }])
      expect((await again.sync.status(again.id))[0]).toMatchObject({ status: 'synced' })
    },
    { timeout: 20_000 }
  )
  expect(await again.sync.remotes()).toMatchObject([{ open: false }])
})

test('push on demand: SCHEDULED until somebody pushes', async () => {
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', dht: false })
  await b.ledger.appendBatch(notes(2))
  await b.sync.addRemote(a.id, { schedule: 'manual', syncDirection: 'push', endpoint: [a.addr] })
  await vi.waitFor(async () => {
    expect(await b.sync.jobs()).toMatchObject([
      { direction: 'out', remote: a.id, state: 'waiting', code: 'SCHEDULED', next: null }
    ])
  })
  expect(b.peerNetwork.connections.peers()).toEqual([])
  expect(await b.sync.push(a.id, { waitMs: 15_000 })).toMatchObject({ flows: [{ durable: 3, status: 'synced' }] })
  await vi.waitFor(async () => {
    expect(await b.sync.jobs()).toMatchObject([{ state: 'done' }])
    expect(await b.sync.remotes()).toMatchObject([{ open: false }])
  })
})

test.each(['in', 'out'] as const)('caps hold between whole nodes: %s', async (way) => {
  const a = await startNode({ name: 'a' })
  const b = await startNode({ name: 'b' })
  const pad = 'x'.repeat(1000)
  await a.ledger.appendBatch(
    Array.from({ length: 1500 }, (_, n) => ({ stream: 'main', type: 'note', payload: { n, pad } }))
  )
  if (way === 'out') await a.sync.addRemote(b.id, { syncDirection: 'push', outKiBps: 256 })
  await b.connect(a.addr)
  await vi.waitFor(() => {
    expect(a.peerNetwork.connections.peers()).toMatchObject([{ ledger: b.id }])
  })
  const began = Date.now()
  await b.sync.addRemote(a.id, way === 'in' ? { inKiBps: 256 } : {})
  await b.synced(a.id, 1501)
  // 1,500 entries have some 2 MiB; a second's worth, and what is asked for at once, comes faster.
  expect(Date.now() - began).toBeGreaterThan(2_000)
  expect(b.errors()).toEqual([])
})

test('options that could not be kept are refused', async () => {
  for (const limits of [{ maxJobs: 0 }, { maxJobs: 5000 }, { inKiBps: 1 }, { outKiBps: -5 }, { more: 1 }])
    await expect(startNode({ sync: { limits } })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})
