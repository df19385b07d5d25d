/**
 * Replaces held entries by the branch in quarantine, from its first seq on (I4, R1). One synced record is the commit
 * point: without it nothing has changed, with it the branch counts as held. If a run ends between the record and the
 * end of the work, the next open finishes it.
 */
import { extendChain, type ChainState } from '../../core/chain.js'
import { readCheckpoint } from '../../core/checkpoint.js'
import type { Entry } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Log } from '../../ports.js'
import { ledgerKey } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import type { LedgerState } from '../read/records.js'
import { standingOp } from '../read/standing-row.js'
import { decodeAccepted, encodeAccepted, type AcceptedBranch } from './accepted-branch.js'
import type { PayloadStates } from './entry-ops.js'
import type { Quarantine } from './quarantine.js'
import { keepVoided } from './voided.js'

/** A ledger, while nothing else is written to it. */
export interface Switched {
  readonly id: LedgerId
  readonly ledgerNumber: number
  readonly reader: EntryReader
  readonly quarantine: Quarantine
  readonly size: number
  chainAt: (size: number) => Promise<ChainState | null>
}

export interface BranchSwitchInit {
  store: Store
  log: Log
  network: string
  ledger: Switched
  /** Drops the entries from `size` on. */
  truncate: (size: number) => Promise<void>
  /** Stores entries that follow; with the last ones also `ops`, on the disk then, and where the ledger is frozen. */
  append: (
    entries: Entry[],
    payloadStates: PayloadStates,
    last: { frozen: LedgerState['frozen']; ops: Op[] } | null
  ) => Promise<void>
}

export class BranchSwitch {
  readonly #init: BranchSwitchInit

  constructor(init: BranchSwitchInit) {
    this.#init = init
  }

  /** The chain with the branch. Throws BROKEN_LINK or KEY_NOT_IN_FORCE; nothing is changed then. */
  async accept(decided: Omit<AcceptedBranch, 'head'>): Promise<ChainState> {
    const { store, ledger } = this.#init
    const chain = await this.#follow(decided.from)
    const accepted = { ...decided, head: chain.headHash }
    await store.write(
      [{ type: 'put', key: ledgerKey('accepted', ledger.ledgerNumber), value: encodeAccepted(accepted) }],
      {
        sync: true
      }
    )
    ledger.quarantine.keep()
    await this.#switch(accepted, chain)
    return chain
  }

  /** At open: finishes a switch that an earlier run decided. False: there is none. */
  async finish(): Promise<boolean> {
    const { store, log, ledger } = this.#init
    const key = ledgerKey('accepted', ledger.ledgerNumber)
    const value = await store.get(key)
    if (value === undefined) return false
    try {
      const accepted = decodeAccepted(value)
      const chain = await this.#follow(accepted.from)
      if (chain.headHash !== accepted.head)
        throw new LedgermeshError('STORE_DAMAGED', 'the branch in quarantine is not the one that was accepted')
      await this.#switch(accepted, chain)
      log.warn(
        { event: 'ledger.branch-accepted', ledger: ledger.id, from: accepted.from, size: chain.size },
        'an accepted branch replaced the stored entries'
      )
      return true
    } catch (error) {
      if (!isCoded(error) || error.code === 'STORE_FAILED') throw error
      // Frozen as before: it can be accepted again.
      log.error(
        { event: 'ledger.branch-unreadable', ledger: ledger.id, error: error.message },
        'an accepted branch can no longer be read'
      )
      await store.write([{ type: 'del', key }], { sync: true })
      return false
    }
  }

  async #follow(from: number): Promise<ChainState> {
    const { ledger } = this.#init
    let chain = await ledger.chainAt(from)
    if (chain === null) throw new LedgermeshError('STORE_DAMAGED', 'the entry before the branch is not stored')
    for await (const chunk of ledger.quarantine.chunks())
      chain = chunk.reduce<ChainState>((before, { entry }) => extendChain(before, entry), chain)
    return chain
  }

  /** Can be repeated from any point of it. */
  async #switch({ from, evidence, frozen, row }: AcceptedBranch, chain: ChainState): Promise<void> {
    const { store, ledger, truncate, append } = this.#init
    if (from < ledger.size) {
      if (!(await this.#isBegun(from))) await keepVoided(store, ledger.reader, evidence, from, ledger.size)
      await this.#dropCheckpoint(from)
      await truncate(from)
    }
    for await (const chunk of ledger.quarantine.chunks()) {
      const payloads = new Map(chunk.map(({ entry, payload }) => [entry.header.seq, payload]))
      const isLast = chunk.at(-1)!.entry.header.seq === chain.size - 1
      const ops: Op[] = [
        standingOp(ledger.ledgerNumber, row),
        { type: 'del', key: ledgerKey('accepted', ledger.ledgerNumber) }
      ]
      await append(
        chunk.map(({ entry }) => entry),
        ({ header }) => payloads.get(header.seq)!,
        isLast ? { frozen, ops } : null
      )
    }
    await ledger.quarantine.clear()
  }

  /** Is a part of the branch stored already? */
  async #isBegun(from: number): Promise<boolean> {
    const { ledger } = this.#init
    for await (const [first] of ledger.quarantine.chunks())
      return (await ledger.reader.one(from))?.hash === first!.entry.hash
    return false
  }

  async #dropCheckpoint(from: number): Promise<void> {
    const { store, network, ledger } = this.#init
    const key = ledgerKey('checkpoint', ledger.ledgerNumber)
    const note = (await store.get(key))?.toString()
    if (note !== undefined && readCheckpoint(note, { network, ledger: ledger.id }).size > from)
      await store.write([{ type: 'del', key }], { sync: false })
  }
}
