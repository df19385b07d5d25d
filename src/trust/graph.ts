/**
 * Which ledger attested which, from the statements of all ledgers that are held. It changes by one edge at a time and
 * knows no clock.
 */
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { AcceptanceStatement, AttestationStatement, TrustStatement, VerificationStatement } from './attestation.js'
import type { TrustEdge, TrustNode } from './edge.js'
import { SaidBy } from './said-by.js'

export interface LedgerState {
  ledger: LedgerId
  /** Its entries 0 … size - 1 are held without a gap, and all their statements were added. 0: nothing is held. */
  size: number
  /** When it was last known that this is all there is, in ms since the epoch. */
  asOf: number
  /** Is there evidence against it? */
  evidence: boolean
}

/** An attestation and what others said about it. */
export interface AttestationView extends AttestationStatement {
  /** Is what the issuer says counted: is it held without a gap, without evidence against it? */
  usable: boolean
  accepted: boolean
  /** Usable third ledgers that confirm it, by LedgerId. */
  verifiedBy: LedgerId[]
}

export class TrustGraph {
  readonly #nodes = new Map<LedgerId, TrustNode>()
  readonly #states = new Map<LedgerId, LedgerState>()
  readonly #said = new Map<LedgerId, SaidBy>()
  /** Verifications by the attestation they are about, then by verifier. */
  readonly #verified = new Map<Hash, Map<LedgerId, VerificationStatement>>()

  /**
   * Statements of one ledger may come in any order, and twice, but before the size that covers them: they count from
   * then on, and one that comes later does not. A statement at or above its ledger's size waits: add only what is
   * stored.
   */
  add(statement: TrustStatement): void {
    this.#saidBy(statement.issuer).add(statement)
  }

  /**
   * How far a ledger is held. With evidence the size may go back (a frozen ledger ends below the fork); otherwise it
   * only grows, or the ledger is forgotten and added again: throws INTERNAL.
   */
  setLedger(state: LedgerState): void {
    const before = this.#states.get(state.ledger)
    if (before !== undefined && state.size < before.size && !state.evidence) {
      throw new LedgermeshError(
        'INTERNAL',
        `trust: ${state.ledger} went back from ${before.size} to ${state.size} entries`
      )
    }
    this.#states.set(state.ledger, { ...state, size: Math.max(state.size, before?.size ?? 0) })
    if (!state.evidence) this.#saidBy(state.ledger).foldTo(state.size)
    const node = this.#node(state.ledger)
    node.evidence = state.evidence
    node.usable = state.size > 0 && !state.evidence
  }

  /** The ledger is no longer held: what it said no longer counts, and may be added again from its first entry. */
  forget(ledger: LedgerId): void {
    this.#said.get(ledger)?.clear()
    this.#said.delete(ledger)
    this.#states.delete(ledger)
    const node = this.#nodes.get(ledger)
    if (node === undefined) return
    node.usable = false
    node.evidence = false
    this.#release(node)
  }

  state(ledger: LedgerId): LedgerState | undefined {
    return this.#states.get(ledger)
  }

  /** For the searches. Undefined: neither held nor attested by anybody. */
  node(ledger: LedgerId): TrustNode | undefined {
    return this.#nodes.get(ledger)
  }

  /**
   * The live attestations (newest of their issuer about their subject, not revoked; expired ones included), all or of
   * one issuer or about one subject.
   */
  *attestations(filter: { issuer?: LedgerId; subject?: LedgerId } = {}): Generator<AttestationView> {
    const { issuer, subject } = filter
    if (issuer !== undefined) {
      for (const edge of this.#nodes.get(issuer)?.out.values() ?? [])
        if (subject === undefined || subject === edge.to.ledger) yield this.view(edge)
    } else if (subject !== undefined) {
      for (const edge of this.#nodes.get(subject)?.in.values() ?? []) yield this.view(edge)
    } else {
      for (const node of this.#nodes.values()) for (const edge of node.out.values()) yield this.view(edge)
    }
  }

  view(edge: TrustEdge): AttestationView {
    const verifiedBy: LedgerId[] = []
    for (const [verifier, { ledger, confirmed }] of this.#verified.get(edge.said.hash) ?? []) {
      const third = verifier !== edge.to.ledger && ledger === edge.from.ledger
      if (third && confirmed && this.#nodes.get(verifier)?.usable === true) verifiedBy.push(verifier)
    }
    return { ...edge.said, usable: edge.from.usable, accepted: this.accepted(edge.said), verifiedBy: verifiedBy.sort() }
  }

  /** Has its subject accepted it? */
  accepted(attestation: AttestationStatement): boolean {
    return this.#said.get(attestation.subject)?.hasAccepted(attestation) === true
  }

  /** The entry by which its subject accepted it, if the subject is held and has. */
  acceptanceOf(attestation: AttestationStatement): AcceptanceStatement | undefined {
    return this.#said.get(attestation.subject)?.acceptanceOf(attestation)
  }

  /**
   * Did the issuer revoke its last attestation of this subject? (The last 1024 revocations of an issuer are
   * remembered.)
   */
  revoked(issuer: LedgerId, subject: LedgerId): boolean {
    return this.#said.get(issuer)?.revoked(subject) !== undefined
  }

  #saidBy(ledger: LedgerId): SaidBy {
    let said = this.#said.get(ledger)
    if (said === undefined) {
      said = new SaidBy({
        attested: (attestation) => {
          this.#link(attestation)
        },
        ended: (attestation) => {
          this.#unlink(attestation)
        },
        verified: (verification) => {
          this.#verify(verification)
        },
        unverified: (verification) => {
          this.#unverify(verification)
        }
      })
      this.#said.set(ledger, said)
    }
    return said
  }

  #link(said: AttestationStatement): void {
    const from = this.#node(said.issuer)
    const to = this.#node(said.subject)
    const edge = { from, to, said }
    from.out.set(to.ledger, edge)
    to.in.set(from.ledger, edge)
  }

  #unlink(said: AttestationStatement): void {
    const from = this.#node(said.issuer)
    const to = this.#node(said.subject)
    from.out.delete(to.ledger)
    to.in.delete(from.ledger)
    this.#release(to)
  }

  #verify(statement: VerificationStatement): void {
    const verifiers = this.#verified.get(statement.attestation) ?? new Map<LedgerId, VerificationStatement>()
    this.#verified.set(statement.attestation, verifiers.set(statement.issuer, statement))
  }

  #unverify(statement: VerificationStatement): void {
    const verifiers = this.#verified.get(statement.attestation)
    verifiers?.delete(statement.issuer)
    if (verifiers?.size === 0) this.#verified.delete(statement.attestation)
  }

  #node(ledger: LedgerId): TrustNode {
    let node = this.#nodes.get(ledger)
    if (node === undefined) {
      node = { ledger, usable: false, evidence: false, out: new Map(), in: new Map() }
      this.#nodes.set(ledger, node)
    }
    return node
  }

  /**
   * A ledger that nobody attests any more and that is not held leaves nothing behind: names cost nothing, memory does.
   */
  #release(node: TrustNode): void {
    if (node.in.size === 0 && node.out.size === 0 && !this.#states.has(node.ledger)) this.#nodes.delete(node.ledger)
  }
}
