import { randomBytes } from 'node:crypto'
import { INCARNATION_BYTES, INCARNATION_KEY } from './migrations.js'
import { CLEAN_KEY, openLevel, type Store } from './store.js'

/** Rows read at a time: a value has at most 1 MiB. */
const CHUNK = 64
const EVERYTHING = { gte: Buffer.of(0), lt: Buffer.of(0xff) }

/**
 * Copies a store that is in use into a new one. An iterator of LevelDB sees one moment, and batches are atomic: so the
 * copy is what a clean stop at that moment would have left. `onRow` sees each row. The answer is the bytes of keys and
 * values.
 */
export async function copyStore(
  store: Store,
  dir: string,
  onRow: (key: Buffer, value: Buffer) => void
): Promise<number> {
  const rows = store.rows(EVERYTHING) // the moment is now
  try {
    const copy = await openLevel(dir, { createIfMissing: true })
    try {
      let bytes = 0
      for (let chunk = await rows.next(CHUNK); chunk.length > 0; chunk = await rows.next(CHUNK)) {
        for (const [key, value] of chunk) {
          bytes += key.length + value.length
          onRow(key, value)
        }
        await copy.batch(chunk.map(([key, value]) => ({ type: 'put', key, value })))
      }
      await copy.batch(
        [
          // its future is another one: cursors into the original must not be taken for its own
          { type: 'put', key: INCARNATION_KEY, value: Buffer.from(randomBytes(INCARNATION_BYTES).toString('hex')) },
          { type: 'put', key: CLEAN_KEY, value: Buffer.from('1') }
        ],
        { sync: true }
      )
      return bytes
    } finally {
      await copy.close()
    }
  } finally {
    await rows.close()
  }
}
