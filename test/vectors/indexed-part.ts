/** Parts of answers by an index that the author names. */
import type { Entry } from '../../src/core/entry.js'
import { matchesFilter } from '../../src/core/entry-filter.js'
import { indexOf } from '../../src/core/lmx1/index-entry.js'
import { sourceOf } from '../../src/core/lmx1/index-source.js'
import { proveIndex } from '../../src/core/lmx1/prove-index.js'
import { multiproof } from '../../src/core/multiproof.js'
import { fromUtf8 } from '#platform'
import type { AnswerPageText, AnswerPart, AnswerQuestion } from '../../src/core/verify-answer.js'
import type { Author } from '../core/author.js'
import { build } from '../core/lmx1/world.js'
import { statement } from './statement.js'

/** The newest entry that names an index; it is of the author's entries. */
export function namedBy({ entries }: Author): Entry {
  return entries.findLast(({ header }) => indexOf(header) !== null)!
}

/** Pages of at most so many entries that match by the index, and what lies behind the index entry by entry. */
export async function indexedPartOf(
  author: Author,
  { order, ...filter }: AnswerQuestion,
  checkpoint: string,
  perPage: number
): Promise<AnswerPart> {
  const named = namedBy(author)
  const { size } = indexOf(named.header)!
  const index = sourceOf(build(author.entries.slice(0, size).map(({ header }) => header)))
  const pages: AnswerPageText[] = []
  const pageOf = (shown: readonly Entry[], span: AnswerPageText['span'], more: readonly Entry[]): AnswerPageText => {
    const seqs = new Set([...author.keyEntries(), ...shown, ...more].map(({ header }) => header.seq))
    return {
      span,
      tree: multiproof(
        author.hashes(),
        [...seqs].sort((a, b) => a - b)
      ),
      entries: (order === 'asc' ? shown : shown.toReversed()).map(({ header, raw }) => ({
        ...statement(raw),
        payload: raw.payload === null || !matchesFilter(header, filter) ? null : fromUtf8(raw.payload)
      }))
    }
  }
  let span = { from: 0, to: size }
  while (span.from < span.to) {
    const matches = (seq: number): boolean => matchesFilter(author.entries[seq]!.header, filter)
    const found = await proveIndex(index, { filter, ...span }, { order, limit: perPage, items: 100 }, matches)
    const shown = found.entries.map((seq) => author.entries[seq]!)
    const page = pageOf(shown, { from: found.from, to: found.to }, [named])
    pages.push({ ...page, index: { entry: statement(named.raw), proof: found.proof } })
    span = order === 'asc' ? { from: found.to, to: size } : { from: 0, to: found.from }
  }
  const tail = pageOf(author.entries.slice(size), { from: size, to: author.size }, [])
  const keyEntries = author.keyEntries().map(({ raw }) => statement(raw))
  return {
    ledger: author.ledger,
    key_entries: keyEntries,
    checkpoint,
    pages: order === 'asc' ? [...pages, tail] : [tail, ...pages]
  }
}
