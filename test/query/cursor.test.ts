import { expect, test } from 'vitest'
import { decodeCrossCursor, encodeCrossCursor, type CursorPlace } from '../../src/query/cursor.js'
import { ledgerIdOf } from '../../src/core/ledger-id.js'
import { sha256Text } from '../../src/core/hash.js'
import { codeOf } from '../core/author.js'
import { dice } from '../helpers/dice.js'

const place = (n: number): CursorPlace => ({
  ledger: ledgerIdOf(sha256Text(`ledger ${n}`)),
  seq: n,
  size: n + 1,
  root: sha256Text(`root ${n}`),
  vouched: n % 2 === 0
})
const places = (count: number): CursorPlace[] => Array.from({ length: count }, (_, n) => place(n))
const refused = async (cursor: unknown, question = 'q'): Promise<string | undefined> =>
  await codeOf(() => decodeCrossCursor(cursor as string, question))

test('what was encoded comes back, for its question alone, up to 256 ledgers', async () => {
  for (const count of [1, 2, 256]) {
    const cursor = encodeCrossCursor(places(count), 'q')
    expect(decodeCrossCursor(cursor, 'q')).toEqual(places(count))
    expect(await refused(cursor, 'another')).toBe('CURSOR_INVALID')
  }
  expect(await refused(encodeCrossCursor(places(257), 'q'))).toBe('CURSOR_INVALID')
  expect(await refused(encodeCrossCursor([], 'q'))).toBe('CURSOR_INVALID')
})

test('places that none of ours has, even with a check that fits', async () => {
  for (const wrong of [{ seq: -1 }, { seq: 0.5 }, { size: 0 }, { root: 'x' }, { ledger: 'x' }, { vouched: 1 }])
    expect(await refused(encodeCrossCursor([{ ...place(1), ...wrong } as never], 'q'))).toBe('CURSOR_INVALID')
})

test('anything else is refused, and nothing else is thrown', async () => {
  const cursor = encodeCrossCursor(places(3), 'q')
  const random = dice(7)
  for (const one of ['', ' ', 'é', 'AAAA', 'A'.repeat(131_073), undefined, null, 7, {}, `${cursor}=`, cursor.slice(1)])
    expect(await refused(one)).toBe('CURSOR_INVALID')
  for (let round = 0; round < 500; round++) {
    const at = Math.floor(random() * cursor.length)
    const changed = `${cursor.slice(0, at)}${'Aa0_'[Math.floor(random() * 4)]!}${cursor.slice(at + 1)}`
    expect(changed === cursor ? 'CURSOR_INVALID' : await refused(changed)).toBe('CURSOR_INVALID')
  }
})
