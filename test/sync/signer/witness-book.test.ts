import { expect, test } from 'vitest'
import { MAX_WITNESSES, WITNESS_AGE_MS } from '../../../src/sync/signer/limits.js'
import { WitnessBook } from '../../../src/sync/signer/witness-book.js'

const NOW = 1_700_000_000_000
const MINUTE_MS = 60_000

/** `friends` are named by the operator. */
function book(): WitnessBook {
  return new WitnessBook([], (peer) => peer.startsWith('friend'))
}

function full(): WitnessBook {
  const witnesses = book()
  for (let n = 0; n < MAX_WITNESSES; n++) witnesses.note(`stranger ${n}`, null, { seq: 1, hash: 'h' }, NOW + n)
  return witnesses
}

test('a stranger who comes last drives nobody out; a named one takes the place of the oldest stranger', () => {
  const witnesses = full()
  expect(witnesses.note('another', null, { seq: 99, hash: 'x' }, NOW + 1000)).toBe(false)
  expect(witnesses.list()).toHaveLength(MAX_WITNESSES)
  expect(witnesses.note('friend', null, { seq: 1, hash: 'h' }, NOW + 1000)).toBe(true)
  expect([witnesses.has('stranger 0'), witnesses.has('stranger 1'), witnesses.has('friend')]).toEqual([
    false,
    true,
    true
  ])
})

test('named ones are driven out by nobody while they are young', () => {
  const witnesses = book()
  for (let n = 0; n < MAX_WITNESSES; n++) witnesses.note(`friend ${n}`, null, { seq: 1, hash: 'h' }, NOW)
  expect(witnesses.note('stranger', null, { seq: 1, hash: 'h' }, NOW)).toBe(false)
  expect(witnesses.note('friend again', null, { seq: 1, hash: 'h' }, NOW)).toBe(false)
})

test('who is older than 30 days counts no more, and gives way to a stranger', () => {
  const witnesses = full()
  const later = NOW + WITNESS_AGE_MS
  expect(witnesses.current(later).map(({ peer }) => peer)).not.toContain('stranger 0')
  expect(witnesses.current(later - 1)).toHaveLength(MAX_WITNESSES)
  expect(witnesses.note('another', null, { seq: 1, hash: 'h' }, later)).toBe(true)
  expect(witnesses.has('stranger 0')).toBe(false)
})

test('what a witness showed once it showed: less takes nothing back, and its ledger stays', () => {
  const witnesses = book()
  witnesses.note('peer', 'ledger', { seq: 9, hash: 'nine' }, NOW)
  expect(witnesses.note('peer', null, { seq: 3, hash: 'three' }, NOW + MINUTE_MS)).toBe(false)
  expect(witnesses.note('peer', null, { seq: 3, hash: 'three' }, NOW + 60 * MINUTE_MS)).toBe(true)
  expect(witnesses.list()).toEqual([{ peer: 'peer', ledger: 'ledger', seq: 9, hash: 'nine', at: NOW + 60 * MINUTE_MS }])
  expect(witnesses.note('peer', null, { seq: 10, hash: 'ten' }, NOW + 61 * MINUTE_MS)).toBe(true)
  expect(witnesses.list()[0]).toMatchObject({ seq: 10, hash: 'ten' })
})

test('a file with more witnesses than there may be is read as far as they fit', () => {
  const many = Array.from({ length: MAX_WITNESSES + 5 }, (_, n) => ({
    peer: `p${n}`,
    ledger: null,
    seq: 1,
    hash: 'h',
    at: NOW
  }))
  expect(new WitnessBook(many, () => false).list()).toHaveLength(MAX_WITNESSES)
})
