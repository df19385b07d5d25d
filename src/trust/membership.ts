/**
 * Who is a member of a private network: credentials that issuers write into their own ledgers, with an expiry, and their revocations.
 * A peer is a member while one of them is in force. Malformed entries are inert, like all of trust.*.
 */
import { hasExactly, isInteger } from '../core/grammar.js'
import { isHash, type Hash } from '../core/hash.js'
import { isPeerIdText } from '../core/ledger-types.js'
import { MAX_TIMESTAMP_MS } from '../core/limits.js'

export const MEMBERSHIP_TYPE = 'trust.membership'
export const MEMBERSHIP_REVOCATION_TYPE = 'trust.membership-revocation'

/** `expires`: ms since the epoch. */
export interface MembershipMeta { peer_id: string, expires: number }
/** The hash of an earlier trust.membership entry of the same ledger. */
export interface MembershipRevocationMeta { membership: Hash }

export interface Credential { peer: string, hash: Hash, expires: number, revoked: boolean }

/** What the fold reads of an entry. */
export interface MembershipEntry { type: string, hash: Hash, meta: unknown }

/** The memberships of one issuer, folded from its entries in chain order. */
export class MembershipBook {
  readonly #byHash = new Map<Hash, Credential>()
  readonly #byPeer = new Map<string, Credential[]>()

  note ({ type, hash, meta }: MembershipEntry): void {
    if (type === MEMBERSHIP_REVOCATION_TYPE && hasExactly(meta, ['membership']) && isHash(meta.membership)) {
      const credential = this.#byHash.get(meta.membership)
      if (credential !== undefined) credential.revoked = true
    }
    if (type !== MEMBERSHIP_TYPE || !hasExactly(meta, ['expires', 'peer_id']) || !isPeerIdText(meta.peer_id) || !isInteger(meta.expires, MAX_TIMESTAMP_MS)) return
    const credential: Credential = { peer: meta.peer_id, hash, expires: meta.expires, revoked: false }
    this.#byHash.set(hash, credential)
    const known = this.#byPeer.get(credential.peer)
    if (known === undefined) this.#byPeer.set(credential.peer, [credential])
    else known.push(credential)
  }

  /** `ended`: it was admitted once, and no credential is in force any more. */
  stateOf (peer: string, now: number): 'member' | 'ended' | 'unknown' {
    const credentials = this.#byPeer.get(peer)
    if (credentials === undefined) return 'unknown'
    return credentials.some((credential) => isInForce(credential, now)) ? 'member' : 'ended'
  }

  /** Those in force, of one peer or of all. */
  inForce (now: number, peer?: string): Credential[] {
    const credentials = peer === undefined ? [...this.#byHash.values()] : this.#byPeer.get(peer) ?? []
    return credentials.filter((credential) => isInForce(credential, now))
  }
}

function isInForce ({ expires, revoked }: Credential, now: number): boolean {
  return !revoked && expires > now
}
