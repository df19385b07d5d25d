import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePosting, encodePosting } from '../../src/store/posting.js'

test('a block gives back its seqs', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { minLength: 1, maxLength: 600 }),
      (unsorted) => {
        const seqs = unsorted.toSorted((a, b) => a - b)
        expect(decodePosting(seqs[0]!, encodePosting(seqs))).toEqual(seqs)
      }
    )
  )
})

test('one seq needs no block, neighbours one byte each', () => {
  expect(encodePosting([7]).length).toBe(0)
  expect(encodePosting([7, 8, 9]).length).toBe(2)
})

test('any bytes end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(decodePosting(5, bytes).length).toBeLessThanOrEqual(bytes.length + 1)
    })
  )
})
