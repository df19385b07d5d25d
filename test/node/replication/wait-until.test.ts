import { expect, test } from 'vitest'
import { WaitUntil } from '../../../src/node/replication/wait-until.js'
import { TestClock } from '../../ledger/support.js'

test('waits until it is settled, and looks only when it is told to', async () => {
  const settling = new WaitUntil(new TestClock())
  let isDone = false
  let begun = 0
  let ended = false
  const waiting = settling
    .until(
      () => isDone,
      () => {
        begun++
      },
      1000
    )
    .then(() => {
      ended = true
    })
  settling.look()
  await Promise.resolve()
  expect({ begun, ended }).toEqual({ begun: 1, ended: false })
  isDone = true
  settling.look()
  await waiting
  expect(ended).toBe(true)
})

test('what settles while it begins ends the wait', async () => {
  const settling = new WaitUntil(new TestClock())
  let isDone = false
  await settling.until(
    () => isDone,
    () => {
      isDone = true
      settling.look()
    },
    1000
  )
  expect(isDone).toBe(true)
})

test('ends after the time given, and takes its timer back when it ended before', async () => {
  const clock = new TestClock()
  const settling = new WaitUntil(clock)
  const late = settling.until(
    () => false,
    () => {},
    1000
  )
  clock.pass(999)
  let ended = false
  late.then(
    () => {
      ended = true
    },
    () => {}
  )
  await Promise.resolve()
  expect(ended).toBe(false)
  clock.pass(1)
  await late
})

test('all who wait are let go at the stop', async () => {
  const settling = new WaitUntil(new TestClock())
  const waiting = [1, 2, 3].map((one) =>
    settling.until(
      () => one < 0,
      () => {},
      1000
    )
  )
  settling.stop()
  await expect(Promise.all(waiting)).resolves.toHaveLength(3)
})
