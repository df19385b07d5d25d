import { expect, test } from 'vitest'
import { wireError } from '../../../protocols/wire.js'
import { abortAfter, deadline } from '../../../src/node/runtime/deadline.js'
import { TestClock } from '../../ledger/support.js'

test('fires on the injected clock, and streams call it a timeout', () => {
  const clock = new TestClock()
  const signal = deadline(clock, 1000)
  clock.pass(999)
  expect(signal.aborted).toBe(false)
  clock.pass(1)
  expect(signal.aborted).toBe(true)
  expect(wireError(signal.reason).code).toBe('TIMEOUT')
})

test('fires with another signal, for its reason, also when that has fired already', () => {
  const clock = new TestClock()
  const stopping = new AbortController()
  const signal = deadline(clock, 1000, new AbortController().signal, stopping.signal)
  const reason = new Error('stopping')
  stopping.abort(reason)
  expect(signal.reason).toBe(reason)
  expect(deadline(clock, 1000, stopping.signal).reason).toBe(reason)
  clock.pass(5000)
  expect(signal.reason).toBe(reason)
})

test('who is done before calls it off', () => {
  const clock = new TestClock()
  const controller = new AbortController()
  abortAfter(clock, 1000, controller)()
  clock.pass(5000)
  expect(controller.signal.aborted).toBe(false)
})
