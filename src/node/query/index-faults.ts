/**
 * The index faults that count here: files in which authors convicted themselves. What one of them strikes proves
 * nothing here any more; entries stay valid, and nothing freezes.
 */
import { sha256, type Hash } from '../../core/hash.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { FaultKind } from '../../core/lmx1/index-charge.js'
import { verifyIndexFault, type VerifiedIndexFault } from '../../core/lmx1/verify-index-fault.js'
import type { Verify } from '../../core/signature.js'
import type { Log } from '../../ports.js'
import { familyRange, indexFaultKey, pardonedBy, pardonKey } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'

/** Faults of one ledger, and of all of them: a second one is struck for good, so further ones say nothing new. */
const MAX_OF_LEDGER = 2
const MAX_FAULTS = 1024
const PARDONED = Buffer.alloc(0)

export interface KnownFault {
  ledger: LedgerId
  id: Hash
  fault: FaultKind
  /** The entry that names the wrong index. */
  index: { seq: number; hash: Hash }
  /** The entry in which the author takes that index back; null: none was seen. */
  withdrawnAt: number | null
  /** The operator believes the author again. */
  pardoned: boolean
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

  /** Those that are not pardoned. */
  async of(ledger: LedgerId): Promise<readonly KnownFault[]> {
    await (this.#loading ??= this.#load())
    return (this.#faults.get(ledger) ?? []).filter(({ pardoned }) => !pardoned)
  }

  /** Of all ledgers. */
  async all(): Promise<KnownFault[]> {
    await (this.#loading ??= this.#load())
    return [...this.#faults.values()].flat()
  }

  /** Is this file, or another one about that ledger, known? */
  async isKnown(ledger: LedgerId, file: Uint8Array): Promise<boolean> {
    if ((await this.of(ledger)).length > 0) return true
    const id = sha256(file)
    return (this.#faults.get(ledger) ?? []).some((one) => one.id === id)
  }

  /** The operator believes the author again, whoever shows these files. Returns their ids. Durable when it resolves. */
  async pardon(ledger: LedgerId): Promise<Hash[]> {
    const struck = await this.of(ledger)
    const ops = struck.map(({ id }): Op => ({ type: 'put', key: pardonKey(ledger, id), value: PARDONED }))
    if (ops.length > 0) await this.#store.write(ops, { sync: true })
    for (const one of struck) {
      one.pardoned = true
      this.#log.info(
        { event: 'query.index-pardoned', ledger, seq: one.index.seq, file: one.id },
        'the operator believes the index of a ledger again'
      )
    }
    return struck.map(({ id }) => id)
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
    const all = await this.all()
    const { ledger, id, fault, index } = verified
    const known = all.filter((one) => one.ledger === ledger)
    const struck = known.filter(({ pardoned }) => !pardoned)
    if (struck.length >= MAX_OF_LEDGER || all.length >= MAX_FAULTS) return
    if (known.some((one) => one.index.hash === index.hash)) return
    await this.#store.write([{ type: 'put', key: indexFaultKey(ledger, id), value: bytes }], { sync: true })
    this.#keep({ ledger, id, fault, index, withdrawnAt: null, pardoned: false, bytes })
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
    const rows = await this.#store.all(familyRange('indexFault'))
    const pardons = new Set(rows.map(([key]) => pardonedBy(key)?.toString()))
    for (const [key, bytes] of rows) {
      if (pardonedBy(key) !== null) continue
      try {
        const { ledger, id, fault, index } = await verifyIndexFault(bytes, { verify: this.#verify })
        const pardoned = pardons.has(key.toString())
        if (indexFaultKey(ledger, id).equals(key))
          this.#keep({ ledger, id, fault, index, withdrawnAt: null, pardoned, bytes })
      } catch (error) {
        if (!isCoded(error)) throw error
        this.#log.error({ event: 'query.index-fault-unreadable', error }, 'a stored index fault is damaged: run fsck')
      }
    }
  }
}
