/** What a node keeps over a restart: entries that were verified, and evidence. What was not synced may be gone after a crash. */
import { strict as assert } from 'node:assert'
import { extendChain, startChain, verifyKeyEntries, type ChainState, type KeyHistory } from '../../src/core/chain.js'
import type { Entry } from '../../src/core/entry.js'
import { LedgermeshError } from '../../src/core/errors.js'
import { setsKey } from '../../src/core/ledger-types.js'
import { verify } from './histories.js'

/** A mirror's writes reach the disk after so many entries (really: after 4 MiB). */
const SYNC_ENTRIES = 40

export class SimStore {
  readonly ledger: string
  readonly entries: Entry[] = []
  chain: ChainState | null = null
  frozenAt: number | null = null
  evidence: Uint8Array | null = null
  /** Entries that a crash cannot take. */
  durable = 0

  constructor (ledger: string) {
    this.ledger = ledger
  }

  get size (): number {
    return this.entries.length
  }

  /** Entries that are served: nothing disputed. */
  get visible (): number {
    return Math.min(this.size, this.frozenAt ?? Infinity)
  }

  get head (): Entry | undefined {
    return this.entries[this.visible - 1]
  }

  /** All or nothing. Throws what the chain rule throws, or FROZEN. */
  ingest (entries: readonly Entry[]): void {
    if (this.frozenAt !== null && this.size + entries.length > this.frozenAt) throw new LedgermeshError('FROZEN', this.ledger)
    let chain = this.chain
    for (const entry of entries) chain = chain === null ? startChain(this.ledger, entry) : extendChain(chain, entry)
    for (const entry of entries) {
      assert.equal(entry.header.seq, this.entries.length, 'one body at one seq')
      this.entries.push(entry)
    }
    this.chain = chain
    if (this.size - this.durable >= SYNC_ENTRIES) this.sync()
  }

  sync (): void {
    this.durable = this.size
  }

  /** False: frozen there or lower already. On the disk at once. */
  freeze (size: number, evidence: Uint8Array): boolean {
    if (this.frozenAt !== null && this.frozenAt <= size) return false
    this.sync()
    this.frozenAt = size
    this.evidence = evidence
    return true
  }

  /** Back to `size` entries: what a crash took, or an old copy does not have. */
  cut (size: number): void {
    this.entries.length = size
    this.durable = Math.min(this.durable, size)
    this.chain = null
    for (const entry of this.entries) this.chain = this.chain === null ? startChain(this.ledger, entry) : extendChain(this.chain, entry)
  }

  /** As it was when only `size` entries were there; a freeze since then is forgotten with them. */
  restore (size: number): void {
    if (this.frozenAt !== null && size < this.frozenAt) this.frozenAt = this.evidence = null
    this.cut(Math.min(size, this.size))
  }

  keyEntries (): Entry[] {
    return this.entries.filter(({ header }) => setsKey(header))
  }

  async keys (): Promise<KeyHistory | null> {
    return this.size === 0 ? null : await verifyKeyEntries(this.ledger, this.keyEntries(), verify)
  }
}
