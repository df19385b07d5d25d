import { expect, test } from 'vitest'
import { LedgermeshError } from '../../src/core/errors.js'
import { unlessDamaged } from '../../src/ledger/read/unless-damaged.js'

const fails = (code: 'STORE_DAMAGED' | 'STORE_FAILED') => (): number => {
  throw new LedgermeshError(code, 'no')
}

test('what is damaged is null, at once and later; whatever else is wrong is thrown', async () => {
  expect(unlessDamaged(() => 1)).toBe(1)
  expect(unlessDamaged(fails('STORE_DAMAGED'))).toBeNull()
  expect(() => unlessDamaged(fails('STORE_FAILED'))).toThrow('no')
  const later = (code: 'STORE_DAMAGED' | 'STORE_FAILED') => async (): Promise<number> =>
    await Promise.resolve().then(fails(code))
  expect(await unlessDamaged(async () => await Promise.resolve(1))).toBe(1)
  expect(await unlessDamaged(later('STORE_DAMAGED'))).toBeNull()
  await expect(unlessDamaged(later('STORE_FAILED'))).rejects.toMatchObject({ code: 'STORE_FAILED' })
})
