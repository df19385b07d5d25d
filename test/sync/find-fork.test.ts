import { expect, test } from 'vitest'
import fc from 'fast-check'
import { findFork } from '../../src/sync/find-fork.js'

function history(forkAt: number, branch: string): (seq: number) => string {
  return (seq) => (seq < forkAt ? `both-${seq}` : `${branch}-${seq}`)
}

test("finds the first difference wherever it is, asking about 2·log2 of the fork's age", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (before, part) => {
        const forkAt = Math.floor(part * (before - 1))
        let asked = 0
        const found = await findFork(before, history(forkAt, 'a'), (seq) => {
          asked++
          expect(seq).toBeGreaterThanOrEqual(0)
          expect(seq).toBeLessThan(before)
          return history(forkAt, 'b')(seq)
        })
        expect(found).toBe(forkAt)
        expect(asked).toBeLessThanOrEqual(2 * Math.log2(before - forkAt + 1) + 3)
      }
    )
  )
})

test('finds nothing where the last entry is the same, or where there is nothing to compare', async () => {
  expect(await findFork(100, history(200, 'a'), history(200, 'b'))).toBeNull()
  expect(await findFork(0, history(0, 'a'), history(0, 'b'))).toBeNull()
})

test('a peer that answers at random cannot make it run on', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }), async (answers) => {
      const seen = new Set<number>()
      const found = await findFork(
        2 ** 53,
        (seq) => `${seq}`,
        (seq) => {
          expect(seen.has(seq)).toBe(false)
          seen.add(seq)
          return answers.pop() === true ? `${seq}` : 'other'
        }
      )
      expect(found === null || (found >= 0 && found < 2 ** 53)).toBe(true)
      expect(seen.size).toBeLessThan(120)
    })
  )
})

test('a question that fails ends the search with its error', async () => {
  await expect(
    findFork(
      10,
      (seq) => `${seq}`,
      () => {
        throw new Error('gone')
      }
    )
  ).rejects.toThrow('gone')
})
