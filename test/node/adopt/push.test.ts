/** Who pushes to a node that adopts hears what became of each entry. */
import { expect, test, vi } from 'vitest'
import { OUTCOMES, REASONS, type Run } from '../../../protocols/push/index.js'
import { adoptedRuns } from '../../../src/node/push/adopted-runs.js'
import type { Outcome } from '../../../src/sync/adopt/types.js'
import { startNode } from '../../helpers/test-node.js'

const DIPLOMA = { stream: 'diplomas', type: 'diploma' }

test('each entry that the own ledger of the receiver does not take is named to the pusher', async () => {
  const [university, federation] = [await startNode({ name: 'university' }), await startNode({ name: 'federation' })]
  const { entry } = await university.ledger.append({ ...DIPLOMA, id: 'squatted' })
  await federation.ledger.append({ ...DIPLOMA, id: entry.hash })
  const { entry: fine } = await university.ledger.append({ ...DIPLOMA, id: 'fine', payload: 1 })
  await federation.sync.adopt(university.id)
  await university.connect(federation.addr)
  await university.sync.addRemote(federation.id, { syncDirection: 'push' })
  await vi.waitFor(
    async () => {
      const result = await university.sync.pushEntries(federation.id, [entry, fine])
      expect(result).toMatchObject({ accepted: ['fine'], rejected: [{ id: 'squatted', reason: 'ID_TAKEN' }] })
    },
    { timeout: 20_000, interval: 100 }
  )
  const told = await university.sync.push(federation.id, { waitMs: 15_000, entries: true })
  expect(told.entries).toMatchObject([
    { accepted: ['genesis', 'fine'], rejected: [{ id: 'squatted', reason: 'ID_TAKEN' }], skipped: { RESERVED: 1 } }
  ])
  expect((await university.sync.state({ status: 'failed' })).rows).toMatchObject([
    { entryId: 'squatted', remote: federation.id, direction: 'outbound', code: 'ID_TAKEN' }
  ])
})

test('runs: joined where they are alike, the newest 4,096 one by one, never more than an answer may have', async () => {
  const say = async (outcomes: (seq: number) => Outcome | null, to: number): Promise<Run[]> =>
    await adoptedRuns(
      {
        progressOf: () => null,
        outcomesOf: (_ledger, from, end) =>
          Promise.resolve(Array.from({ length: end - from }, (_, i) => outcomes(from + i)))
      },
      'b',
      to
    )
  expect(await say((seq) => (seq < 3 ? { outcome: 'existing' } : { outcome: 'skipped', code: 'ERASED' }), 5)).toEqual([
    { from: 0, count: 3, outcome: OUTCOMES.adopted, reason: 0 },
    { from: 3, count: 2, outcome: OUTCOMES.skipped, reason: REASONS.ERASED }
  ])
  expect(await say(() => ({ outcome: 'adopted' }), 5_000)).toEqual([
    { from: 0, count: 904, outcome: OUTCOMES.mirrored, reason: 0 },
    { from: 904, count: 4_096, outcome: OUTCOMES.adopted, reason: 0 }
  ])
  const torn = await say((seq) => (seq % 2 === 0 ? null : { outcome: 'waiting', code: 'NO_PAYLOAD' }), 5_000)
  expect(torn).toHaveLength(512)
  for (const [i, { from, count }] of torn.entries()) expect(torn[i + 1]?.from ?? from + count).toBe(from + count)
})
