import type { Row, RowRange, Store } from './store.js'

/**
 * The rows of a range in key order, at most `count` at a time. What is read is the store as it was at the first chunk;
 * leaving the loop early is fine.
 */
export async function* chunks(store: Pick<Store, 'rows'>, range: RowRange, count: number): AsyncGenerator<Row[], void> {
  const rows = store.rows(range)
  try {
    for (let chunk = await rows.next(count); chunk.length > 0; chunk = await rows.next(count)) yield chunk
  } finally {
    await rows.close()
  }
}
