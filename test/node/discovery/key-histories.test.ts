import { expect, test } from 'vitest'
import { continues, part } from '../../../src/node/discovery/key-histories.js'

const entry = (text: string, signature = text) => ({ header: Buffer.from(text), signature: Buffer.from(signature) })
const [A, B, C] = [entry('a'), entry('b'), entry('c')]

test('of two histories the later one begins with all of the earlier, byte for byte', () => {
  expect(continues([A, B], [A])).toBe(true)
  expect(continues([A], [A, B])).toBe(false)
  expect(continues([A, B], [A, B]), 'the same is no later').toBe(false)
  expect(continues([A, B, C], [A, C])).toBe(false)
  expect(continues([A, entry('b', 'other'), C], [A, B]), 'another signature').toBe(false)
})

test('two part when neither is the beginning of the other, whichever is asked about first', () => {
  expect([part([A, B], [A]), part([A], [A, B]), part([A], [A])]).toEqual([false, false, false])
  expect([part([A, B], [A, C]), part([A, C], [A, B, C]), part([A, B, C], [A, C])]).toEqual([true, true, true])
})
