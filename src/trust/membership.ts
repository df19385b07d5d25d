/**
 * Who is a member of a private network: credentials that issuers write into their own ledgers, with an expiry, and
 * their revocations.
 * A peer is a member while one of them is in force. Malformed entries are inert, like all of trust.*.
 */
import { hasExactly, isInteger } from '../core/grammar.js'
import { isHash, type Hash } from '../core/hash.js'
import { isPeerIdText } from '../core/ledger-types.js'
import { MAX_TIMESTAMP_MS } from '../core/limits.js'

export const MEMBERSHIP_TYPE = 'trust.membership'
export const MEMBERSHIP_REVOCATION_TYPE = 'trust.membership-revocation'

/** `expires`: ms since the epoch. */
export interface MembershipMeta {
  peer_id: string
  expires: number
}
/** The hash of an earlier trust.membership entry of the same ledger. */
export interface MembershipRevocationMeta {
  membership: Hash
}

export interface Credential {
  peer: string
  hash: Hash
  expires: number
  revoked: boolean
}

/** What the fold reads of an entry. */
export interface MembershipEntry {
  type: string
  hash: Hash
  meta: unknown
}

/** The memberships of one issuer, folded from its entries in chain order. */
export class MembershipBook {
  readonly #byHash = new Map<Hash, Credential>()
  readonly #byPeer = new Map<string, Credential[]>()
  /** Revoked in what counts only against somebody: not audited yet, or disputed. */
  #restricted: ReadonlySet<Hash> = new Set()

  note({ type, hash, meta }: MembershipEntry): void {
    const revoked = revokedBy(type, meta)
    const credential = revoked === null ? undefined : this.#byHash.get(revoked)
    if (credential !== undefined) credential.revoked = true
    if (
      type !== MEMBERSHIP_TYPE ||
      !hasExactly(meta, ['expires', 'peer_id']) ||
      !isPeerIdText(meta.peer_id) ||
      !isInteger(meta.expires, MAX_TIMESTAMP_MS)
    )
      return
    const given: Credential = { peer: meta.peer_id, hash, expires: meta.expires, revoked: false }
    this.#byHash.set(hash, given)
    const known = this.#byPeer.get(given.peer)
    if (known === undefined) this.#byPeer.set(given.peer, [given])
    else known.push(given)
  }

  /**
   * All entries of the branch that is held beyond those noted: they take away, and give nothing (R6). Replaces what was
   * said before.
   */
  restrict(entries: Iterable<Omit<MembershipEntry, 'hash'>>): void {
    this.#restricted = new Set([...entries].flatMap(({ type, meta }) => revokedBy(type, meta) ?? []))
  }

  /** `ended`: it was admitted once, and no credential is in force any more. */
  stateOf(peer: string, now: number): 'member' | 'ended' | 'unknown' {
    const credentials = this.#byPeer.get(peer)
    if (credentials === undefined) return 'unknown'
    return credentials.some((credential) => this.#isInForce(credential, now)) ? 'member' : 'ended'
  }

  /** Those in force, of one peer or of all. */
  inForce(now: number, peer?: string): Credential[] {
    const credentials = peer === undefined ? [...this.#byHash.values()] : (this.#byPeer.get(peer) ?? [])
    return credentials.filter((credential) => this.#isInForce(credential, now))
  }

  #isInForce({ hash, expires, revoked }: Credential, now: number): boolean {
    return !revoked && expires > now && !this.#restricted.has(hash)
  }
}

/** The membership that this entry revokes; null: none. */
function revokedBy(type: string, meta: unknown): Hash | null {
  return type === MEMBERSHIP_REVOCATION_TYPE && hasExactly(meta, ['membership']) && isHash(meta.membership)
    ? meta.membership
    : null
}
