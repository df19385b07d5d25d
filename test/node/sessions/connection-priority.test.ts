import { expect, test } from 'vitest'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import type { Directory } from '../../../src/node/peers/peer-directory.js'
import { priorityOf } from '../../../src/node/sessions/connection-priority.js'

/** peer → the ledger its record names, and what the record proves. */
const RECORDS: Record<string, { ledger: string; proof: 'proven' | 'shown' | 'told' }> = {
  member: { ledger: 'held', proof: 'proven' },
  friend: { ledger: 'trusted', proof: 'shown' },
  claimant: { ledger: 'unknown', proof: 'shown' },
  hearsay: { ledger: 'trusted', proof: 'told' }
}

const priority = priorityOf({
  ledgers: { own: { id: 'own' } } as unknown as Ledgers,
  directory: {
    get: (peer: string) =>
      RECORDS[peer] === undefined ? null : { record: { ledger: RECORDS[peer].ledger }, proof: RECORDS[peer].proof },
    isCredible: ({ proof }: { proof: string }) => proof !== 'told'
  } as unknown as Directory,
  bootstrap: ['/ip4/127.0.0.1/tcp/1/p2p/entrance'],
  trustLevelMilli: (from: string, to: string) => (from === 'own' && to === 'trusted' ? 500 : 0),
  isGreeted: (peer) => peer !== 'silent'
})

test('whom this node joins through, and nodes of ledgers held or trusted here, go last', () => {
  expect(['entrance', 'member', 'friend'].map(priority)).toEqual([2, 2, 2])
})

test('a record that is only told, or of a ledger that nobody here knows, makes nobody worth more', () => {
  expect(['claimant', 'hearsay', 'somebody'].map(priority)).toEqual([1, 1, 1])
})

test('who has not said hello goes first', () => {
  expect(priority('silent')).toBe(0)
})
