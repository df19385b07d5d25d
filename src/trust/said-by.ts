/**
 * What one ledger has said about trust up to a seq: its statements folded in chain order, bounded whatever it writes.
 */
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { AcceptanceStatement, AttestationStatement, TrustStatement, VerificationStatement } from './attestation.js'
import { MAX_LIVE_ATTESTATIONS, MAX_REMARKS } from './limits.js'

/** What a fold changes for others. */
export interface SaidChanges {
  attested: (statement: AttestationStatement) => void
  ended: (statement: AttestationStatement) => void
  verified: (statement: VerificationStatement) => void
  unverified: (statement: VerificationStatement) => void
}

export class SaidBy {
  /** By subject, oldest first: the newest attestation of a subject replaces the one before for good. */
  readonly #live = new Map<LedgerId, AttestationStatement>()
  readonly #liveByHash = new Map<Hash, AttestationStatement>()
  /** Revoked attestations by subject, for explaining. */
  readonly #revoked = new Map<LedgerId, AttestationStatement>()
  readonly #accepted = new Map<Hash, AcceptanceStatement>()
  readonly #verified = new Map<Hash, VerificationStatement>()
  readonly #changes: SaidChanges
  /** Statements not folded yet. */
  #waiting: TrustStatement[] = []
  /** Statements below this seq are folded. */
  #foldedTo = 0

  constructor(changes: SaidChanges) {
    this.#changes = changes
  }

  /** Keeps a statement until its ledger is held up to it; one that is folded already changes nothing. */
  add(statement: TrustStatement): void {
    if (statement.seq >= this.#foldedTo) this.#waiting.push(statement)
  }

  /** All statements below `size` were added: folds them. */
  foldTo(size: number): void {
    if (size <= this.#foldedTo) return
    const ready = this.#waiting.filter(({ seq }) => seq < size).sort((a, b) => a.seq - b.seq)
    this.#waiting = this.#waiting.filter(({ seq }) => seq >= size)
    // the same entry may have been added twice: saying it twice changes nothing
    for (const statement of ready) this.#fold(statement)
    this.#foldedTo = size
  }

  /** Takes back everything it changed. */
  clear(): void {
    for (const statement of this.#live.values()) this.#changes.ended(statement)
    for (const statement of this.#verified.values()) this.#changes.unverified(statement)
  }

  hasAccepted(attestation: AttestationStatement): boolean {
    return this.#accepted.get(attestation.hash)?.ledger === attestation.issuer
  }

  /** The entry by which this ledger accepts the attestation. */
  acceptanceOf(attestation: AttestationStatement): AcceptanceStatement | undefined {
    const acceptance = this.#accepted.get(attestation.hash)
    return acceptance?.ledger === attestation.issuer ? acceptance : undefined
  }

  /** The attestation of this subject that its issuer revoked last, if it is remembered and nothing replaced it. */
  revoked(subject: LedgerId): AttestationStatement | undefined {
    return this.#revoked.get(subject)
  }

  #fold(statement: TrustStatement): void {
    if (statement.type === 'trust.attestation') this.#attest(statement)
    else if (statement.type === 'trust.revocation') this.#revoke(statement.attestation)
    else if (statement.type === 'trust.acceptance')
      keepNewest(this.#accepted, statement.attestation, statement, MAX_REMARKS)
    else this.#verify(statement)
  }

  #attest(statement: AttestationStatement): void {
    const before = this.#live.get(statement.subject)
    if (before !== undefined) this.#end(before)
    this.#revoked.delete(statement.subject)
    const dropped = keepNewest(this.#live, statement.subject, statement, MAX_LIVE_ATTESTATIONS)
    this.#liveByHash.set(statement.hash, statement)
    if (dropped !== undefined) this.#end(dropped)
    this.#changes.attested(statement)
  }

  /**
   * Only what this ledger itself attested is in its maps, so a revocation of somebody else's attestation finds nothing.
   */
  #revoke(attestation: Hash): void {
    const statement = this.#liveByHash.get(attestation)
    if (statement === undefined) return
    this.#end(statement)
    keepNewest(this.#revoked, statement.subject, statement, MAX_REMARKS)
  }

  #end(statement: AttestationStatement): void {
    this.#live.delete(statement.subject)
    this.#liveByHash.delete(statement.hash)
    this.#changes.ended(statement)
  }

  #verify(statement: VerificationStatement): void {
    const before = this.#verified.get(statement.attestation)
    if (before !== undefined) this.#changes.unverified(before)
    const dropped = keepNewest(this.#verified, statement.attestation, statement, MAX_REMARKS)
    if (dropped !== undefined) this.#changes.unverified(dropped)
    this.#changes.verified(statement)
  }
}

/** Sets a key as the newest one and returns what fell out at the other end. */
function keepNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, limit: number): Value | undefined {
  map.delete(key)
  map.set(key, value)
  if (map.size <= limit) return undefined
  const [oldest, dropped] = map.entries().next().value!
  map.delete(oldest)
  return dropped
}
