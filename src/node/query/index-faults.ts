/**
 * The index faults that count here: files in which authors convicted themselves. What one of them strikes proves
 * nothing here any more; entries stay valid, and nothing freezes.
 */
import type { Hash } from '../../core/hash.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { FaultKind } from '../../core/lmx1/index-charge.js'
import { verifyIndexFault, type VerifiedIndexFault } from '../../core/lmx1/verify-index-fault.js'
import type { Verify } from '../../core/signature.js'
import type { Log } from '../../ports.js'
import { familyRange, indexFaultKey } from '../../store/keys.js'
import type { Store } from '../../store/store.js'

/** Faults of one ledger, and of all of them: a second one is struck for good, so further ones say nothing new. */
const MAX_OF_LEDGER = 2
const MAX_FAULTS = 1024

export interface KnownFault {
  ledger: LedgerId
  id: Hash
  fault: FaultKind
  /** The entry that names the wrong index. */
  index: { seq: number; hash: Hash }
  /** The entry in which the author takes that index back; null: none was seen. */
  withdrawnAt: number | null
  bytes: Uint8Array
}

export class IndexFaults {
  readonly #store: Store
  readonly #verify: Verify
  readonly #log: Log
  readonly #faults = new Map<LedgerId, KnownFault[]>()
  #loading: Promise<void> | null = null

  constructor(store: Store, verify: Verify, log: Log) {
    this.#store = store
    this.#verify = verify
    this.#log = log
  }

  async of(ledger: LedgerId): Promise<readonly KnownFault[]> {
    await (this.#loading ??= this.#load())
    return this.#faults.get(ledger) ?? []
  }

  /**
   * The fault that strikes an index named at `seq`; null: none. Whoever takes a wrong one back is believed again behind
   * that, once.
   */
  async striking(ledger: LedgerId, seq: number): Promise<KnownFault | null> {
    const known = (await this.of(ledger)).filter(({ index }) => index.seq <= seq)
    const isSecond = (at: number): boolean =>
      known.slice(0, at).some((one) => (one.withdrawnAt ?? Infinity) < known[at]!.index.seq)
    return known.find(({ withdrawnAt }, at) => seq < (withdrawnAt ?? Infinity) || isSecond(at)) ?? null
  }

  /** A verified entry of the ledger takes these index entries back. */
  async withdrawn(ledger: LedgerId, seq: number, hashes: readonly Hash[]): Promise<void> {
    for (const one of await this.of(ledger))
      if (hashes.includes(one.index.hash) && seq > one.index.seq)
        one.withdrawnAt = Math.min(seq, one.withdrawnAt ?? Infinity)
  }

  /** Hashes of the index entries that the faults name. */
  async accused(ledger: LedgerId): Promise<Hash[]> {
    return (await this.of(ledger)).map(({ index }) => index.hash)
  }

  /** Durable when it resolves. `counts` was decided by the caller (weigh-fault.ts). */
  async add(verified: VerifiedIndexFault, bytes: Uint8Array): Promise<void> {
    const known = await this.of(verified.ledger)
    const { ledger, id, fault, index } = verified
    const all = [...this.#faults.values()].reduce((sum, ofOne) => sum + ofOne.length, 0)
    if (known.length >= MAX_OF_LEDGER || all >= MAX_FAULTS || known.some((one) => one.index.hash === index.hash)) return
    await this.#store.write([{ type: 'put', key: indexFaultKey(ledger, id), value: bytes }], { sync: true })
    this.#keep({ ledger, id, fault, index, withdrawnAt: null, bytes })
    this.#log.warn(
      { event: 'query.index-fault', ledger, seq: index.seq, fault, file: id },
      'the index of a ledger is wrong, and its author has signed it: nothing is proved by it any more'
    )
  }

  #keep(one: KnownFault): void {
    const known = [...(this.#faults.get(one.ledger) ?? []), one]
    this.#faults.set(
      one.ledger,
      known.sort((a, b) => a.index.seq - b.index.seq)
    )
  }

  async #load(): Promise<void> {
    for (const [key, bytes] of await this.#store.all(familyRange('indexFault'))) {
      try {
        const { ledger, id, fault, index } = await verifyIndexFault(bytes, { verify: this.#verify })
        if (indexFaultKey(ledger, id).equals(key)) this.#keep({ ledger, id, fault, index, withdrawnAt: null, bytes })
      } catch (error) {
        if (!isCoded(error)) throw error
        this.#log.error({ event: 'query.index-fault-unreadable', error }, 'a stored index fault is damaged: run fsck')
      }
    }
  }
}
