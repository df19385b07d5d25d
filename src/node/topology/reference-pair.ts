/** The counted references from one ledger's entries to another ledger. */
import type { LedgerId } from '../../core/ledger-id.js'
import type { Reference, ReferenceType } from '../../core/reference.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { resolveReference, type HeldEntries } from '../../ledger/read/reference-target.js'
import { entryReferences } from './entry-references.js'

export type Counted = Pick<LedgerReader, 'id' | 'visible' | 'cuts' | 'range'>

/**
 * `count`: all of them; of those, `unresolved`: the target is not held and may arrive; `contradicted`: a different
 * entry is held.
 */
export interface ReferenceCount {
  from: LedgerId
  to: LedgerId
  count: number
  types: Record<ReferenceType, number>
  unresolved: number
  contradicted: number
}

/**
 * `settled`: resolved, and its target is held. `unchecked`: no entry of the target's ledger is held, so the given hash
 * is unchecked.
 */
type State = 'settled' | 'unchecked' | 'unresolved' | 'contradicted'

export class ReferencePair {
  readonly count: ReferenceCount
  /**
   * Seqs of entries with references whose target is not held as they say: another look may find it so. What is left out
   * is resolved, and stays so while the target's ledger only grows.
   */
  open: number[] = []
  /** When it was judged last, as a number of runs, and what was held then. */
  run = 0
  heldThen = ''
  #target: Counted | undefined
  #visible = 0
  /** The most that was visible of it at any look-up. */
  #most = 0
  #cuts = 0

  constructor(from: LedgerId, to: LedgerId) {
    this.count = {
      from,
      to,
      count: 0,
      types: { source: 0, derived: 0, related: 0, transaction: 0 },
      unresolved: 0,
      contradicted: 0
    }
  }

  /** One more reference, in entry `seq`, as it was judged while the target's ledger was so. */
  add(seq: number, { referenceType }: Reference, state: State, target: Counted | undefined): void {
    this.count.count++
    this.count.types[referenceType]++
    this.#note(state, seq, this.count, this.open)
    this.#most = Math.max(this.#most, target?.visible ?? 0)
  }

  /** The open ones again, read anew from their ledger. */
  async judge(from: Counted, held: HeldEntries): Promise<void> {
    const found = { unresolved: 0, contradicted: 0 }
    const open: number[] = []
    for (const seq of this.open) {
      const [entry] = await from.range(seq, { count: 1, bytes: 0 }, () => false)
      if (entry === undefined) continue // removed meanwhile: everything is counted again soon
      for (const reference of entryReferences(entry.header)) {
        if (reference.ledgerId === this.count.to) this.#note(await stateOf(reference, held), seq, found, open)
      }
    }
    Object.assign(this.count, found)
    this.open = open
  }

  /** The target's ledger as it was when the references were looked up. */
  saw(target: Counted | undefined): void {
    this.#target = target
    this.#visible = this.#most = target?.visible ?? 0
    this.#cuts = target?.cuts ?? 0
  }

  /** `less`: resolved references may no longer be resolved. */
  compare(target: Counted | undefined): 'same' | 'more' | 'less' {
    if (
      this.#target !== undefined &&
      (target !== this.#target || target.visible < this.#most || target.cuts !== this.#cuts)
    )
      return 'less'
    return target === this.#target && (target?.visible ?? 0) === this.#visible ? 'same' : 'more'
  }

  #note(state: State, seq: number, counts: Pick<ReferenceCount, 'unresolved' | 'contradicted'>, open: number[]): void {
    if (state === 'settled') return
    if (state !== 'unchecked') counts[state]++
    if (open.at(-1) !== seq) open.push(seq)
  }
}

export async function stateOf(reference: Reference, held: HeldEntries): Promise<State> {
  const resolution = await resolveReference(reference, held)
  if (resolution.state !== 'resolved') return resolution.state
  return resolution.held ? 'settled' : 'unchecked'
}
