/** Appends trust entries to the own ledger; an act without effect is refused before it is signed. */
import { LedgermeshError } from '../../core/errors.js'
import type { JsonObject } from '../../core/canonical.js'
import type { Header } from '../../core/header.js'
import type { Hash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock } from '../../ports.js'
import {
  isTrustMeta,
  readTrust,
  TRUST_STREAM,
  type AttestationStatement,
  type TrustStatement
} from '../../trust/attestation.js'
import { MAX_DEPTH } from '../../trust/limits.js'
import type { TrustGraph } from '../../trust/graph.js'
import type { AttestInput } from '../api/trust.js'

export interface TrustActsInit {
  ledgers: Ledgers
  graph: TrustGraph
  clock: Clock
  /** Resolves when the appended entry counts. */
  caughtUp: () => Promise<void>
}

export class TrustActs {
  readonly #init: TrustActsInit

  constructor(init: TrustActsInit) {
    this.#init = init
  }

  /** Attests how far the own ledger trusts another one; replaces its earlier attestation. Throws INVALID_PARAMS. */
  async attest({
    ledger: subject,
    levelMilli,
    kind = 'partial',
    depth = kind === 'full' ? 1 : 0,
    expires = null
  }: AttestInput): Promise<LedgerEntry> {
    if (subject === this.#own) throw new LedgermeshError('INVALID_PARAMS', 'a ledger cannot attest itself')
    if (kind !== 'full' && depth !== 0)
      throw new LedgermeshError('INVALID_PARAMS', `${kind} vouches for nobody: only full goes with a depth`)
    if (depth > MAX_DEPTH) throw new LedgermeshError('INVALID_PARAMS', `depth is 0 to ${MAX_DEPTH}`)
    if (expires !== null && expires <= this.#init.clock.now())
      throw new LedgermeshError('INVALID_PARAMS', 'expires is in the past')
    return await this.#append('trust.attestation', { subject, level_milli: levelMilli, kind, depth, expires })
  }

  /** Revokes an own attestation: the one with this hash, or the current one for this ledger. Throws NOT_FOUND. */
  async revoke(which: { attestation: Hash } | { ledger: LedgerId }): Promise<LedgerEntry> {
    for (const { hash, subject } of this.#init.graph.attestations({ issuer: this.#own })) {
      if ('attestation' in which ? which.attestation === hash : which.ledger === subject)
        return await this.#append('trust.revocation', { attestation: hash })
    }
    throw new LedgermeshError('NOT_FOUND', 'the own ledger has no such attestation, or has replaced or revoked it')
  }

  /**
   * Accepts an attestation of the own ledger. Throws NOT_FOUND when the attestation is not held, INVALID_PARAMS when it
   * is not about the own ledger.
   */
  async accept(attestation: Hash): Promise<LedgerEntry> {
    const { issuer, subject } = await this.#attestation(attestation)
    if (subject !== this.#own)
      throw new LedgermeshError(
        'INVALID_PARAMS',
        'that attestation is about another ledger: only its subject accepts it'
      )
    return await this.#append('trust.acceptance', { ledger: issuer, attestation })
  }

  /**
   * Records as a third ledger that an attestation was checked, and whether it is right. Throws NOT_FOUND,
   * INVALID_PARAMS.
   */
  async verify(attestation: Hash, confirmed: boolean): Promise<LedgerEntry> {
    const { issuer, subject } = await this.#attestation(attestation)
    if (subject === this.#own || issuer === this.#own)
      throw new LedgermeshError(
        'INVALID_PARAMS',
        'only a third ledger verifies an attestation: neither its issuer nor its subject'
      )
    return await this.#append('trust.verification', { ledger: issuer, attestation, confirmed })
  }

  get #own(): LedgerId {
    return this.#init.ledgers.own.id
  }

  async #attestation(hash: Hash): Promise<AttestationStatement> {
    const found = await this.#init.ledgers.findByHash(hash)
    const entry = found === null ? null : await found.ledger.entry(found.seq)
    if (entry === null)
      throw new LedgermeshError(
        'NOT_FOUND',
        'no held ledger has that attestation: follow its issuer, headers are enough'
      )
    const statement: TrustStatement | null = readTrust(entry.header satisfies Header, entry.hash)
    if (statement?.type !== 'trust.attestation')
      throw new LedgermeshError('INVALID_PARAMS', 'that entry is not an attestation')
    return statement
  }

  async #append(type: TrustStatement['type'], meta: JsonObject): Promise<LedgerEntry> {
    const named = meta.subject ?? meta.ledger ?? this.#own
    if (!isLedgerId(named) || !isTrustMeta(type, meta))
      throw new LedgermeshError('INVALID_PARAMS', `not what a ${type} says: ${JSON.stringify(meta).slice(0, 200)}`)
    const [appended] = await this.#init.ledgers.own.appendReserved([{ stream: TRUST_STREAM, type, meta }])
    await this.#init.caughtUp()
    return appended!.entry
  }
}
