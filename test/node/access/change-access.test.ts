import { expect, test } from 'vitest'
import { MAX_LIST } from '../../../src/core/limits.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import { accessOf, changeAccess } from '../../../src/node/access/change-access.js'

const idOf = (n: number): string => `b${'a'.repeat(44)}${n.toString(8).padStart(7, '0').replace(/[01]/g, 'x')}a`
const [OWN, READER, OTHER] = [`b${'a'.repeat(51)}a`, `b${'b'.repeat(51)}a`, `b${'c'.repeat(51)}a`]

function ledgersOf(access: 'public' | 'private'): { ledgers: Ledgers; said: object[] } {
  const said: object[] = []
  const own = {
    id: OWN,
    chain: { access, name: 'Own' },
    access: { grants: new Map([[READER, 'full']]), revoked: new Set([OTHER]), trustMilli: 700 },
    setAccess: async (meta: object) => {
      said.push(meta)
      return { entry: 'e' }
    }
  }
  const held = new Map<string, object>([
    [OWN, own],
    [OTHER, { chain: null }]
  ])
  return { ledgers: { own, get: (id: string) => held.get(id) } as unknown as Ledgers, said }
}

const full = (ledger: string) => ({ ledger, scope: 'full' as const })

test.each([
  ['a public ledger', 'public', { grant: [full(READER)] }],
  ['one ledger twice', 'private', { grant: [full(READER)], revoke: [READER] }],
  ['one ledger twice in a list', 'private', { revoke: [READER, READER] }],
  ['the own ledger', 'private', { revoke: [OWN] }],
  ['what is no ledger id', 'private', { grant: [full('somebody')] }],
  ['too many', 'private', { revoke: Array.from({ length: MAX_LIST + 1 }, (_, n) => idOf(n)) }]
] as const)('nothing is said of %s', async (_what, access, change) => {
  const { ledgers, said } = ledgersOf(access)
  await expect(changeAccess(ledgers, change as never)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(said).toEqual([])
})

test('what is not named stays: also how far readers are chosen by trust', async () => {
  const { ledgers, said } = ledgersOf('private')
  await changeAccess(ledgers, { grant: [full(OTHER)] })
  await changeAccess(ledgers, { trustMilli: null })
  expect(said).toEqual([
    { grant: [full(OTHER)], revoke: [], trust_milli: 700 },
    { grant: [], revoke: [], trust_milli: null }
  ])
})

test('a report names readers whether they are held or not; of what is not held there is none', () => {
  const { ledgers } = ledgersOf('private')
  expect(accessOf(ledgers)).toEqual({
    ledger: OWN,
    access: 'private',
    readers: [{ ledger: READER, scope: 'full', name: null, held: false }],
    revoked: [OTHER],
    trustMilli: 700
  })
  for (const id of [READER, OTHER])
    expect(() => accessOf(ledgers, id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
})
