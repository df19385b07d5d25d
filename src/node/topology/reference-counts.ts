/** How often held ledgers refer to which others: counted once for each entry, only when somebody asks, a few entries at a time. */
import { isObject } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isReference, type ReferenceType } from '../../core/reference.js'
import type { Ledger } from '../../ledger/ledger.js'

/** Entries read at a time: other work has its turn in between. */
const CHUNK = 256
const CHUNK_BYTES = 1024 * 1024
/** Ledgers that one ledger's references are counted for; references to further ones are not counted. */
export const MAX_TARGETS = 4096
const MARK = Buffer.from('"crossLedgerRefs"')

export interface ReferenceCount { from: LedgerId, to: LedgerId, count: number, types: Record<ReferenceType, number>, unresolved: number }

type Counted = Pick<Ledger, 'id' | 'visible' | 'range'>

interface Tally { ledger: Counted, next: number, targets: Map<LedgerId, ReferenceCount> }

export class ReferenceCounts {
  readonly #held: () => Counted[]
  readonly #tallies = new Map<LedgerId, Tally>()
  #running: Promise<void> | null = null
  #stopped = false

  constructor (held: () => Counted[]) {
    this.#held = held
  }

  /** Counts what was not counted yet; callers share one run. */
  async update (): Promise<void> {
    this.#running ??= this.#run().finally(() => { this.#running = null })
    await this.#running
  }

  async stop (): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** As far as it is counted. References of a ledger to itself are not among them. */
  pairs (): ReferenceCount[] {
    this.#forget()
    return [...this.#tallies.values()].flatMap(({ targets }) => [...targets.values()])
  }

  progress (): { counted: number, held: number } {
    this.#forget()
    return {
      counted: [...this.#tallies.values()].reduce((sum, { next }) => sum + next, 0),
      held: this.#held().reduce((sum, { visible }) => sum + visible, 0)
    }
  }

  /** Fairly per ledger: one chunk of each in turn. */
  async #run (): Promise<void> {
    for (let more = true; more && !this.#stopped;) {
      more = false
      this.#forget()
      for (const ledger of this.#held()) {
        if (this.#stopped) return
        if (await this.#chunk(ledger)) more = true
      }
    }
  }

  async #chunk (ledger: Counted): Promise<boolean> {
    let tally = this.#tallies.get(ledger.id)
    if (tally === undefined) this.#tallies.set(ledger.id, tally = { ledger, next: 0, targets: new Map() })
    const entries = await ledger.range(tally.next, { count: CHUNK, bytes: CHUNK_BYTES }, () => false)
    for (const { header } of entries) count(tally, header)
    tally.next += entries.length
    return entries.length > 0 && tally.next < ledger.visible
  }

  /** What is no longer held, or was frozen below what is counted, is counted anew. */
  #forget (): void {
    const held = new Set(this.#held())
    for (const [id, { ledger, next }] of this.#tallies) if (!held.has(ledger) || ledger.visible < next) this.#tallies.delete(id)
  }
}

function count ({ ledger, targets }: Tally, header: Uint8Array): void {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  if (!bytes.includes(MARK)) return
  const { meta } = JSON.parse(bytes.toString()) as { meta: unknown }
  const references: unknown = isObject(meta) ? meta.crossLedgerRefs : null
  if (!Array.isArray(references)) return
  for (const reference of references.filter(isReference)) {
    const { ledgerId: to, referenceType, entryHash } = reference
    if (to === ledger.id) continue
    let pair = targets.get(to)
    if (pair === undefined) {
      if (targets.size >= MAX_TARGETS) continue
      targets.set(to, pair = { from: ledger.id, to, count: 0, types: { source: 0, derived: 0, related: 0, transaction: 0 }, unresolved: 0 })
    }
    pair.count++
    pair.types[referenceType]++
    if (entryHash === null) pair.unresolved++
  }
}
