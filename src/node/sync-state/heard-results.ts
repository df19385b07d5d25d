/** Notes a remote's results for single entries: accepted ones are done, refused ones become exceptions. */
import { seqsFrom } from '../../core/seqs.js'
import { OUTCOMES, reasonOf, type Run } from '../../../protocols/push/index.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import { MAX_EXCEPTIONS } from '../../sync/exceptions/limits.js'
import type { Deviation, ExceptionBook } from './exception-book.js'

/** Entries noted in one step. */
const CHUNK = 512

/** False: there was no room for all of them. Results beyond the held entries are ignored. */
export async function noteResults(
  book: ExceptionBook,
  place: FlowPlace,
  ledger: Pick<Ledger, 'visible' | 'reader'>,
  runs: readonly Run[]
): Promise<boolean> {
  let room = MAX_EXCEPTIONS
  for (const { from, count, outcome, reason } of runs) {
    const to = Math.min(from + count, ledger.visible)
    if (outcome !== OUTCOMES.refused && outcome !== OUTCOMES.conflict) {
      await book.settle(place, from, to)
      continue
    }
    for (let first = from; first < to; first += CHUNK) {
      if (room <= 0) return false
      const seqs = seqsFrom(first, Math.min(first + CHUNK, to))
      const entries = (await ledger.reader.many(seqs)).filter((entry) => entry !== null)
      room -= seqs.length
      const left = await book.note(
        place,
        entries.map(({ header, hash }): Deviation => ({
          seq: header.seq,
          hash,
          ...(outcome === OUTCOMES.refused
            ? { status: 'failed', code: reasonOf(reason) }
            : { status: 'conflict', code: 'CONFLICT' })
        }))
      )
      if (left > 0) return false
    }
  }
  return true
}
