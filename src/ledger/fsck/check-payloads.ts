import { chunks } from '../../store/chunks.js'
import type { Entry } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import { checkPayload } from '../../core/payload.js'
import { ledgerRange, seqKey, seqOf, seqRange, SEQ_END } from '../../store/keys.js'
import type { Checked } from './checked.js'

/** Payloads read together: each has up to 1 MiB. */
const CHUNK = 8
/** Keys read together. */
const KEYS = 1024

/** Checks the stored payloads against the hashes in the headers and against the erasures. */
export class PayloadCheck {
  readonly #ledger: Checked

  constructor(ledger: Checked) {
    this.#ledger = ledger
  }

  /** Checks the payloads of from ≤ seq < to. `erased`: the entries erased so far. */
  async take(entries: Entry[], from: number, to: number, erased: ReadonlyMap<number, number>): Promise<void> {
    const { store, ledgerNumber, id, damage } = this.#ledger
    const headers = new Map(entries.map(({ header }) => [header.seq, header]))
    for await (const chunk of chunks(store, seqRange('payload', ledgerNumber, from, to), CHUNK)) {
      for (const [key, value] of chunk) {
        const seq = seqOf(key)
        const header = headers.get(seq)
        if (header === undefined || erased.has(seq)) continue // the entry is damaged itself; erased ones: see finish
        try {
          checkPayload(header, value)
        } catch (error) {
          if (!isCoded(error)) throw error
          damage.add('damaged-payload', id, seq, error.message)
        }
      }
    }
  }

  /** Reports payloads that must not be stored, and wrong notes about missing ones. */
  async finish(end: number, erased: ReadonlyMap<number, number>): Promise<void> {
    const { store, ledgerNumber, id, damage } = this.#ledger
    for (const seq of erased.keys()) {
      if ((await store.get(seqKey('payload', ledgerNumber, seq))) !== undefined)
        damage.add('erased-payload-held', id, seq, `the payload of entry ${seq} was erased, but is still stored`)
    }
    for (const key of await store.keys({ ...seqRange('payload', ledgerNumber, end, SEQ_END), limit: KEYS }))
      damage.add('wrong-index', id, seqOf(key), `a payload is stored for entry ${seqOf(key)}, which is not stored`)
    for await (const seqs of this.#missing()) {
      const held = await store.getMany(seqs.map((seq) => seqKey('payload', ledgerNumber, seq)))
      seqs.forEach((seq, i) => {
        const why =
          held[i] !== undefined ? 'is held' : erased.has(seq) ? 'is erased' : seq >= end ? 'belongs to no entry' : null
        if (why !== null) damage.add('wrong-index', id, seq, `payload ${seq} is noted as missing, but ${why}`)
      })
    }
  }

  async *#missing(): AsyncGenerator<number[]> {
    const { store, ledgerNumber } = this.#ledger
    for await (const chunk of chunks(store, ledgerRange('missing', ledgerNumber), KEYS))
      yield chunk.map(([key]) => seqOf(key))
  }
}
