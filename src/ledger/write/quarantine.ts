/**
 * A branch of headers that is not believed yet (R1): stored to find out whether a rotation in it retires the accused
 * key, and to take the place of what is held. Shown to nobody.
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

/** `payload`: what it is to be when the entry is believed. */
export interface Quarantined {
  entry: Entry
  payload: ReturnType<PayloadStates>
}

/** Whose branch it is: whoever began last. */
export interface Turn {
  readonly from: number
}

export class Quarantine {
  readonly #store: Store
  readonly #ledgerNumber: number
  readonly #exclusive: <T>(run: () => Promise<T>) => Promise<T>
  /** `accepted`: it takes the place of what is held now, whatever comes between. */
  #turn: Turn | 'accepted' | null = null
  #bytes = 0

  /** `exclusive`: what is run while nothing else is written to the ledger. */
  constructor(store: Store, ledgerNumber: number, exclusive: <T>(run: () => Promise<T>) => Promise<T>) {
    this.#store = store
    this.#ledgerNumber = ledgerNumber
    this.#exclusive = exclusive
  }

  /**
   * What was there before is forgotten. `from`: the first seq of the branch. Throws STORE_FAILED when an accepted
   * branch could not take its place.
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
   * Entries that follow each other, from `from` on. `admit` hears how many bytes there are with these, and throws when
   * they are too many: then they are not stored. Throws OVERLOADED when somebody else has begun.
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

  /** It did not come about. */
  async end(turn: Turn): Promise<void> {
    await this.#exclusive(async () => {
      if (turn === this.#turn) await this.clear()
    })
  }

  /** Throws OVERLOADED. */
  assert(turn: Turn): void {
    if (turn !== this.#turn) throw new LedgermeshError('OVERLOADED', 'another branch of the ledger is being looked at')
  }

  /** All of it, again and again. Throws STORE_DAMAGED. */
  async *chunks(): AsyncGenerator<Quarantined[]> {
    for await (const chunk of chunks(this.#store, ledgerRange('quarantine', this.#ledgerNumber), CHUNK)) {
      yield chunk.map(([key, value]) => ({
        entry: decodeStored(value.subarray(1), seqOf(key)),
        payload: value[0] === MISSING ? 'missing' : 'filtered'
      }))
    }
  }

  /** For whoever writes to the ledger: it is given away no more. */
  keep(): void {
    this.#turn = 'accepted'
  }

  /** Likewise: now it is nobody's. */
  async clear(): Promise<void> {
    this.#turn = null
    this.#bytes = 0
    await this.#store.clear(ledgerRange('quarantine', this.#ledgerNumber))
  }
}
