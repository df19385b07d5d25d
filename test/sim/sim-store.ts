/** What a node keeps over a restart: entries that were verified, and evidence. */
import { strict as assert } from 'node:assert'
import { extendChain, startChain, verifyKeyEntries, type ChainState, type KeyHistory } from '../../src/core/chain.js'
import type { Entry } from '../../src/core/entry.js'
import { LedgermeshError } from '../../src/core/errors.js'
import { setsKey } from '../../src/core/ledger-types.js'
import { verify } from './histories.js'

export class SimStore {
  readonly ledger: string
  readonly entries: Entry[] = []
  chain: ChainState | null = null
  frozenAt: number | null = null
  evidence: Uint8Array | null = null

  constructor (ledger: string) {
    this.ledger = ledger
  }

  get size (): number {
    return this.entries.length
  }

  /** Entries that are served: nothing disputed. */
  get visible (): Entry[] {
    return this.frozenAt === null ? this.entries : this.entries.slice(0, this.frozenAt)
  }

  /** All or nothing. Throws what the chain rule throws, or FROZEN. */
  ingest (entries: readonly Entry[]): void {
    let chain = this.chain
    for (const entry of entries) {
      if (this.frozenAt !== null && entry.header.seq >= this.frozenAt) throw new LedgermeshError('FROZEN', this.ledger)
      chain = chain === null ? startChain(this.ledger, entry) : extendChain(chain, entry)
    }
    for (const entry of entries) {
      assert.equal(entry.header.seq, this.entries.length, 'one body at one seq')
      this.entries.push(entry)
    }
    this.chain = chain
  }

  /** False: frozen there or lower already. */
  freeze (size: number, evidence: Uint8Array): boolean {
    if (this.frozenAt !== null && this.frozenAt <= size) return false
    this.frozenAt = size
    this.evidence = evidence
    return true
  }

  keyEntries (): Entry[] {
    return this.entries.filter(({ header }) => setsKey(header))
  }

  async keys (): Promise<KeyHistory | null> {
    return this.size === 0 ? null : await verifyKeyEntries(this.ledger, this.keyEntries(), verify)
  }
}
