/** A ledger to be published, as the node of this home tells it. */
import { ledgerOf, type Entry } from '../core/entry.js'
import { isCoded } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { isOfType } from '../core/ledger-types.js'
import { readEntry } from '../core/verify-proof.js'
import type { PublishSource } from '../publish/source.js'
import type { LedgerClient } from '../rpc/client.js'
import { entryPages, type PagedEntry } from './entry-pages.js'

export class NodeSource implements PublishSource {
  readonly #client: LedgerClient
  readonly #ledger: LedgerId

  constructor(client: LedgerClient, ledger: LedgerId) {
    this.#client = client
    this.#ledger = ledger
  }

  async head(): ReturnType<PublishSource['head']> {
    const ledger = this.#ledger
    const keyEntries: Entry[] = []
    for (const type of ['ledger.genesis', 'ledger.rotate-key'])
      for await (const entry of entryPages(this.#client, { ledger, type })) keyEntries.push(readEntry(entry.raw))
    const note = await this.#checkpoint()
    const { size } = await this.#client.call('ledger.head', { ledger })
    const { evidence } = await this.#client.call('evidence.list', { ledger })
    const freezing = evidence.find((one) => one.freezes)
    return { ledger, keyEntries, checkpoint: note, visible: size, evidence: freezing?.evidence ?? null }
  }

  async #checkpoint(): Promise<string | null> {
    try {
      return (await this.#client.call('ledger.checkpoint', { ledger: this.#ledger })).note
    } catch (error) {
      if (isCoded(error, 'NOT_YET')) return null
      throw error
    }
  }

  async *entries(from: number, to: number): AsyncGenerator<{ entry: Entry; state: string }> {
    if (from >= to) return
    for await (const { seq, raw, payload_state: state } of entryPages(this.#client, {
      ledger: this.#ledger,
      fromSeq: from
    })) {
      if (seq < to) yield { entry: readEntry(raw), state }
      if (seq + 1 >= to) return
    }
  }

  async entry(seq: number): Promise<Entry | null> {
    const found = await this.#get({ seq })
    return found === null ? null : readEntry(found.raw)
  }

  async *erased(from: number): AsyncGenerator<Hash> {
    const filter = { ledger: this.#ledger, type: 'ledger.erase', fromSeq: from }
    for await (const { raw } of entryPages(this.#client, filter)) {
      const { header } = readEntry(raw)
      if (!isOfType(header, 'ledger.erase')) continue
      for (const hash of header.meta.entries) {
        const named = await this.#get({ hash })
        const entry = named === null ? null : readEntry(named.raw)
        // as every holder does: only an entry of this ledger, before the one that erases it
        if (entry === null || ledgerOf(entry) !== this.#ledger || entry.header.seq >= header.seq) continue
        if (entry.header.payload_hash !== null) yield entry.header.payload_hash
      }
    }
  }

  async #get(pointer: { seq: number } | { hash: Hash }): Promise<PagedEntry | null> {
    try {
      return (await this.#client.call('ledger.get', { ...pointer, ledger: this.#ledger })).entry
    } catch (error) {
      if (isCoded(error, 'NOT_FOUND')) return null
      throw error
    }
  }
}

/** The id of a ledger held here; the own one by default. Throws NOT_FOUND. */
export async function ledgerNamed(client: LedgerClient, given: string | undefined): Promise<LedgerId> {
  const { ledger } = await client.call('ledger.head', given === undefined ? {} : { ledger: given })
  return ledger
}
