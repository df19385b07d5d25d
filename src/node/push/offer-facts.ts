/** Gathers the facts about an offer for `decideOffer`. */
import type { Offer } from '../../../protocols/push/index.js'
import type { Entry } from '../../core/entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Clock, Log } from '../../ports.js'
import { poolOf, type OfferFacts } from '../../sync/push/offer-policy.js'
import type { AcceptRule } from '../../sync/push/types.js'
import { meets } from '../../trust/policy.js'
import type { Follows } from '../replication/follows.js'
import type { FollowRule } from '../replication/follow-rule.js'
import type { PushedRoom } from '../replication/pushed-room.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { TrustService } from '../trust/trust-service.js'
import type { Inbox } from './inbox.js'
import type { Remotes } from './remotes.js'
import type { Tokens } from './tokens.js'

export interface OfferFactsInit {
  peerNetwork: PeerNetwork
  ledgers: Ledgers
  follows: Follows
  rule: Pick<FollowRule, 'allows' | 'blockedBy' | 'isRestricted'>
  room: PushedRoom
  trust: TrustService
  remotes: Remotes
  tokens: Tokens
  inbox: Inbox
  accept: AcceptRule
  hostOf: (peer: string) => string
  clock: Clock
  log: Log
}

/** The offering peer. */
export interface Standing {
  peer: string
  known: boolean
  /** The ledger that it proved to represent; null: none that is held here. */
  proven: LedgerId | null
  /** The ledger that its record shows; null: none. */
  ledger: LedgerId | null
  member: boolean
  token: Uint8Array | null
}

/**
 * A claimed record does not make a peer known, but a shown one does, because ledgers of new nodes are not held here
 * yet.
 */
export function standingOf({ peerNetwork }: OfferFactsInit, peer: string, token: Uint8Array | undefined): Standing {
  const node = peerNetwork.directory.get(peer)
  const credible = node !== null && peerNetwork.directory.isCredible(node)
  return {
    peer,
    token: token ?? null,
    known: credible && peerNetwork.admission.stateOf(peer) === 'admitted',
    proven: peerNetwork.directory.provenLedger(peer),
    ledger: credible ? node.record.ledger : null,
    member: peerNetwork.admission.members.stateOf(peer) === 'member'
  }
}

/** The facts that do not depend on held ledgers. */
export function mayOffer(init: OfferFactsInit, standing: Standing, id: LedgerId): boolean {
  const { known, proven } = standing
  if (!known) return false
  const { own } = init.ledgers
  // The ledger of this node is shown only to peers that may know of it if it is private.
  return (
    proven === id ||
    isRemote(init, proven) ||
    (id === own.id && init.peerNetwork.rights.mayHear(standing.peer, own)) ||
    poolOf(ruleFacts(init, standing, id)) !== null
  )
}

export interface Offered {
  offer: Offer
  entry: Entry
  /** The held ledger, if the peer may know of it. */
  ledger: Ledger | null
}

export async function factsOf(
  init: OfferFactsInit,
  standing: Standing,
  { offer, entry, ledger }: Offered
): Promise<OfferFacts> {
  const { follows, rule, room, inbox } = init
  const { ledger: id, mode, filter } = offer
  const facts = ruleFacts(init, standing, id)
  const pool = poolOf(facts)
  const held = ledger?.chain == null ? null : ledger
  return {
    ...facts,
    known: standing.known,
    fromOwner: standing.proven === id,
    own: ledger?.own === true ? { restoring: init.ledgers.own.signer === 'restoring' } : null,
    asked: mode,
    held:
      ledger === null || (held === null && !follows.has(id))
        ? null
        : {
            isSame: held !== null && (await held.hashAt(entry.header.seq)) === entry.hash,
            frozen: held?.frozen != null && entry.header.seq >= held.frozen.size,
            follow: follows.has(id)
              ? {
                  headers: follows.get(id)!.filters === 'headers' || rule.isRestricted(id),
                  adopts: follows.get(id)!.adopt !== undefined,
                  stalled: rule.blockedBy(id)
                }
              : null
          },
    inbox: inbox.stateOf(id, standing.peer),
    keys: held !== null && held.chain!.key === entry.header.key ? 'in-force' : 'unknown',
    allowed: rule.allows(id, filter ?? null),
    room: pool === null || room.hasRoom(pool, standing.peer, init.hostOf(standing.peer))
  }
}

function isRemote({ remotes, follows }: OfferFactsInit, ledger: LedgerId | null): boolean {
  return (
    ledger !== null && follows.get(ledger)?.origin === undefined && follows.has(ledger) && remotes.get(ledger) !== null
  )
}

function ruleFacts(
  init: OfferFactsInit,
  { token, member, proven }: Standing,
  id: LedgerId
): Pick<OfferFacts, 'token' | 'rule' | 'trusted' | 'member' | 'fromRemote'> {
  const { accept, trust, ledgers, tokens } = init
  const allowed = token === null ? null : tokens.allows(token, id)
  return {
    rule: accept,
    member,
    fromRemote: isRemote(init, proven),
    token: token === null ? 'none' : allowed === null ? 'invalid' : { mode: allowed.row.mode },
    trusted: meets(trust.level(ledgers.own.id, id), { minMilli: 0, purpose: 'sync' })
  }
}
