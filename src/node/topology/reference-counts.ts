/**
 * How often held ledgers refer to which others: counted once for each entry, only on request, a few entries at a time.
 * `resolveReference` decides the status of a reference; unresolved ones are judged again when more is held.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { HeldEntries } from '../../ledger/read/reference-target.js'
import { entryReferences } from './entry-references.js'
import { ReferencePair, stateOf, type Counted, type ReferenceCount } from './reference-pair.js'

/** Entries read per step: other work runs in between. */
const CHUNK = 256
const CHUNK_BYTES = 1024 * 1024
/** Ledgers that one ledger's references are counted for; references to further ones are not counted. */
export const MAX_TARGETS = 4096
/**
 * Entries with open references that are read again in one run although their target's ledger is as it was: their target
 * may be held in another ledger by now. Those judged longest ago first, so that each gets its turn.
 */
export const MAX_JUDGED_AGAIN = 4096

interface Tally {
  ledger: Counted
  next: number
  cuts: number
  targets: Map<LedgerId, ReferencePair>
}

export class ReferenceCounts {
  readonly #held: () => Counted[]
  readonly #entries: HeldEntries
  readonly #tallies = new Map<LedgerId, Tally>()
  #running: Promise<void> | null = null
  #stopped = false
  #runs = 0

  constructor(held: () => Counted[], entries: HeldEntries) {
    this.#held = held
    this.#entries = entries
  }

  /** Counts new entries, and judges open references again; callers share one run. */
  async update(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    await this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** The counts so far. References of a ledger to itself are not included. */
  pairs(): ReferenceCount[] {
    this.#forget()
    return [...this.#tallies.values()].flatMap(({ targets }) =>
      [...targets.values()].map(({ count }) => ({ ...count }))
    )
  }

  progress(): { counted: number; held: number } {
    this.#forget()
    return {
      counted: [...this.#tallies.values()].reduce((sum, { next }) => sum + next, 0),
      held: this.#held().reduce((sum, { visible }) => sum + visible, 0)
    }
  }

  /** Fairly per ledger: one chunk of each in turn. */
  async #run(): Promise<void> {
    this.#runs++
    for (let more = true; more && !this.#stopped;) {
      more = false
      this.#forget()
      for (const ledger of this.#held()) {
        if (this.#stopped) return
        if (await this.#chunk(ledger)) more = true
      }
    }
    await this.#judgeAgain()
  }

  async #chunk(ledger: Counted): Promise<boolean> {
    let tally = this.#tallies.get(ledger.id)
    if (tally === undefined)
      this.#tallies.set(ledger.id, (tally = { ledger, next: 0, cuts: ledger.cuts, targets: new Map() }))
    const entries = await ledger.range(tally.next, { count: CHUNK, bytes: CHUNK_BYTES }, () => false)
    // before the look-ups: entries that arrive meanwhile are checked again
    const held = new Map(this.#held().map((one) => [one.id, one]))
    for (const { header } of entries) await this.#count(tally, header, held)
    return entries.length > 0 && tally.next < ledger.visible
  }

  /** The next entry: all of it, or nothing when a look-up fails. */
  async #count(tally: Tally, header: Uint8Array, held: ReadonlyMap<LedgerId, Counted>): Promise<void> {
    const { ledger, targets } = tally
    const references = entryReferences(header).filter(({ ledgerId }) => ledgerId !== ledger.id)
    const states = await Promise.all(references.map((reference) => stateOf(reference, this.#entries)))
    for (const [index, reference] of references.entries()) {
      const { ledgerId: to } = reference
      let pair = targets.get(to)
      if (pair === undefined) {
        if (targets.size >= MAX_TARGETS) continue
        pair = new ReferencePair(ledger.id, to)
        pair.saw(held.get(to))
        targets.set(to, pair)
      }
      pair.add(tally.next, reference, states[index]!, held.get(to))
    }
    tally.next++
  }

  /** First those whose target's ledger has grown, then as many others as one run may. */
  async #judgeAgain(): Promise<void> {
    const held = this.#held()
    const byId = new Map(held.map((ledger) => [ledger.id, ledger]))
    const now = `${held.length} ${held.reduce((sum, { visible, cuts }) => sum + visible + cuts, 0)}`
    const all = [...this.#tallies.values()].flatMap(({ ledger, targets }) =>
      [...targets.values()].map((pair) => ({ ledger, pair, target: byId.get(pair.count.to) }))
    )
    let left = MAX_JUDGED_AGAIN
    const due = all
      .map((one) => ({ ...one, grown: one.pair.compare(one.target) === 'more' }))
      .filter(({ pair, grown }) => grown || pair.heldThen !== now)
      .toSorted((a, b) => Number(b.grown) - Number(a.grown) || a.pair.run - b.pair.run)
    for (const { ledger, pair, target, grown } of due) {
      if (this.#stopped) return
      if (!grown && left <= 0) break
      if (!grown) left -= pair.open.length
      pair.saw(target)
      await pair.judge(ledger, this.#entries)
      pair.run = this.#runs
      pair.heldThen = now
    }
  }

  /**
   * Ledgers that are no longer held, have other entries, or were frozen below the counted size are counted again; so
   * are ledgers that refer to them.
   */
  #forget(): void {
    const held = new Map(this.#held().map((ledger) => [ledger.id, ledger]))
    for (const [id, { ledger, next, cuts, targets }] of this.#tallies) {
      const same = held.get(id) === ledger && ledger.visible >= next && ledger.cuts === cuts
      if (!same || [...targets].some(([to, pair]) => pair.compare(held.get(to)) === 'less')) this.#tallies.delete(id)
    }
  }
}
