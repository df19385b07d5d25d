/** R6: what evidence disputes takes rights away, and gives none. */
import { expect, test } from 'vitest'
import { applyAccess, noAccess, restrictAccess, type AccessRules } from '../../src/core/access.js'
import { foldAuthorizedNodes, restrictNodes, type NodeStatement } from '../../src/core/authorized-nodes.js'
import type { AccessMeta, AccessScope } from '../../src/core/ledger-types.js'
import { MEMBERSHIP_REVOCATION_TYPE, MEMBERSHIP_TYPE, MembershipBook } from '../../src/trust/membership.js'

const NOBODY: AccessMeta = { grant: [], revoke: [], trust_milli: null }

function rules(scope: AccessScope, trust: number | null = 500): AccessRules {
  const given = noAccess()
  applyAccess(given, { ...NOBODY, grant: [{ ledger: 'breader', scope }], trust_milli: trust })
  return given
}

test.each<[string, AccessScope, Partial<AccessMeta>, AccessScope | undefined, number | null]>([
  ['a revocation', 'full', { revoke: ['breader'], trust_milli: 500 }, undefined, 500],
  [
    'a narrower scope',
    'full',
    { grant: [{ ledger: 'breader', scope: 'sync-only' }], trust_milli: 500 },
    'sync-only',
    500
  ],
  [
    'a wider scope gives nothing',
    'sync-only',
    { grant: [{ ledger: 'breader', scope: 'full' }], trust_milli: 500 },
    'sync-only',
    500
  ],
  [
    'another scope leaves what is in both: nothing',
    'sync-only',
    { grant: [{ ledger: 'breader', scope: 'query-only' }], trust_milli: 500 },
    undefined,
    500
  ],
  ['more trust is asked for', 'full', { trust_milli: 900 }, 'full', 900],
  ['less trust is asked for: not heard', 'full', { trust_milli: 100 }, 'full', 500],
  ['trust lets in nobody any more', 'full', { trust_milli: null }, 'full', null]
])('readers: %s', (_, scope, meta, expected, trust) => {
  const given = rules(scope)
  restrictAccess(given, { ...NOBODY, ...meta })
  expect([given.grants.get('breader'), given.trustMilli]).toEqual([expected, trust])
})

test('readers: nobody is let in, a revoked one neither, and trust does not come back', () => {
  const given = rules('full', null)
  restrictAccess(given, { ...NOBODY, revoke: ['breader'] })
  restrictAccess(given, {
    grant: [
      { ledger: 'breader', scope: 'full' },
      { ledger: 'bother', scope: 'full' }
    ],
    revoke: [],
    trust_milli: 1
  })
  expect([[...given.grants], [...given.revoked], given.trustMilli]).toEqual([[], ['breader'], null])
})

test('nodes: revoked, or for a shorter time; never for a longer one, and no new one', () => {
  const say = (type: NodeStatement['type'], seq: number, peer: string, expires: number | null): NodeStatement =>
    ({
      type,
      seq,
      meta: { peer_id: peer, ...(type === 'ledger.authorize-node' && { expires }) }
    }) as unknown as NodeStatement
  const nodes = foldAuthorizedNodes([
    say('ledger.authorize-node', 1, 'a', null),
    say('ledger.authorize-node', 2, 'b', 100),
    say('ledger.authorize-node', 3, 'c', 100)
  ])
  restrictNodes(
    [
      say('ledger.revoke-node', 5, 'a', null),
      say('ledger.authorize-node', 6, 'a', null),
      say('ledger.authorize-node', 7, 'b', 50),
      say('ledger.authorize-node', 8, 'c', 900),
      say('ledger.authorize-node', 9, 'c', null),
      say('ledger.authorize-node', 10, 'd', null)
    ],
    nodes
  )
  expect([...nodes].map(([peer, { seq, expires }]) => [peer, seq, expires])).toEqual([
    ['b', 2, 50],
    ['c', 3, 100]
  ])
})

test('members: who was expelled above the freeze stays expelled; a membership given there admits nobody', () => {
  const peer = (n: number): string => `12D3KooW${'A'.repeat(43)}${n}`
  const book = new MembershipBook()
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)]
  for (const [n, hash] of [
    [1, one],
    [2, two]
  ] as const)
    book.note({ type: MEMBERSHIP_TYPE, hash: hash!, meta: { peer_id: peer(n), expires: 100 } })
  const before = [1, 2, 3].map((n) => book.stateOf(peer(n), 50))
  book.restrict([
    { type: MEMBERSHIP_REVOCATION_TYPE, meta: { membership: one! } },
    { type: MEMBERSHIP_TYPE, meta: { peer_id: peer(3), expires: 100 } }
  ])
  const after = [1, 2, 3].map((n) => book.stateOf(peer(n), 50))
  book.restrict([])
  expect([before, after, book.stateOf(peer(1), 50)].map(String)).toEqual([
    String(before),
    String([before[0] === 'member' ? 'ended' : before[0], before[1], 'unknown']),
    String(before[0])
  ])
})
