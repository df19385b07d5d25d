/** Marks which absent payloads a follow wants, after its filters have changed. */
import type { Entry } from '../../core/entry.js'
import type { Header } from '../../core/header.js'
import { seqsFrom } from '../../core/seqs.js'
import { seqKey } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'

/** Entries read in one step. */
const CHUNK = 512

/** Marks those from `from` on; resolves with the seq to continue at. */
export async function wantChunk(
  store: Store,
  reader: EntryReader,
  from: number,
  size: number,
  wants: (header: Header) => boolean
): Promise<number> {
  const to = Math.min(from + CHUNK, size)
  const seqs = seqsFrom(from, to)
  const entries = (await reader.many(seqs)).filter(
    (entry) => entry !== null && entry.header.payload_hash !== null
  ) as Entry[]
  const held = await store.getMany(
    entries.flatMap(({ header: { seq } }) => [
      seqKey('payload', reader.ledgerNumber, seq),
      seqKey('erased', reader.ledgerNumber, seq)
    ])
  )
  const ops = entries
    .filter((_, i) => held[2 * i] === undefined && held[2 * i + 1] === undefined)
    .map(({ header }): Op => {
      const key = seqKey('missing', reader.ledgerNumber, header.seq)
      return wants(header) ? { type: 'put', key, value: EMPTY } : { type: 'del', key }
    })
  if (ops.length > 0) await store.write(ops, { sync: false })
  return to
}
