import { expect, test } from 'vitest'
import { MembershipBook } from '../../src/trust/membership.js'

const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo'
const HASH = 'aa'.repeat(32)
const OTHER = 'bb'.repeat(32)
const admit = (meta: unknown, hash = HASH) => ({ type: 'trust.membership', hash, meta })
const revoke = (meta: unknown) => ({ type: 'trust.membership-revocation', hash: 'cc'.repeat(32), meta })

test('a credential holds until it expires, to the millisecond', () => {
  const book = new MembershipBook()
  expect(book.stateOf(PEER, 0)).toBe('unknown')
  book.note(admit({ peer_id: PEER, expires: 1000 }))
  expect([0, 999, 1000].map((now) => book.stateOf(PEER, now))).toEqual(['member', 'member', 'ended'])
})

test('a revocation ends the one that it names and no other; a new one admits again', () => {
  const book = new MembershipBook()
  book.note(revoke({ membership: HASH })) // names nothing yet
  book.note(admit({ peer_id: PEER, expires: 1000 }))
  book.note(admit({ peer_id: PEER, expires: 2000 }, OTHER))
  book.note(revoke({ membership: HASH }))
  expect(book.inForce(0, PEER)).toEqual([{ peer: PEER, hash: OTHER, expires: 2000, revoked: false }])
  book.note(revoke({ membership: OTHER }))
  expect(book.stateOf(PEER, 0)).toBe('ended')
  book.note(admit({ peer_id: PEER, expires: 3000 }, 'dd'.repeat(32)))
  expect(book.stateOf(PEER, 0)).toBe('member')
})

test.each([
  [{ peer_id: PEER }],
  [{ peer_id: PEER, expires: null }],
  [{ peer_id: PEER, expires: -1 }],
  [{ peer_id: PEER, expires: 1.5 }],
  [{ peer_id: PEER, expires: '9' }],
  [{ peer_id: 'no peer', expires: 9 }],
  [{ peer_id: PEER, expires: 9, more: 1 }],
  [null],
  [[]]
])('%j admits nobody', (meta) => {
  const book = new MembershipBook()
  book.note(admit(meta))
  expect(book.inForce(0)).toEqual([])
  expect(book.stateOf(PEER, 0)).toBe('unknown')
})

test.each([[{}], [{ membership: 'x' }], [{ membership: HASH, more: 1 }], [null]])('%j revokes nothing', (meta) => {
  const book = new MembershipBook()
  book.note(admit({ peer_id: PEER, expires: 9 }))
  book.note(revoke(meta))
  expect(book.stateOf(PEER, 0)).toBe('member')
})
