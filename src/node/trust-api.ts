/** Trust as it is asked over RPC and by programs: own acts, and answers with names and sentences. */
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import type { LedgerEntry } from '../core/view.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { TrustKind } from '../trust/attestation.js'
import type { TrustStep } from '../trust/paths.js'
import { TRUST_REASONS } from '../trust/reasons.js'
import type { Clock, Log } from '../ports.js'
import { searchAttestations, type AttestationHint } from './attest-search.js'
import type { Mesh } from './mesh.js'
import type { AttestInput } from './trust-acts.js'
import type { Attestation, ChainAnswer, TrustService } from './trust-service.js'

/** Default `from`: the own ledger. Default `at`: now; ms since the epoch. */
export interface TrustQuestion { to: LedgerId, from?: LedgerId, at?: number }

export interface TrustLevelAnswer { from: LedgerId, to: LedgerId, level_milli: number, kind: TrustKind | null }

export interface TrustAnswer extends TrustLevelAnswer {
  fromName: string | null
  toName: string | null
  valid: boolean
  direct: boolean
  path: TrustStep[]
  /** Whose words were used: entries of each that are held, and how long ago (ms) that was known to be all. */
  ledgers: { ledger: LedgerId, name: string | null, size: number, age: number }[]
  /** ms since the epoch; null: for as long as nobody says anything new. */
  validUntil: number | null
  /** Why the level is 0. */
  reason: { code: string, explanation: string } | null
}

export interface TrustApi {
  attest: (input: AttestInput) => Promise<LedgerEntry>
  revoke: (which: { attestation: Hash } | { ledger: LedgerId }) => Promise<LedgerEntry>
  accept: (attestation: Hash) => Promise<LedgerEntry>
  verify: (attestation: Hash, confirmed?: boolean) => Promise<LedgerEntry>
  level: (question: TrustQuestion) => Promise<TrustLevelAnswer>
  /** `level` with the path, what it rests on, and how long it holds. */
  explain: (question: TrustQuestion) => Promise<TrustAnswer>
  list: (filter?: { issuer?: LedgerId, subject?: LedgerId, limit?: number }) => Promise<Attestation[]>
  /** What connected peers hold of attestations about a ledger or by it: hints at issuers worth following by their headers. */
  find: (wanted: { about: LedgerId } | { by: LedgerId }) => Promise<AttestationHint[]>
}

export function trustApi ({ trust, store, host, clock, log }: { trust: TrustService, store: Ledgers, host: () => Mesh, clock: Clock, log: Log }): TrustApi {
  const nameOf = (ledger: LedgerId): string | null => store.get(ledger)?.chain?.name ?? null
  /** What was stored before the question counts in the answer. */
  const ready = async ({ to, from = store.own.id, at }: TrustQuestion): Promise<{ from: LedgerId, to: LedgerId, at: number | undefined }> => {
    for (const ledger of [from, to]) if (!isLedgerId(ledger)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
    await trust.settled()
    return { from, to, at }
  }
  return {
    attest: (input) => trust.acts.attest(input),
    revoke: (which) => trust.acts.revoke(which),
    accept: (attestation) => trust.acts.accept(attestation),
    verify: (attestation, confirmed = true) => trust.acts.verify(attestation, confirmed),
    level: async (question) => {
      const { from, to, at } = await ready(question)
      return { from, to, ...trust.level(from, to, at) }
    },
    explain: async (question) => {
      const { from, to, at } = await ready(question)
      return named(trust.verifyChain(from, to, at), nameOf)
    },
    list: async (filter) => {
      await trust.settled()
      return trust.list(filter)
    },
    find: (wanted) => searchAttestations({ mesh: host(), graph: trust.graph, clock, log }, wanted)
  }
}

function named ({ reason, ledgers, ...answer }: ChainAnswer, nameOf: (ledger: LedgerId) => string | null): TrustAnswer {
  return {
    ...answer,
    fromName: nameOf(answer.from),
    toName: nameOf(answer.to),
    ledgers: ledgers.map((used) => ({ ...used, name: nameOf(used.ledger) })),
    reason: reason === null ? null : { code: reason, explanation: TRUST_REASONS[reason] }
  }
}
