/**
 * Selects the checkpoint of an answer: the newest one; and for pages after the first, a recently used one, because the
 * pages of one answer are of one tree.
 */
import { BoundedMap } from '../../core/bounded.js'
import { readCheckpoint } from '../../core/checkpoint.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { OwnLedger } from '../../ledger/own-ledger.js'
import type { Clock } from '../../ports.js'

/** Limits of remembered ledgers, and of notes per ledger: 4 KiB each at most. */
const MAX_LEDGERS = 256
const MAX_NOTES = 4

interface Remembered {
  /** The ledger's `cuts` when they were noted: notes of a replaced branch are dropped. */
  cuts: number
  notes: { size: number; note: string }[]
}

export class Notes {
  readonly #clock: Clock
  readonly #used = new BoundedMap<LedgerId, Remembered>(MAX_LEDGERS)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The newest below a freeze; given a size, the one of exactly this size. Null: there is none. */
  async of(ledger: LedgerReader, treeSize: number | null): Promise<string | null> {
    // The own ledger makes a checkpoint for new entries, at most one a second.
    if (ledger instanceof OwnLedger && treeSize === null) await ledger.checkpoints.maybeCheckpoint(this.#clock.now())
    this.#note(ledger)
    const known = this.#used.get(ledger.id)?.notes ?? []
    return (
      known.findLast(({ size }) => size <= ledger.visible && (treeSize === null || size === treeSize))?.note ?? null
    )
  }

  #note(ledger: LedgerReader): void {
    const note = ledger.checkpoint()
    if (note === null || ledger.chain === null) return
    const { size } = readCheckpoint(note, { network: ledger.chain.network, ledger: ledger.id })
    const known = this.#used.get(ledger.id)
    const notes = known?.cuts === ledger.cuts ? known.notes.filter((one) => one.size !== size) : []
    this.#used.set(ledger.id, {
      cuts: ledger.cuts,
      notes: [...notes, { size, note }].sort((a, b) => a.size - b.size).slice(-MAX_NOTES)
    })
  }
}
