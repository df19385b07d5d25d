/**
 * The keys that were ever in force in the own ledger, and which of them can show that entries are missing here (R5).
 */
import { keyHash, type ChainState } from '../../core/chain.js'
import type { SignedHeader } from '../../core/entry.js'
import { decodeHeader, type Header } from '../../core/header.js'
import { continuesHistory, countsForOwn, type ShownKeys } from '../../core/own-word.js'

export interface OwnKeysSource {
  readonly chain: ChainState | null
  keyEntries: () => Promise<SignedHeader[]>
}

export class OwnKeys {
  readonly #source: OwnKeysSource

  constructor(source: OwnKeysSource) {
    this.#source = source
  }

  /** Was this key (hex) in force before, or is it now? */
  async isUsed(key: string): Promise<boolean> {
    return (await this.#source.keyEntries()).some(({ header }) => decodeHeader(header).key === key)
  }

  /**
   * Can an entry by this key show that entries are missing? False also for keys that are not known here: their key
   * history must be shown.
   */
  async isKnown(key: string): Promise<boolean> {
    const { chain } = this.#source
    return (
      chain !== null &&
      (chain.key === key ||
        (chain.nextKeyHash !== null && keyHash(key) === chain.nextKeyHash) ||
        (await this.isUsed(key)))
    )
  }

  async counts(header: Header, shown: ShownKeys | null): Promise<boolean> {
    const { chain } = this.#source
    if (chain === null) return false
    const ours = await this.#source.keyEntries()
    const keys = ours.map((raw) => decodeHeader(raw.header)).map(({ seq: from, key }) => ({ from, key }))
    return countsForOwn(
      header,
      { keys, nextKeyHash: chain.nextKeyHash },
      shown !== null && continuesHistory(ours, shown.entries) ? shown.history : null
    )
  }
}
