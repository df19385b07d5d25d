/**
 * Decides what a peer may see of a ledger. For a peer that may not read it, a private ledger does not exist: same code
 * and same work as for an unknown one. So nothing here waits: rules are in memory, and trust levels were computed
 * before.
 */
import { BoundedMap } from '../../core/bounded.js'
import { scopeAllows, type Access } from '../../core/access.js'
import { keyHash } from '../../core/chain.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import type { Directory } from '../peers/peer-directory.js'
import type { Refusals } from './refusals.js'

/** Trust levels are computed again after this many ms, because attestations expire. */
const TRUST_AGE_MS = 5_000
/** Readers per ledger whose trust level is remembered. */
const MAX_TRUSTED = 4096

export type { Access }

/** How much the owner trusts the reader, 0–1000, from the attestations held here. */
export type TrustLevelMilli = (owner: LedgerId, reader: LedgerId) => number

export interface ReadingRightsInit {
  ledgers: Ledgers
  directory: Directory
  refusals: Refusals
  clock: Clock
  /** Without it no reader is trusted. */
  trustLevelMilli?: TrustLevelMilli | undefined
  /** An owner's trust in a reader has changed. */
  onTrusted?: (() => void) | undefined
  /**
   * Peers that are connected but not yet admitted to a closed network see only what this allows; default: all peers are
   * admitted.
   */
  isAdmitted?: ((peer: string, ledger: LedgerReader) => boolean) | undefined
}

interface Trust {
  level: number
  at: number
}

export class ReadingRights {
  readonly #init: ReadingRightsInit
  readonly #trust = new Map<LedgerId, BoundedMap<LedgerId, Trust>>()

  constructor(init: ReadingRightsInit) {
    this.#init = init
  }

  may(peer: string, ledger: LedgerReader, access: Access): boolean {
    const reader = this.#init.directory.provenLedger(peer)
    if (this.#init.isAdmitted !== undefined && !this.#init.isAdmitted(peer, ledger)) return false
    return !isSecret(ledger) || (reader !== null && this.#mayReader(reader, ledger, access))
  }

  /**
   * The ledger, if the peer has this right. `unknown`: not held, or the peer is not a reader: the two look the same.
   * `denied`: a reader whose scope does not include the right, and who may be told so. Both refusals are shown to the
   * operator.
   */
  ask(peer: string, id: LedgerId, access: Access): LedgerReader | 'unknown' | 'denied' {
    const ledger = this.#init.ledgers.get(id)
    const reader = this.#init.directory.provenLedger(peer)
    // No entry is held: treated like any unknown ledger.
    if (ledger === undefined || ledger.chain === null) return 'unknown'
    if (this.may(peer, ledger, access)) return ledger
    const knows = this.may(peer, ledger, 'know')
    const reason = knows ? 'SCOPE' : isSecret(ledger) ? 'NOT_A_READER' : 'NOT_ADMITTED'
    this.#init.refusals.note({ peer, ledger: id, reason, reader })
    return knows ? 'denied' : 'unknown'
  }

  /**
   * May the peer learn that the ledger exists, and are its messages about it accepted? True for a peer that may read
   * it, and for its owner, whose rotation may not be known here. A ledger of which no entry is held can only be found
   * by naming it.
   */
  mayHear(peer: string, ledger: LedgerReader): boolean {
    return (
      ledger.chain === null ||
      this.may(peer, ledger, 'know') ||
      this.#isNextKey(peer, ledger.id, ledger.chain.nextKeyHash)
    )
  }

  /** Computes the trust of the owners of private ledgers in a peer that has just introduced itself. */
  prepare(peer: string): void {
    const reader = this.#init.directory.provenLedger(peer)
    if (reader === null) return
    for (const ledger of this.#init.ledgers.list())
      if (ledger.access.trustMilli !== null) this.#workOut(ledger.id, reader)
  }

  /** Attestations have changed. */
  trustChanged(): void {
    for (const [owner, readers] of this.#trust) for (const reader of [...readers.keys()]) this.#workOut(owner, reader)
  }

  #isNextKey(peer: string, ledger: LedgerId, nextKeyHash: Hash | null): boolean {
    const record = this.#init.directory.get(peer)?.record
    return record !== undefined && record.ledger === ledger && keyHash(record.key) === nextKeyHash
  }

  #mayReader(reader: LedgerId, ledger: LedgerReader, access: Access): boolean {
    if (reader === ledger.id) return true
    const { grants, revoked, trustMilli } = ledger.access
    const scope = grants.get(reader)
    if (scope !== undefined && scopeAllows(scope, access)) return true
    return trustMilli !== null && !revoked.has(reader) && this.#trusted(ledger.id, reader) >= trustMilli
  }

  /** The last computed level; it is renewed after the answer. */
  #trusted(owner: LedgerId, reader: LedgerId): number {
    const known = this.#trust.get(owner)?.get(reader)
    const now = this.#init.clock.now()
    if (known === undefined || known.at + TRUST_AGE_MS <= now) {
      this.#remember(owner, reader, { level: known?.level ?? 0, at: now })
      this.#init.clock.after(0, () => {
        this.#workOut(owner, reader)
      })
    }
    return known?.level ?? 0
  }

  #workOut(owner: LedgerId, reader: LedgerId): void {
    const { trustLevelMilli, clock, onTrusted } = this.#init
    if (trustLevelMilli === undefined) return
    const before = this.#trust.get(owner)?.get(reader)?.level ?? 0
    const level = trustLevelMilli(owner, reader)
    this.#remember(owner, reader, { level, at: clock.now() })
    if (level !== before) onTrusted?.()
  }

  #remember(owner: LedgerId, reader: LedgerId, trust: Trust): void {
    let readers = this.#trust.get(owner)
    if (readers === undefined) this.#trust.set(owner, (readers = new BoundedMap(MAX_TRUSTED)))
    readers.set(reader, trust)
  }
}

/**
 * Private, or possibly private because its genesis is not held: no topic, no provider record, no gossiped record
 * (DESIGN §6).
 */
export function isSecret({ chain }: LedgerReader): boolean {
  return chain?.access !== 'public'
}
