import type { AcceptRule, Pool, OfferReason } from './types.js'

/**
 * The facts about one offer. Facts that the peer may not know are left out: a ledger that it may not know of is `held:
 * null`.
 */
export interface OfferFacts {
  /** Admitted, and its record is more than a claim. */
  known: boolean
  rule: AcceptRule
  /** What a valid one allows; invalid: unknown, used up, expired, or for other ledgers. */
  token: 'none' | 'invalid' | { mode: 'mirror' | 'headers' }
  /** The offered ledger, for sync. */
  trusted: boolean
  /** The peer, of the network. */
  member: boolean
  /** The peer has proven to be a node of the offered ledger. */
  fromOwner: boolean
  /** The peer has proven to be a node of a remote that this node takes from. */
  fromRemote: boolean
  /** The offered ledger is this node's own: may it be pulled back now (I2)? null: it is another's. */
  own: { restoring: boolean } | null
  asked: 'mirror' | 'adopt' | 'either'
  held: {
    /** Our undisputed entry at the offered place is the offered one. */
    isSame: boolean
    frozen: boolean
    follow: { headers: boolean; adopts: boolean; stalled: 'PAUSED' | 'UNTRUSTED' | 'QUOTA' | null } | null
  } | null
  /** The operator's earlier decision about this ledger from this peer. */
  inbox: 'none' | 'dismissed' | 'blocked'
  /**
   * Is the offered head's key in force, by the chain that is held or by key entries that the peer showed? unknown: they
   * were not asked for yet.
   */
  keys: 'unknown' | 'in-force' | 'not-in-force' | 'wrong-network'
  /** Would the rule of trust let this node follow it as it was asked? */
  allowed: boolean
  /** Is there a place for one more in the pool that it would be in? */
  room: boolean
}

export type Verdict =
  /** A denial without details, independent of what is held. */
  | { kind: 'denied' }
  /** The key entries have to be seen first; then decide again. */
  | { kind: 'prove' }
  | { kind: 'held' }
  /** `follow`: it has to be followed first, in this pool; null: it is. */
  | { kind: 'accepted'; mode: 'mirror' | 'headers'; follow: Pool | null }
  /** It is followed, and its entries are adopted. */
  | { kind: 'accepted'; mode: 'adopt'; follow: null }
  /** `note`: it is new to the operator. */
  | { kind: 'pending'; note: boolean }
  | { kind: 'refused'; reason: OfferReason }

const refused = (reason: OfferReason): Verdict => ({ kind: 'refused', reason })

/**
 * A total function: one verdict for all facts. It never grants more than was asked for; an existing follow is never
 * changed.
 */
export function decideOffer(facts: OfferFacts): Verdict {
  if (!facts.known) return { kind: 'denied' }
  if (facts.own !== null) return decideOwn(facts, facts.own.restoring)
  const pool = poolOf(facts)
  // Reasons and progress only for peers that may offer: otherwise HELD, PAUSED and UNTRUSTED would reveal which ledgers
  // are held.
  if (pool === null && !facts.fromOwner && !facts.fromRemote) return { kind: 'denied' }
  // For an adopted ledger results are sent per entry, which HELD cannot do.
  const isTold = facts.held?.follow?.adopts === true && facts.held.follow.stalled === null && facts.asked !== 'mirror'
  if (facts.held?.isSame === true && !isTold) return { kind: 'held' }
  if (facts.held?.frozen === true) return refused('FROZEN')
  const follow = facts.held?.follow ?? null
  if (follow === null) return decideNew(facts, pool)
  if (follow.stalled !== null) return refused(follow.stalled)
  const mode = follow.headers ? 'headers' : follow.adopts && facts.asked !== 'mirror' ? 'adopt' : 'mirror'
  return { kind: 'accepted', mode, follow: null }
}

/** In which pool the offer may make this node follow; null: it may not. A token replaces the rule, and nothing else. */
export function poolOf({
  token,
  rule,
  trusted,
  member,
  fromRemote
}: Pick<OfferFacts, 'token' | 'rule' | 'trusted' | 'member' | 'fromRemote'>): Pool | null {
  if (typeof token === 'object') return 'tokens'
  switch (rule) {
    case 'nobody':
      return null
    case 'trusted':
      return trusted ? 'trusted' : null
    case 'members':
      return member ? 'trusted' : null
    case 'ask':
    case 'anyone':
      if (fromRemote) return 'remotes'
      return trusted || member ? 'trusted' : 'anyone'
  }
}

/**
 * I2: a peer that shows more of the own ledger than is held stops the signer, and may send the entries; no other peer
 * needs to.
 */
function decideOwn({ held }: OfferFacts, restoring: boolean): Verdict {
  if (held?.isSame === true) return { kind: 'held' }
  return restoring ? { kind: 'accepted', mode: 'mirror', follow: null } : refused('NOT_WANTED')
}

function decideNew(facts: OfferFacts, pool: Pool | null): Verdict {
  const { token, asked, rule } = facts
  if (pool === null) return refused(token === 'invalid' ? 'TOKEN_INVALID' : 'NOT_WANTED')
  if (asked === 'adopt') return refused('ADOPT_NOT_OFFERED')
  if (facts.inbox === 'blocked') return refused('NOT_WANTED')
  const mode = typeof token === 'object' ? token.mode : 'mirror'
  if (mode !== 'headers' && !facts.allowed) return refused('UNTRUSTED')
  if (!facts.room) return refused('QUOTA')
  switch (facts.keys) {
    case 'unknown':
      return { kind: 'prove' }
    case 'not-in-force':
      return refused('NOT_WANTED')
    case 'wrong-network':
      return refused('WRONG_NETWORK')
    case 'in-force':
      break
  }
  if (rule === 'ask' && pool !== 'tokens') return { kind: 'pending', note: facts.inbox === 'none' }
  return { kind: 'accepted', mode, follow: pool }
}
