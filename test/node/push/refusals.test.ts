/** A remote that takes some entries and refuses others: each is listed with its reason, tried again, or let be. */
import { afterEach, expect, test, vi } from 'vitest'
import { OUTCOMES, REASONS, type PushRequest, type Run } from '../../../protocols/push/index.js'
import { PushDesk } from '../../../src/node/push/push-desk.js'
import { stopAll } from '../../network/fixture.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'

afterEach(async () => {
  vi.restoreAllMocks()
  await stopAll()
})

const notes = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: 'main', type: 'note', id: `note-${n}`, payload: { n } }))

/** A, who says these things of what it has taken, and B, who pushes eleven entries to it. */
async function pair(runs: () => Run[]): Promise<{ a: TestNode; b: TestNode; offers: () => number }> {
  let offers = 0
  const offered = Reflect.get(PushDesk.prototype, 'offered') as PushDesk['offered']
  vi.spyOn(PushDesk.prototype, 'offered').mockImplementation(async function* (
    this: PushDesk,
    peer: string,
    request: PushRequest,
    signal: AbortSignal
  ) {
    offers++
    for await (const news of offered.call(this, peer, request, signal))
      yield news.kind === 'results' ? { kind: 'results', results: { ledger: news.results.ledger, runs: runs() } } : news
  })
  const a = await startNode({ name: 'a', sync: { push: { accept: 'anyone' } } })
  const b = await startNode({ name: 'b', dht: false })
  await b.ledger.appendBatch(notes(10))
  await b.sync.addRemote(a.id, { endpoint: [a.addr], syncDirection: 'push' })
  return { a, b, offers: () => offers }
}

const run = (from: number, count: number, outcome: number, reason = 0): Run => ({ from, count, outcome, reason })

test('single entries that are refused or in conflict are listed; the others are synced; retry offers again, clear lets be', async () => {
  const { a, b, offers } = await pair(() => [
    run(0, 2, OUTCOMES.adopted),
    run(2, 2, OUTCOMES.refused, REASONS.ID_TAKEN),
    run(4, 1, OUTCOMES.skipped, REASONS.RESERVED),
    run(5, 1, OUTCOMES.conflict),
    run(6, 1, OUTCOMES.refused, 200),
    run(7, 2 ** 30, OUTCOMES.mirrored)
  ])
  await vi.waitFor(
    async () => {
      expect((await b.sync.state({ status: 'failed' })).rows).toMatchObject([
        { seq: 2, remote: a.id, direction: 'outbound', code: 'ID_TAKEN', attempts: 1, entryId: 'note-1' },
        { seq: 3, code: 'ID_TAKEN' },
        { seq: 6, code: 'OTHER' }
      ])
    },
    { timeout: 15_000 }
  )
  expect((await b.sync.state({ status: 'conflict' })).rows).toMatchObject([{ seq: 5, code: 'CONFLICT' }])
  expect((await b.sync.state({ status: 'synced', direction: 'outbound' })).rows).toHaveLength(7)
  expect((await b.sync.remotes())[0]).toMatchObject({
    exceptions: { outbound: { pending: 0, conflict: 1, failed: 3 } }
  })
  const pushed = await b.sync.pushEntries(
    a.id,
    [1, 2, 5].map((seq) => ({ id: `note-${seq - 1}`, seq }))
  )
  expect(pushed).toEqual({
    accepted: ['note-0', 'note-4'],
    rejected: [{ id: 'note-1', reason: 'ID_TAKEN' }],
    conflicts: [{ id: 'note-4', conflict: 'CONFLICT' }]
  })
  const before = offers()
  expect(await b.sync.retryState({ remote: a.id })).toBe(4)
  await vi.waitFor(
    () => {
      expect(offers()).toBeGreaterThan(before)
    },
    { timeout: 15_000 }
  )
  expect(await b.sync.clearState({ remote: a.id, entry: 'note-1' })).toBe(1)
  expect((await b.sync.state({ status: 'failed' })).rows.map(({ seq }) => seq)).toEqual([3, 6])
  await b.sync.removeRemote(a.id)
  await b.sync.addRemote(a.id, { syncDirection: 'push' })
  expect((await b.sync.remotes())[0]).toMatchObject({ exceptions: { outbound: { failed: 0, conflict: 0 } } })
})

test('what was pulled is in the same table: the mirror entry by entry, and what is disputed of it', async () => {
  const { a, b } = await pair(() => [run(0, 11, OUTCOMES.mirrored)])
  await a.synced(b.id, 11)
  const { rows, nextCursor } = await a.sync.state({ direction: 'inbound', limit: 5 })
  expect(rows).toMatchObject(
    Array.from({ length: 5 }, (_, seq) => ({
      id: `${b.id}:${seq === 0 ? 'genesis' : `note-${seq - 1}`}`,
      remote: b.id,
      direction: 'inbound',
      status: 'synced',
      code: null
    }))
  )
  expect((await a.sync.state({ direction: 'inbound', cursor: nextCursor! })).rows).toHaveLength(6)
  expect((await a.sync.state({ status: 'failed' })).rows).toEqual([])
})
