import { expect, test } from 'vitest'
import { keyHash } from '../../src/core/chain.js'
import { continuesHistory, countsForOwn } from '../../src/core/own-word.js'
import { testKey } from '../ledger/support.js'

const key = (name: string): string => testKey(name).publicKey
const bytes = (text: string) => ({ header: Buffer.from(`header ${text}`), signature: Buffer.from(`signature ${text}`) })

const OURS = {
  keys: [
    { from: 0, key: key('0') },
    { from: 10, key: key('1') }
  ],
  nextKeyHash: keyHash(key('2'))
}

test('R5: a retired key says nothing, above and below the head', () => {
  for (const seq of [0, 5, 9, 10, 11, 500, Number.MAX_SAFE_INTEGER])
    expect(countsForOwn({ seq, key: key('0') }, OURS)).toBe(false)
})

test('the key in force speaks from its rotation on, the committed next key behind it', () => {
  expect([0, 9, 10, 11, 500].map((seq) => countsForOwn({ seq, key: key('1') }, OURS))).toEqual([
    false,
    false,
    true,
    true,
    true
  ])
  expect([0, 10, 11, 500].map((seq) => countsForOwn({ seq, key: key('2') }, OURS))).toEqual([false, false, true, true])
  expect(countsForOwn({ seq: 11, key: key('2') }, { ...OURS, nextKeyHash: null })).toBe(false)
})

test('a later key speaks when a history that continues ours leads to it, at the seqs where it is in force there', () => {
  const shown = { keys: [...OURS.keys, { from: 20, key: key('2') }, { from: 30, key: key('3') }] }
  expect([19, 29, 30, 500].map((seq) => countsForOwn({ seq, key: key('3') }, OURS, shown))).toEqual([
    false,
    false,
    true,
    true
  ])
  expect(countsForOwn({ seq: 500, key: key('4') }, OURS, shown)).toBe(false)
  // ours is its own beginning, and a retired key stays retired in it
  expect(countsForOwn({ seq: 5, key: key('0') }, OURS, shown)).toBe(false)
  expect(countsForOwn({ seq: 500, key: key('3') }, OURS, null)).toBe(false)
})

test('a history continues ours only byte for byte; longer alone says nothing', () => {
  const ours = [bytes('0'), bytes('1')]
  expect(continuesHistory(ours, [...ours, bytes('2')])).toBe(true)
  expect(continuesHistory(ours, ours)).toBe(true)
  expect(continuesHistory(ours, [bytes('0')])).toBe(false)
  expect(continuesHistory(ours, [bytes('0'), bytes('x'), bytes('2'), bytes('3')])).toBe(false)
  expect(continuesHistory(ours, [bytes('0'), { ...bytes('1'), signature: Buffer.from('another') }, bytes('2')])).toBe(
    false
  )
})
