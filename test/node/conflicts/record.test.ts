/** What a strategy decided is written down where its rule says so; and rules that stand in the settings. */
import { expect, test, vi } from 'vitest'
import { readRule, type RuleInput } from '../../../src/conflict/rule.js'
import { RECORDS_PER_HOUR } from '../../../src/conflict/limits.js'
import { Recorder } from '../../../src/node/conflicts/recorder.js'
import { Author, openNode, TestLog, type Node } from '../../ledger/support.js'
import { startNode } from '../../helpers/test-node.js'

const RULE: RuleInput = { name: 'people', key: ['subject_oid'], match: { streams: ['people'] }, scope: 'held' }

/** The own ledger and another one speak of these, each of the other's later. */
async function disagree(node: Node, subjects: readonly string[]): Promise<void> {
  const author = await Author.create()
  for (const subject of subjects) {
    await author.add({ stream: 'people', subject_oid: subject, timestamp: 2_000 }, { by: 'author' })
    await node.ledgers.own.append({ stream: 'people', type: 't', subject_oid: subject, timestamp: 1_000, payload: 1 })
  }
  const mirror = await node.ledgers.mirror(author.id)
  await mirror.ingest(author.entries)
  await mirror.setAudited(mirror.size)
  await node.ledgers.conflicts.caughtUp()
}

async function recorded(node: Node): Promise<number> {
  return (await node.ledgers.own.query({ type: 'ledger.resolution', limit: 1_000 })).entries.length
}

function recorderOf(node: Node): Recorder {
  return new Recorder({ ledgers: node.ledgers, clock: node.clock, log: new TestLog() })
}

const states = async ({ ledgers }: Node): Promise<string[]> =>
  (await ledgers.conflicts.list(['open', 'reopened', 'decided', 'resolved'], { offset: 0, limit: 1_000 })).found.map(
    ({ row }) => row.state
  )

test('the winner of last-write-wins becomes a resolution, once; without record, or by no writer, nothing is signed', async () => {
  const node = await openNode()
  await node.ledgers.rules.set(readRule({ ...RULE, writers: [node.ledgers.own.id], strategy: 'last-write-wins' }))
  await disagree(node, ['a', 'b'])
  const recorder = recorderOf(node)
  recorder.wake()
  await recorder.stop()
  expect(await recorded(node)).toBe(0)
  for (const [writers, count] of [
    [[], 0],
    [[node.ledgers.own.id], 2]
  ] as const) {
    await node.ledgers.rules.set(
      readRule({ ...RULE, writers: [...writers], strategy: 'last-write-wins', record: true })
    )
    node.ledgers.conflicts.wake()
    await node.ledgers.conflicts.caughtUp()
    const again = recorderOf(node)
    again.wake()
    await vi.waitFor(async () => {
      node.clock.pass(1)
      expect(await recorded(node)).toBe(count)
    })
    await again.stop()
  }
  node.ledgers.conflicts.wake()
  await node.ledgers.conflicts.caughtUp()
  expect(await states(node)).toEqual(['resolved', 'resolved'])
  const last = recorderOf(node)
  last.wake()
  await last.stop()
  expect(await recorded(node)).toBe(2)
})

test('no more than sixty an hour; the rest when the hour is over', async () => {
  const node = await openNode()
  await node.ledgers.rules.set(
    readRule({ ...RULE, writers: [node.ledgers.own.id], strategy: 'last-write-wins', record: true })
  )
  await disagree(
    node,
    Array.from({ length: RECORDS_PER_HOUR + 5 }, (_, i) => `s${i}`)
  )
  const recorder = recorderOf(node)
  recorder.wake()
  await vi.waitFor(
    async () => {
      node.clock.pass(1)
      expect(await recorded(node)).toBe(RECORDS_PER_HOUR)
    },
    { timeout: 20_000 }
  )
  await vi.waitFor(
    async () => {
      node.clock.pass(60 * 60_000)
      node.ledgers.conflicts.wake()
      await node.ledgers.conflicts.caughtUp()
      expect(await recorded(node)).toBe(RECORDS_PER_HOUR + 5)
    },
    { timeout: 20_000 }
  )
  await recorder.stop()
})

test('rules of the settings: in force, not to be changed otherwise, gone with the settings; others stay', async () => {
  const first = await startNode({ sync: { rules: [RULE] } })
  const api = first.sync.entryConflicts
  expect(api.rules()).toMatchObject([{ name: 'people' }])
  await expect(api.setRule({ ...RULE, key: ['id'] })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(api.removeRule('people')).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await api.setRule({ ...RULE, name: 'by-hand' })
  await first.close()
  const second = await startNode({ dataDir: first.dataDir })
  expect(second.sync.entryConflicts.rules()).toMatchObject([{ name: 'by-hand' }])
  await second.sync.entryConflicts.removeRule('by-hand')
  await expect(startNode({ sync: { rules: [RULE, RULE] } })).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(startNode({ sync: { rules: [{ ...RULE, record: true }] } })).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
})
