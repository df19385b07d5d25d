/**
 * What holds of a key: the state machine of conflicts. Pure, and the same for a set of facts in whatever order they are
 * given.
 */
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { ConflictRule, Resolver } from './rule.js'
import type { Sighting } from './siblings.js'
import { decide, type DatedClaim } from './strategies.js'

/**
 * `content`: SHA-256 of the payload's canonical text; null: the payload is not held, so that nothing can be said of it.
 */
export interface Sibling extends DatedClaim {
  id: string
  stream: string
  type: string
  issuer_oid: string | null
  subject_oid: string | null
  payload: 'present' | 'none' | 'erased' | 'unknown'
  content: Hash | null
}

/** A copy that is no claim any more, for its original does not count: it is disputed, or another branch has voided it. */
export interface WithdrawnCopy {
  ledger: LedgerId
  seq: number
  hash: Hash
  /** The original's hash. */
  of: Hash
  kind: 'source-disputed' | 'source-voided'
}

/** The newest resolution of an author that the rule listens to. `saw`: also other resolvers' decisions. */
export interface Word {
  author: LedgerId
  seq: number
  hash: Hash
  chosen: Hash | null
  note: string
  saw: Hash[]
}

export interface Facts {
  own: LedgerId | null
  siblings: readonly Sibling[]
  /** Of the siblings. */
  sightings: readonly Sighting[]
  words: readonly Word[]
  /** References of those who may silence whose targets are still to come. */
  waiting: number
  /** A merge was tried and gave nothing. */
  mergeFailed: boolean
  /** What stood here and does not any more. */
  withdrawn: readonly WithdrawnCopy[]
  /** Siblings that the own ledger cannot copy, for another entry of it has the id. */
  taken: readonly Hash[]
}

/**
 * single: one claim stands. agreed: all say the same. decided: the strategy has a winner. resolved: somebody whose word
 * counts has decided. reopened: he has, and not about all that stands now. waiting: undecided, and what is still to
 * come may change it. open: undecided.
 */
export const CONFLICT_STATES = ['single', 'agreed', 'decided', 'resolved', 'reopened', 'waiting', 'open'] as const
/** What is the matter with a key. */
export type ConflictState = (typeof CONFLICT_STATES)[number]

/** Why the state is what it is. */
export const REASONS = [
  'ONE_CLAIM',
  'SAME_CONTENT',
  'RESOLUTION',
  'OWN_CLAIM',
  'ONE_PRESENT',
  'LAST_WRITE',
  'PRIORITY',
  'NOT_SEEN',
  'CHOSEN_REPLACED',
  'NO_WINNER',
  'NOT_LISTED',
  'MERGE_PENDING',
  'MERGE_FAILED'
] as const
/** Why a conflict is in its state; `explanation` says it in words. */
export type Reason = (typeof REASONS)[number]

/**
 * `concurrent`: written without knowing of each other, as in every conflict. `incomparable`: a payload is not held here.
 * `edit-erase`: one was erased. `resolution`: resolvers differ. `same-id`: two have one stream and one id. `id-taken`:
 * one cannot be copied, for another entry of the own ledger has its id. `source-disputed`, `source-voided`: a copy stood
 * here of what is disputed, or was voided by another branch of its ledger. Their places are their numbers on the disk.
 */
export const CONFLICT_KINDS = [
  'concurrent',
  'incomparable',
  'edit-erase',
  'resolution',
  'same-id',
  'id-taken',
  'source-disputed',
  'source-voided'
] as const
/** What a conflict is about. */
export type ConflictKind = (typeof CONFLICT_KINDS)[number]

/** One after another says more of what is to be done. */
const TELLING: readonly ConflictKind[] = [
  'concurrent',
  'same-id',
  'incomparable',
  'edit-erase',
  'source-disputed',
  'source-voided',
  'id-taken',
  'resolution'
]

/** Of these kinds the one that says most. */
export function tellingKind(kinds: readonly ConflictKind[]): ConflictKind {
  return TELLING.findLast((one) => kinds.includes(one)) ?? 'concurrent'
}

export interface Verdict {
  state: ConflictState
  /** The hash of the claim that holds; null: none, or a resolution says so. */
  current: Hash | null
  reason: Reason
  kinds: ConflictKind[]
  /** Whose decision it is; null: nobody's. */
  by: LedgerId | null
  /** Siblings that the last decision had not seen. */
  unseen: Hash[]
  /** Siblings dated later than believed: other nodes may choose otherwise. */
  clamped: Hash[]
  waiting: number
}

/** `siblings`: at least one. */
export function judge(rule: ConflictRule, facts: Facts): Verdict {
  const { siblings } = facts
  const verdict: Verdict = {
    state: 'single',
    current: siblings[0]!.hash,
    reason: 'ONE_CLAIM',
    kinds: [],
    by: null,
    unseen: [],
    clamped: [],
    waiting: facts.waiting
  }
  if (siblings.length === 1) return verdict
  if (siblings.every((one) => saysTheSame(one, siblings[0]!)))
    return { ...verdict, state: 'agreed', current: lowest(siblings), reason: 'SAME_CONTENT' }
  verdict.kinds = kindsOf(facts)
  const decisions = decisionsOf(rule, facts)
  const [first, ...others] = decisions.filter(({ holds }) => holds)
  if (first !== undefined) {
    if (
      others.some(
        ({ chosen, hash, saw }) => chosen !== first.chosen && !saw.includes(first.hash) && !first.saw.includes(hash)
      )
    )
      verdict.kinds.push('resolution')
    return {
      ...verdict,
      state: 'resolved',
      current: first.chosen,
      reason: first.isClaim ? 'OWN_CLAIM' : 'RESOLUTION',
      by: first.author
    }
  }
  // What was erased loses to what is there, and both stay listed.
  const standing = siblings.filter(({ payload }) => payload !== 'erased')
  if (
    standing.length > 0 &&
    standing.length < siblings.length &&
    standing.every((one) => saysTheSame(one, standing[0]!))
  )
    return { ...verdict, state: 'decided', current: lowest(standing), reason: 'ONE_PRESENT' }
  const { winner, clamped } = decide(rule, standing.length > 0 ? standing : siblings)
  if (winner !== null)
    return {
      ...verdict,
      state: 'decided',
      current: winner,
      reason: isListed(rule, siblings, winner) ? 'PRIORITY' : 'LAST_WRITE',
      clamped
    }
  return { ...verdict, ...undecided(rule, facts, decisions[0]) }
}

function undecided(
  rule: ConflictRule,
  { waiting, mergeFailed }: Facts,
  last: DecisionSeen | undefined
): Pick<Verdict, 'state' | 'current' | 'reason' | 'by' | 'unseen'> {
  const current = rule.whileOpen === 'previous' ? (last?.chosen ?? null) : null
  if (last !== undefined)
    return {
      state: 'reopened',
      current,
      reason: last.unseen.length > 0 ? 'NOT_SEEN' : 'CHOSEN_REPLACED',
      by: last.author,
      unseen: last.unseen
    }
  const reason =
    rule.strategy === 'merge'
      ? mergeFailed
        ? 'MERGE_FAILED'
        : 'MERGE_PENDING'
      : rule.strategy === 'source-priority'
        ? 'NOT_LISTED'
        : 'NO_WINNER'
  return { state: waiting > 0 ? 'waiting' : 'open', current, reason, by: null, unseen: [] }
}

interface DecisionSeen {
  author: LedgerId
  seq: number
  hash: Hash
  chosen: Hash | null
  saw: readonly Hash[]
  isClaim: boolean
  holds: boolean
  unseen: Hash[]
}

/** One for each resolver that has decided, in the rule's order. "Several entries of one resolver add up." */
function decisionsOf(rule: ConflictRule, facts: Facts): DecisionSeen[] {
  return rule.resolvers.map((resolver) => decisionOf(resolver, facts)).filter((one) => one !== null)
}

function decisionOf(resolver: Resolver, { own, siblings, sightings, words }: Facts): DecisionSeen | null {
  const author = resolver === 'own' ? own : resolver
  if (author === null) return null
  const unseen = (kind: Sighting['kind']): Hash[] =>
    siblings
      .filter(({ hash }) => !sightings.some((one) => one.target === hash && one.by === author && one.kind === kind))
      .map(({ hash }) => hash)
  const word = words.find((one) => one.author === author)
  const decisions: DecisionSeen[] = []
  if (word !== undefined) {
    const missed = unseen('resolution')
    const stands = word.chosen === null || siblings.some(({ hash }) => hash === word.chosen)
    decisions.push({ ...word, isClaim: false, holds: missed.length === 0 && stands, unseen: missed })
  }
  // "An own claim that sees them acts as a resolution by own, not as a smaller set": only here, for other nodes do not
  // take our word.
  const claim = resolver === 'own' ? siblings.find(({ ledger }) => ledger === author) : undefined
  if (claim !== undefined && unseen('claim').every((hash) => hash === claim.hash))
    decisions.push({
      author,
      seq: claim.seq,
      hash: claim.hash,
      chosen: claim.hash,
      saw: [],
      isClaim: true,
      holds: true,
      unseen: []
    })
  decisions.sort((a, b) => Number(b.holds) - Number(a.holds) || b.seq - a.seq)
  return decisions[0] ?? null
}

/** Fields and payload alike; nothing can be said of a payload that is not here. */
function saysTheSame(a: Sibling, b: Sibling): boolean {
  return (
    (a.stream === b.stream &&
      a.type === b.type &&
      a.issuer_oid === b.issuer_oid &&
      a.subject_oid === b.subject_oid &&
      a.payload === b.payload &&
      (a.payload === 'none' || (a.payload === 'present' && a.content === b.content))) ||
    a.hash === b.hash
  )
}

function kindsOf({ siblings, withdrawn, taken }: Facts): ConflictKind[] {
  const kinds: ConflictKind[] = ['concurrent']
  if (new Set(siblings.map(({ stream, id }) => JSON.stringify([stream, id]))).size < siblings.length)
    kinds.push('same-id')
  if (siblings.some(({ payload }) => payload === 'unknown')) kinds.push('incomparable')
  if (siblings.some(({ payload }) => payload === 'erased')) kinds.push('edit-erase')
  for (const kind of ['source-disputed', 'source-voided'] as const)
    if (withdrawn.some((one) => one.kind === kind)) kinds.push(kind)
  if (taken.length > 0) kinds.push('id-taken')
  return kinds
}

function isListed(rule: ConflictRule, siblings: readonly Sibling[], winner: Hash): boolean {
  return (
    rule.strategy === 'source-priority' && rule.priority.includes(siblings.find(({ hash }) => hash === winner)!.ledger)
  )
}

/** Of claims that say the same, one: the same on every node. */
function lowest(siblings: readonly Sibling[]): Hash {
  return siblings.reduce((low, { hash }) => (hash < low ? hash : low), siblings[0]!.hash)
}
