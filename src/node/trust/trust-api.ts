/** The trust methods for RPC and programs: own acts, and answers with names and sentences. */
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOneOf, readOptions, type Members } from '../../core/options.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { TRUST_REASONS } from '../../trust/reasons.js'
import type { Clock, Log } from '../../ports.js'
import { evidenceStateOf } from '../forks/list-evidence.js'
import { searchAttestations } from './search-attestations.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { TrustService } from './trust-service.js'
import type { AttestInput, TrustQuestion, TrustAnswer, TrustApi, ChainAnswer } from '../api/trust.js'

const ATTEST_INPUT: Members<AttestInput> = { ledger: true, levelMilli: true, kind: true, depth: true, expires: true }
const QUESTION: Members<TrustQuestion> = { to: true, from: true, at: true }
const LIST_FILTER: Members<NonNullable<Parameters<TrustApi['list']>[0]>> = { issuer: true, subject: true, limit: true }

export function trustApi({
  trust,
  ledgers,
  host,
  clock,
  log
}: {
  trust: TrustService
  ledgers: Ledgers
  host: () => PeerNetwork
  clock: Clock
  log: Log
}): TrustApi {
  /** Everything stored before the request counts in the answer. */
  const ready = async (question: TrustQuestion): Promise<{ from: LedgerId; to: LedgerId; at: number | undefined }> => {
    const { to, from = ledgers.own.id, at } = readOptions(question, QUESTION, 'member')
    for (const ledger of [from, to])
      if (!isLedgerId(ledger)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
    await trust.caughtUp()
    return { from, to, at }
  }
  return {
    attest: async (input) => await trust.acts.attest(readOptions(input, ATTEST_INPUT, 'member')),
    revoke: async (which) => {
      readOneOf(which, ['attestation', 'ledger'])
      return await trust.acts.revoke(which)
    },
    accept: (attestation) => trust.acts.accept(attestation),
    verify: (attestation, confirmed = true) => trust.acts.verify(attestation, confirmed),
    level: async (question) => {
      const { from, to, at } = await ready(question)
      return { from, to, ...trust.level(from, to, at) }
    },
    explain: async (question) => {
      const { from, to, at } = await ready(question)
      return named(trust.verifyChain(from, to, at), ledgers)
    },
    list: async (filter) => {
      const wanted = readOptions(filter, LIST_FILTER, 'filter')
      await trust.caughtUp()
      return trust.list(wanted)
    },
    find: async (wanted) => {
      readOneOf(wanted, ['about', 'by'])
      return await searchAttestations({ peerNetwork: host(), graph: trust.graph, clock, log }, wanted)
    }
  }
}

function named({ reason, ledgers: used, ...answer }: ChainAnswer, ledgers: Ledgers): TrustAnswer {
  const nameOf = (ledger: LedgerId): string | null => ledgers.get(ledger)?.chain?.name ?? null
  const all = [...new Set([answer.from, answer.to, ...used.map(({ ledger }) => ledger)])]
  return {
    ...answer,
    fromName: nameOf(answer.from),
    toName: nameOf(answer.to),
    ledgers: used.map((one) => ({ ...one, name: nameOf(one.ledger) })),
    evidence: all.flatMap((ledger) => {
      const held = ledgers.get(ledger)
      const state = held === undefined ? 'none' : evidenceStateOf(held)
      return state === 'none' ? [] : [{ ledger, name: nameOf(ledger), state }]
    }),
    reason: reason === null ? null : { code: reason, explanation: TRUST_REASONS[reason] }
  }
}
