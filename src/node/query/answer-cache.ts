/**
 * Made answers that may be asked for again: of one ledger, tree and question they stay the same. Payloads do not, so
 * that an answer lives for a minute, and for less when one was erased or came, or when entries count no more.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerChanges } from '../../ledger/write/ledger-event.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import type { MadeAnswer } from './answer-maker.js'

export interface AnswerCacheInit {
  ledgers: Pick<Ledgers, 'on'>
  clock: Pick<Clock, 'now'>
}

/** Bytes of all answers, and of one that is kept; and their number. */
export const MAX_CACHE_BYTES = 32 * 1024 * 1024
export const MAX_CACHED_BYTES = 2 * 1024 * 1024
export const MAX_CACHED = 4096
export const CACHED_MS = 60_000
/** Bytes of a header's signature and its place in memory; of a hash, or an item of an index; and of the rest. */
const ENTRY_BYTES = 256
const HASH_BYTES = 96
const BASE_BYTES = 1024

interface Cached {
  ledger: LedgerId
  answer: MadeAnswer
  bytes: number
  until: number
}

export class AnswerCache {
  readonly #clock: Pick<Clock, 'now'>
  /** The one asked for longest ago first. */
  readonly #answers = new Map<string, Cached>()
  readonly #unsubscribe: (() => void)[]
  #bytes = 0
  /** Grows when something is dropped: what was made meanwhile is not kept. */
  #drops = 0

  constructor({ ledgers, clock }: AnswerCacheInit) {
    this.#clock = clock
    const drop = ({ id }: { id: LedgerId }): void => {
      this.#drop(id)
    }
    this.#unsubscribe = [
      ledgers.on('stored', (ledger, { entries }: LedgerChanges['stored']) => {
        if (entries.some(({ header }) => header.type === 'ledger.erase')) drop(ledger)
      }),
      ...(['filled', 'frozen', 'cut', 'removed'] as const).map((change) => ledgers.on(change, drop))
    ]
  }

  /** The answer to this question, or what `make` makes, which then cost nothing more to those that ask again. */
  async of(ledger: LedgerId, question: unknown, make: () => Promise<MadeAnswer>): Promise<MadeAnswer> {
    const key = JSON.stringify([ledger, question])
    const known = this.#answers.get(key)
    if (known !== undefined) this.#remove(key, known)
    if (known !== undefined && this.#clock.now() < known.until) {
      this.#add(key, known)
      return known.answer
    }
    const drops = this.#drops
    const answer = await make()
    const bytes = key.length + bytesOf(answer)
    if (drops === this.#drops && bytes <= MAX_CACHED_BYTES)
      this.#add(key, { ledger, answer: { ...answer, examined: 0 }, bytes, until: this.#clock.now() + CACHED_MS })
    return answer
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#answers.clear()
    this.#bytes = 0
  }

  #add(key: string, cached: Cached): void {
    const before = this.#answers.get(key)
    if (before !== undefined) this.#remove(key, before)
    this.#answers.set(key, cached)
    this.#bytes += cached.bytes
    for (const [oldest, one] of this.#answers) {
      if (this.#bytes <= MAX_CACHE_BYTES && this.#answers.size <= MAX_CACHED) break
      this.#remove(oldest, one)
    }
  }

  #remove(key: string, { bytes }: Cached): void {
    this.#answers.delete(key)
    this.#bytes -= bytes
  }

  #drop(ledger: LedgerId): void {
    this.#drops++
    for (const [key, one] of this.#answers) if (one.ledger === ledger) this.#remove(key, one)
  }
}

function bytesOf({ reply: { basis, entries, tree, index } }: MadeAnswer): number {
  const { items = [], outside = [] } = index?.run ?? {}
  const hashes = tree.length + basis.consistency.length + (index?.siblings.length ?? 0) + items.length + outside.length
  const statements = [...entries, ...basis.keyEntries]
  return (
    BASE_BYTES +
    HASH_BYTES * hashes +
    (basis.evidence?.length ?? 0) +
    (basis.indexFault?.length ?? 0) +
    entries.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0) +
    statements.reduce((sum, { header }) => sum + header.length + ENTRY_BYTES, 0)
  )
}
