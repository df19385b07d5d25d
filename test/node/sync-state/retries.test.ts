import { expect, test } from 'vitest'
import { Retries, type RetriesInit } from '../../../src/node/sync-state/retries.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const DAY_MS = 24 * 60 * 60_000

/** `due`: when entries of a flow are due; those that are taken are gone. */
function setup(due: number[], batch = Infinity) {
  const clock = new TestClock()
  const log = new TestLog()
  const again: number[] = []
  const state = { fails: false, looks: 0 }
  const retries = new Retries({
    book: {
      takeDue: async () => {
        state.looks++
        if (state.fails) throw new Error('the disk')
        const taken = due.filter((at) => at <= clock.now()).slice(0, batch)
        for (const at of taken) due.splice(due.indexOf(at), 1)
        return taken
      },
      nextDue: async () => (due.length === 0 ? null : Math.min(...due))
    },
    clock,
    log,
    again: (flow: unknown) => {
      again.push(flow as number)
    }
  } as unknown as RetriesInit)
  const settle = async (): Promise<void> => {
    await new Promise(setImmediate)
  }
  return { retries, clock, log, again, state, settle }
}

test('a disk that fails is said, and does not end it', async () => {
  const { retries, log, state, again, settle, clock } = setup([new TestClock().now()])
  state.fails = true
  retries.look()
  await settle()
  expect([log.lines.map(({ fields }) => fields.event), again]).toEqual([['push.retry-failed'], []])
  state.fails = false
  retries.look()
  await settle()
  expect(again).toEqual([clock.now()])
})

test('each is tried when it is due, once, also after days and when more are due than are taken in one go', async () => {
  const start = new TestClock().now()
  const [soon, late] = [start + 1000, start + 2.5 * DAY_MS]
  const { retries, clock, again, settle } = setup([soon, soon, soon, late], 2)
  retries.look()
  await settle()
  expect(again).toEqual([])
  clock.pass(1000)
  await settle()
  clock.pass(0)
  await settle()
  expect(again).toEqual([soon, soon, soon])
  for (let half = 0; half < 5; half++) {
    clock.pass(DAY_MS / 2)
    await settle()
  }
  expect(again.at(-1)).toBe(late)
})

test('what is said while it looks is one more look, however often it is said', async () => {
  const { retries, state, settle } = setup([])
  for (let n = 0; n < 100; n++) retries.look()
  await settle()
  expect(state.looks).toBeLessThanOrEqual(2)
})

test('after the end nothing is tried', async () => {
  const { retries, clock, again, settle } = setup([new TestClock().now() + 1000])
  retries.look()
  await settle()
  await retries.stop()
  clock.pass(DAY_MS)
  retries.look()
  await settle()
  expect(again).toEqual([])
})
