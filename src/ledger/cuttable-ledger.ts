/** A ledger on disk whose newest entries can be taken away: damaged or lost ones, or those that another branch replaces. */
import { isCoded } from '../core/errors.js'
import { chunks } from '../store/chunks.js'
import { seqOf, seqRange } from '../store/keys.js'
import { NOTHING_TOLD } from './feed/arrivals.js'
import { cuttingDone, cuttingOp, readCutting, type Cutting } from './feed/cutting.js'
import { runs, type Cut } from './feed/facts.js'
import { OneWriter } from './one-writer.js'
import { unlessDamaged } from './read/unless-damaged.js'
import { discardFrom } from './write/recovery.js'
import { wholeSize } from './write/whole-size.js'

/** Rows of erasures read in one step. */
const ERASED_CHUNK = 4096

export class CuttableLedger extends OneWriter {
  /** Drops the entries from `size` on (damaged ones, for example): they can be pulled again. */
  async rewind(size: number): Promise<void> {
    await this.exclusive(async () => {
      if (this.state !== null && size < this.size) await this.truncate(Math.max(size, 0))
    })
  }

  /** Goes back to `size` entries; `voided`: others take the place of those. */
  protected async truncate(size: number, kind: Cut['kind'] = 'cut'): Promise<void> {
    const { store } = this.context
    await this.chainAt(size) // while nothing is changed: throws for damage that would stop the cut half way
    const cutting = { kind, from: size, withdrawn: await this.#withdrawn(size) }
    await store.write([cuttingOp(this.ledgerNumber, cutting)], { sync: true })
    await this.#cut(cutting)
  }

  async #cut({ kind, from, withdrawn }: Cutting): Promise<void> {
    const { store, conflicts } = this.context
    this.tree.reset()
    this.cuts++
    this.gaveWay(from)
    let arrived = NOTHING_TOLD
    const shown = withdrawn.filter((seq) => seq < this.visible)
    this.state = await discardFrom(store, this.id, this.reader, this.state!, from, conflicts.touch, (state) => {
      arrived = this.arrived(state, true, { cut: { kind, from }, more: runs('erase-withdrawn', shown) })
      return [cuttingDone(this.ledgerNumber), ...arrived.ops]
    })
    await this.load()
    this.cuts++ // what was looked up while they went is void, too
    this.emit({ type: 'cut', size: from })
    arrived.shown()
  }

  /** Seqs below `size` that an entry from there on has erased. */
  async #withdrawn(size: number): Promise<number[]> {
    const found: number[] = []
    for await (const chunk of chunks(this.context.store, seqRange('erased', this.ledgerNumber, 0, size), ERASED_CHUNK))
      for (const [key, by] of chunk) if (by.readUIntBE(0, 6) >= size) found.push(seqOf(key))
    return found
  }

  /** At open: finishes a cut that an earlier run began. */
  async finishCut(): Promise<void> {
    const { store, log } = this.context
    const cutting = this.state === null ? null : await unlessDamaged(() => readCutting(store, this.ledgerNumber))
    if (cutting === null) {
      await store.write([cuttingDone(this.ledgerNumber)], { sync: true })
      return
    }
    try {
      await this.#cut(cutting)
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      log.error(
        { event: 'ledger.cut-unreadable', ledger: this.id, from: cutting.from, error: error.message },
        'a cut that was interrupted cannot be finished: run fsck'
      )
      await store.write([cuttingDone(this.ledgerNumber)], { sync: true })
    }
  }

  /** At open after an unclean stop: goes back to the first gap after the entries that were certainly synced (I8). */
  async recover(): Promise<void> {
    if (this.state === null) return
    const { durable, chain } = this.state
    const size = await wholeSize(this.context.store, this.ledgerNumber, durable, this.size)
    const last = size === chain.size ? await this.reader.one(size - 1) : null
    if (last?.hash === chain.headHash) return
    this.context.log.warn(
      { event: 'ledger.gap-after-crash', ledger: this.id, stored: size, expected: chain.size },
      'entries are missing after an unclean stop; truncating at the first gap'
    )
    await this.truncate(size)
  }
}
