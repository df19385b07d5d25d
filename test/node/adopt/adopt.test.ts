/** Whole nodes: what one signs, another adopts; exactly once, as far as it may, and erasures reach the copies. */
import { expect, test, vi } from 'vitest'
import { decodeEntry } from '../../../src/core/entry.js'
import type { AdoptionReport } from '../../../src/node/api/adopt.js'
import { PromMetrics } from '../../../src/node/metrics/prom-metrics.js'
import { TestLog } from '../../ledger/support.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

const DIPLOMA = { stream: 'diplomas', type: 'diploma' }

async function reportOf(node: TestNode, source: TestNode): Promise<AdoptionReport> {
  return (await node.sync.adoptions(source.id))[0]!
}

async function adopted(node: TestNode, source: TestNode, copies: number): Promise<AdoptionReport> {
  await vi.waitFor(
    async () => {
      expect(await reportOf(node, source)).toMatchObject({
        status: 'adopted',
        copies,
        looked: source.ledger.parts.ledgers.own.size
      })
    },
    { timeout: 20_000, interval: 20 }
  )
  return await reportOf(node, source)
}

/** What the copies of a node say, by their originals' ids. */
async function copiesIn(node: TestNode): Promise<Record<string, unknown>> {
  const { entries } = await node.ledger.query({ adopted: true, limit: 1000 })
  return Object.fromEntries(
    entries.map(({ meta, payload, payload_state: state }) => [
      (meta.sync as { originalId: string }).originalId,
      state === 'present' ? payload : state
    ])
  )
}

async function pair(
  options: { a?: 'public' | 'private'; b?: 'public' | 'private'; accept?: 'anyone'; metrics?: PromMetrics } = {}
): Promise<[TestNode, TestNode]> {
  const a = await startNode({
    name: 'university',
    access: options.a ?? 'public',
    sync: options.accept === undefined ? {} : { push: { accept: options.accept } }
  })
  const b = await startNode({
    name: 'federation',
    access: options.b ?? 'public',
    ...(options.metrics !== undefined && { metrics: options.metrics })
  })
  await b.connect(a.addr)
  return [a, b]
}

test('filtered, once each, as they are; verified against the originals; erasures reach the copies', async () => {
  const metrics = new PromMetrics({ log: new TestLog() })
  const [a, b] = await pair({ metrics })
  for (let n = 0; n < 5; n++)
    await a.ledger.append({ ...DIPLOMA, id: `d${n}`, subject_oid: `s${n}`, payload: { n }, timestamp: 1_000 + n })
  await a.ledger.append({ stream: 'notes', type: 'note', payload: 'private matter' })
  await b.sync.adopt(a.id, { filters: { streams: ['diplomas'] } })
  const report = await adopted(b, a, 5)
  expect(report).toMatchObject({ skipped: { RESERVED: 1, FILTERED: 1 }, refused: {}, stall: null, from: 0 })
  expect(await copiesIn(b)).toEqual({ d0: { n: 0 }, d1: { n: 1 }, d2: { n: 2 }, d3: { n: 3 }, d4: { n: 4 } })
  const original = (await a.ledger.get('d3'))!
  expect(await b.ledger.get(original.hash)).toMatchObject({
    ...DIPLOMA,
    id: original.hash,
    subject_oid: 's3',
    timestamp: 1_003,
    adopted: a.id,
    meta: { sync: { source: a.id, originalId: 'd3', originalHash: original.hash } }
  })
  expect(await b.ledger.verifyEntry(original.hash)).toMatchObject({
    valid: true,
    copy: { state: 'verified', differs: [] }
  })
  expect((await b.ledger.verifyChain()).valid).toBe(true)

  const edges = (await b.ledger.plugins.interoperability.topology()).edges.filter(({ type }) => type === 'reference')
  expect(edges).toMatchObject([{ from: b.id, to: a.id, config: { count: 5, unresolved: 0, contradicted: 0 } }])

  // what comes later is adopted as well, and what is erased is erased in the copy
  await a.ledger.append({ ...DIPLOMA, id: 'late', payload: 'late' })
  await adopted(b, a, 6)
  const size = b.ledger.parts.ledgers.own.size
  await a.ledger.erase([original.hash])
  await vi.waitFor(
    async () => {
      expect(await copiesIn(b)).toMatchObject({ d2: { n: 2 }, d3: 'erased', late: 'late' })
    },
    { timeout: 10_000, interval: 20 }
  )
  await adopted(b, a, 6)
  // one ledger.erase, and nothing else
  expect(b.ledger.parts.ledgers.own.size).toBe(size + 1)
  const figures = await metrics.text()
  expect(figures).toContain('ledgermesh_adopt_erasures_total 1\n')
  expect(figures).toContain('ledgermesh_adopt_erasure_seconds_count 1\n')
  expect(b.errors()).toEqual([])
})

test('two that adopt from each other settle with one copy each; a restart writes nothing', async () => {
  const [a, b] = await pair()
  await a.ledger.append({ ...DIPLOMA, id: 'of-a', payload: 1 })
  await b.ledger.append({ ...DIPLOMA, id: 'of-b', payload: 2 })
  await a.sync.adopt(b.id)
  await b.sync.adopt(a.id)
  await vi.waitFor(
    async () => {
      expect([await copiesIn(a), await copiesIn(b)]).toEqual([{ 'of-b': 2 }, { 'of-a': 1 }])
    },
    { timeout: 20_000, interval: 20 }
  )
  await adopted(a, b, 1)
  await adopted(b, a, 1)
  const size = b.ledger.parts.ledgers.own.size
  expect(await reportOf(b, a)).toMatchObject({
    skipped: { IS_COPY: 1 },
    others: [{ ledger: b.id, copies: 1, followed: true }]
  })
  await b.close()
  const again = await startNode({ name: 'federation', dataDir: b.dataDir })
  await again.connect(a.addr)
  await adopted(again, a, 1)
  expect(again.ledger.parts.ledgers.own.size).toBe(size)
})

test('a chain: nothing of A comes through B; B says where it is from', async () => {
  const [a, b] = await pair()
  const c = await startNode({ name: 'c' })
  await c.connect(b.addr)
  await a.ledger.append({ ...DIPLOMA, id: 'of-a', payload: 1 })
  await b.ledger.append({ ...DIPLOMA, id: 'of-b', payload: 2 })
  await b.sync.adopt(a.id)
  await adopted(b, a, 1)
  await c.sync.adopt(b.id)
  await adopted(c, b, 1)
  expect(await copiesIn(c)).toEqual({ 'of-b': 2 })
  expect(await reportOf(c, b)).toMatchObject({ others: [{ ledger: a.id, copies: 1, followed: false }] })
  // B's word about A's entry, which C does not hold
  const [copy] = (await c.ledger.query({ adopted: true }, b.id)).entries
  expect(await c.ledger.verifyEntry({ seq: copy!.seq }, b.id)).toMatchObject({
    copy: { source: a.id, state: 'unverified' }
  })
})

test('ids that are taken, and copies that do not fit, are named, and what follows is adopted', async () => {
  const [a, b] = await pair()
  const { entry } = await a.ledger.append({ ...DIPLOMA, id: 'squatted' })
  await b.ledger.append({ ...DIPLOMA, id: entry.hash })
  await a.ledger.append({ ...DIPLOMA, id: 'large', meta: { text: 'x'.repeat(32_200) } })
  await a.ledger.append({ ...DIPLOMA, id: 'fits', meta: { text: 'x'.repeat(31_900) } })
  await b.sync.adopt(a.id)
  const report = await adopted(b, a, 1)
  expect(report.refused).toEqual({ ID_TAKEN: 1, TOO_LARGE: 1 })
  expect(report.latestRefused.map(({ id, code }) => [id, code])).toEqual([
    ['squatted', 'ID_TAKEN'],
    ['large', 'TOO_LARGE']
  ])
  expect(await copiesIn(b)).toEqual({ fits: null })
  // nobody takes the id of what is still to come
  const { entry: next } = await a.ledger.append({ ...DIPLOMA, id: 'next' })
  await adopted(b, a, 2)
  await expect(b.ledger.append({ stream: 's', type: 't', id: next.hash, payload: 'mine' })).rejects.toMatchObject({
    code: 'ID_TAKEN'
  })
  const reserved = (await a.ledger.get('large'))!.hash
  await expect(b.ledger.append({ stream: 's', type: 't', id: reserved })).rejects.toMatchObject({ code: 'RESERVED_ID' })
})

test('S4: private never into public: refused when it is asked for, and held back when it turns out', async () => {
  const [a, b] = await pair({ a: 'private' })
  await a.sync.follow(b.id)
  await a.ledger.setAccess({ grant: [{ ledger: b.id, scope: 'full' }] })
  await a.ledger.append({ ...DIPLOMA, id: 'secret', payload: 'secret' })
  await b.sync.adopt(a.id)
  await b.synced(a.id, 3)
  await vi.waitFor(
    async () => {
      expect((await reportOf(b, a)).stall?.code).toBe('PRIVATE_INTO_PUBLIC')
    },
    { timeout: 10_000 }
  )
  expect(b.ledger.parts.ledgers.own.size).toBe(1)
  await expect(b.sync.adopt(a.id)).rejects.toMatchObject({ code: 'PRIVATE_INTO_PUBLIC' })
})

/** What one has signed comes to the other, without a network. */
async function hand(from: TestNode, to: TestNode): Promise<void> {
  const mirror = to.mirror(from.id)
  const raw = await from.ledger.parts.ledgers.own.range(mirror.size, { count: 100, bytes: 1_000_000 })
  await mirror.ingest(raw.map((one) => decodeEntry(one)))
}

test('private into private: only when all own readers may read it, or the operator accepts them', async () => {
  const a = await startNode({ name: 'university', access: 'private' })
  const b = await startNode({ name: 'federation', access: 'private' })
  await a.ledger.append({ ...DIPLOMA, id: 'one', payload: 1 })
  await b.sync.adopt(a.id)
  await hand(a, b)
  await adopted(b, a, 1)
  await b.ledger.setAccess({ grant: [{ ledger: `b${'a'.repeat(52)}`, scope: 'full' }] })
  await a.ledger.append({ ...DIPLOMA, id: 'two', payload: 2 })
  await hand(a, b)
  await vi.waitFor(
    async () => {
      expect((await reportOf(b, a)).stall?.code).toBe('READERS_WIDER')
    },
    { timeout: 10_000 }
  )
  expect(await copiesIn(b)).toEqual({ one: 1 })
  await expect(b.sync.adopt(a.id)).rejects.toMatchObject({ code: 'READERS_WIDER' })
  await b.sync.adopt(a.id, { acceptReaders: true })
  await adopted(b, a, 2)
})

test('stopped, and unfollowed: erasures go on reaching the copies until nobody follows; copies are erased on demand', async () => {
  const [a, b] = await pair()
  for (const id of ['one', 'two', 'three']) await a.ledger.append({ ...DIPLOMA, id, payload: id })
  await b.sync.adopt(a.id)
  await adopted(b, a, 3)
  expect(await b.sync.stopAdopting(a.id)).toMatchObject({ status: 'stopped', copies: 3 })
  await a.ledger.append({ ...DIPLOMA, id: 'four', payload: 'four' })
  await a.ledger.erase([(await a.ledger.get('one'))!.hash])
  await vi.waitFor(
    async () => {
      expect(await copiesIn(b)).toEqual({ one: 'erased', two: 'two', three: 'three' })
    },
    { timeout: 10_000 }
  )
  await expect(b.sync.unfollow(a.id)).rejects.toMatchObject({ code: 'COPIES_REMAIN', details: { copies: 3 } })
  await b.sync.unfollow(a.id, { forget: true, copies: 'keep' })
  expect(await b.sync.adoptions()).toMatchObject([{ ledger: a.id, status: 'unfollowed', copies: 3 }])
  // followed again: what was erased meanwhile reaches the copies, and nothing comes twice
  await a.ledger.erase([(await a.ledger.get('two'))!.hash])
  await b.sync.follow(a.id)
  await vi.waitFor(
    async () => {
      expect(await copiesIn(b)).toEqual({ one: 'erased', two: 'erased', three: 'three' })
    },
    { timeout: 10_000 }
  )
  await b.sync.adopt(a.id)
  await adopted(b, a, 4)
  expect(Object.keys(await copiesIn(b)).toSorted()).toEqual(['four', 'one', 'three', 'two'])
  await b.sync.unfollow(a.id, { copies: 'erase' })
  expect(new Set(Object.values(await copiesIn(b)))).toEqual(new Set(['erased']))
})

test('from now: only what comes after the source was synced first; other filters look at all again', async () => {
  const [a, b] = await pair()
  await a.ledger.append({ ...DIPLOMA, id: 'old', payload: 1 })
  await b.sync.adopt(a.id, { from: 'now' })
  await vi.waitFor(
    async () => {
      expect((await reportOf(b, a)).from).toBe(2)
    },
    { timeout: 10_000 }
  )
  await a.ledger.append({ ...DIPLOMA, id: 'new', payload: 2 })
  await adopted(b, a, 1)
  expect(await copiesIn(b)).toEqual({ new: 2 })
  await b.sync.adopt(a.id, { filters: { types: ['diploma'] } })
  await adopted(b, a, 2)
  expect(await copiesIn(b)).toEqual({ new: 2, old: 1 })
})

test("the seed's pullEntries: which were adopted, which were not, and why", async () => {
  const [a, b] = await pair({ accept: 'anyone' })
  const { entry } = await a.ledger.append({ ...DIPLOMA, id: 'squatted' })
  await b.ledger.append({ ...DIPLOMA, id: entry.hash })
  await a.ledger.append({ ...DIPLOMA, id: 'one', payload: 1 })
  expect(await b.sync.pullEntries({ id: a.id, adopt: {} })).toEqual({
    accepted: ['one'],
    rejected: [{ id: 'squatted', reason: 'ID_TAKEN' }],
    conflicts: []
  })
  await a.ledger.append({ ...DIPLOMA, id: 'two', payload: 2 })
  await a.ledger.append({ ...DIPLOMA, id: 'other', stream: 'other', payload: 2 })
  expect(await b.sync.pullEntries(a.id, { stream: 'diplomas' })).toEqual({
    accepted: ['two'],
    rejected: [],
    conflicts: []
  })
  const { pull } = await b.sync.syncBidirectional(a.id)
  expect(pull).toEqual({ accepted: [], rejected: [], conflicts: [] })
  expect(await b.sync.remotes()).toMatchObject([{ ledger: a.id, mode: 'adopt' }])
})

test('a hook that refuses copies holds up nobody else; paused sources wait, their erasures do not', async () => {
  const [a, b] = await pair()
  b.ledger.parts.ledgers.hooks.add(
    'picky',
    {
      beforeAppend: ({ subject_oid: subject }) => {
        if (subject === 'nobody') throw new Error('not him')
      }
    },
    b.ledger
  )
  await a.ledger.append({ ...DIPLOMA, id: 'refused', subject_oid: 'nobody', payload: 1 })
  const { entry } = await a.ledger.append({ ...DIPLOMA, id: 'taken', payload: 2 })
  await b.sync.adopt(a.id)
  expect((await adopted(b, a, 1)).refused).toEqual({ HOOK: 1 })
  await b.sync.pause(a.id)
  await vi.waitFor(
    async () => {
      expect((await reportOf(b, a)).stall?.code).toBe('PAUSED')
    },
    { timeout: 10_000 }
  )
  // as if the erasure had come before the pause
  await a.ledger.erase([entry.hash])
  await hand(a, b)
  await vi.waitFor(
    async () => {
      expect(await copiesIn(b)).toEqual({ taken: 'erased' })
    },
    { timeout: 10_000 }
  )
})

test('trust is withdrawn: headers go on coming, so that erasures reach the copies; then payloads come again', async () => {
  const a = await startNode({ name: 'university' })
  const b = await startNode({ name: 'federation', sync: { filterByTrust: true, minTrustLevel: 0.5 } })
  await b.connect(a.addr)
  const attest = async (levelMilli: number): Promise<void> => {
    await b.ledger.plugins.interoperability.trust.attest({ ledger: a.id, levelMilli, kind: 'full' })
  }
  await attest(800)
  const { entry } = await a.ledger.append({ ...DIPLOMA, id: 'one', payload: 1 })
  await b.sync.adopt(a.id)
  await adopted(b, a, 1)
  await attest(100)
  await b.becomes(a.id, { headers: true })
  await a.ledger.append({ ...DIPLOMA, id: 'two', payload: 2 })
  await a.ledger.erase([entry.hash])
  await vi.waitFor(
    async () => {
      expect(await copiesIn(b)).toEqual({ one: 'erased' })
    },
    { timeout: 15_000 }
  )
  expect(await reportOf(b, a)).toMatchObject({ status: 'stalled', stall: { code: 'UNTRUSTED' } })
  expect(await b.ledger.get('two', a.id)).toMatchObject({ payload: null, payload_state: 'filtered' })
  expect(await b.status(a.id)).toMatchObject({ status: 'synced', headers: true })
  // also after a restart
  await b.close()
  const again = await startNode({
    name: 'federation',
    dataDir: b.dataDir,
    sync: { filterByTrust: true, minTrustLevel: 0.5 }
  })
  await again.connect(a.addr)
  await a.ledger.append({ ...DIPLOMA, id: 'three', payload: 3 })
  await again.becomes(a.id, { status: 'synced', size: 5, headers: true })
  await again.ledger.plugins.interoperability.trust.attest({ ledger: a.id, levelMilli: 800, kind: 'full' })
  await adopted(again, a, 3)
  expect(await copiesIn(again)).toEqual({ one: 'erased', two: 2, three: 3 })
  expect(await again.status(a.id)).toMatchObject({ status: 'synced', headers: false })
})
