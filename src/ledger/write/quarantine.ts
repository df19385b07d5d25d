/**
 * A branch of headers that is not believed yet (R1): stored to find out whether a rotation in it retires the accused
 * key, and possibly to replace held entries. It is not shown to anyone.
 */
import { chunks } from '../../store/chunks.js'
import type { Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import { ledgerRange, seqKey, seqOf } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import { decodeStored, encodeEntry } from '../read/records.js'
import type { PayloadStates } from './entry-ops.js'

/** Entries read at once. */
const CHUNK = 512
/** The first byte of a value: is the payload wanted? */
const [FILTERED, MISSING] = [0, 1]

/** `payload`: the state of the payload once the entry is believed. */
export interface Quarantined {
  entry: Entry
  payload: ReturnType<PayloadStates>
}

/** The owner of the branch: the caller that began last. */
export interface Turn {
  readonly from: number
}

export class Quarantine {
  readonly #store: Store
  readonly #ledgerNumber: number
  readonly #exclusive: <T>(run: () => Promise<T>) => Promise<T>
  /** `accepted`: it now replaces held entries, and nothing can stop that. */
  #turn: Turn | 'accepted' | null = null
  #bytes = 0

  /** `exclusive`: runs a task while nothing else is written to the ledger. */
  constructor(store: Store, ledgerNumber: number, exclusive: <T>(run: () => Promise<T>) => Promise<T>) {
    this.#store = store
    this.#ledgerNumber = ledgerNumber
    this.#exclusive = exclusive
  }

  /**
   * Begins a branch, and deletes the previous one. `from`: the first seq of the branch. Throws STORE_FAILED when an
   * accepted branch could not be switched to.
   */
  async begin(from: number): Promise<Turn> {
    return await this.#exclusive(async () => {
      if (this.#turn === 'accepted')
        throw new LedgermeshError('STORE_FAILED', 'an accepted branch waits for the next start to take its place')
      await this.clear()
      return (this.#turn = { from })
    })
  }

  /**
   * Stores consecutive entries, from `from` on. `admit` is called with the total of bytes including these, and throws
   * when they are too many: then they are not stored. Throws OVERLOADED when another caller has begun a branch.
   */
  async add(
    turn: Turn,
    entries: readonly Entry[],
    payloadStates: PayloadStates,
    admit: (bytes: number) => void = () => {}
  ): Promise<void> {
    await this.#exclusive(async () => {
      this.assert(turn)
      const ops = entries.map((entry) => ({
        type: 'put' as const,
        key: seqKey('quarantine', this.#ledgerNumber, entry.header.seq),
        value: Buffer.concat([Buffer.of(payloadStates(entry) === 'missing' ? MISSING : FILTERED), encodeEntry(entry)])
      }))
      this.#bytes += ops.reduce((sum, { value }) => sum + value.length - 1, 0)
      admit(this.#bytes)
      await this.#store.write(ops, { sync: false })
    })
  }

  /** The branch was not accepted. */
  async end(turn: Turn): Promise<void> {
    await this.#exclusive(async () => {
      if (turn === this.#turn) await this.clear()
    })
  }

  /** Throws OVERLOADED. */
  assert(turn: Turn): void {
    if (turn !== this.#turn) throw new LedgermeshError('OVERLOADED', 'another branch of the ledger is being examined')
  }

  /** Iterates over the whole branch; can be repeated. Throws STORE_DAMAGED. */
  async *chunks(): AsyncGenerator<Quarantined[]> {
    for await (const chunk of chunks(this.#store, ledgerRange('quarantine', this.#ledgerNumber), CHUNK)) {
      yield chunk.map(([key, value]) => ({
        entry: decodeStored(value.subarray(1), seqOf(key)),
        payload: value[0] === MISSING ? 'missing' : 'filtered'
      }))
    }
  }

  /** For the writer of the ledger: no other caller can begin a branch from now on. */
  keep(): void {
    this.#turn = 'accepted'
  }

  /** For the writer of the ledger: the branch has no owner any more. */
  async clear(): Promise<void> {
    this.#turn = null
    this.#bytes = 0
    await this.#store.clear(ledgerRange('quarantine', this.#ledgerNumber))
  }
}
