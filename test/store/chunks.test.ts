import { expect, test } from 'vitest'
import { chunks } from '../../src/store/chunks.js'
import type { Row, Rows } from '../../src/store/store.js'

/** Rows 0 … count - 1, and what was done with them. */
function rowsOf(count: number): { store: { rows: () => Rows }; done: string[] } {
  const done: string[] = []
  let at = 0
  const row = (n: number): Row => [Buffer.of(n), Buffer.of(n)]
  return {
    done,
    store: {
      rows: () => ({
        next: async (most) => {
          done.push('next')
          const read = Array.from({ length: Math.min(most, count - at) }, (_, i) => row(at + i))
          at += read.length
          return await Promise.resolve(read)
        },
        close: async () => {
          await Promise.resolve(done.push('close'))
        }
      })
    }
  }
}

const RANGE = { gte: Buffer.of(0), lt: Buffer.of(255) }

test('all rows, so many at a time, and then the rows are closed', async () => {
  const { store, done } = rowsOf(5)
  const sizes: number[] = []
  for await (const chunk of chunks(store, RANGE, 2)) sizes.push(chunk.length)
  expect(sizes).toEqual([2, 2, 1])
  expect(done).toEqual(['next', 'next', 'next', 'next', 'close'])
})

test('closed as well when the reader leaves early, or fails', async () => {
  const left = rowsOf(5)
  for await (const _ of chunks(left.store, RANGE, 2)) break
  expect(left.done).toEqual(['next', 'close'])
  const failed = rowsOf(5)
  await expect(
    (async () => {
      for await (const _ of chunks(failed.store, RANGE, 2)) throw new Error('the reader failed')
    })()
  ).rejects.toThrow('the reader failed')
  expect(failed.done).toEqual(['next', 'close'])
})
