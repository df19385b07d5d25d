/**
 * Asks connected peers for attestations about or by a ledger. The answers are hints: they count when their issuers'
 * headers are held.
 */
import { attest, fetchAttestations, type AttestItem, type AttestRequest } from '../../../protocols/attest/index.js'
import type { WireKeyEntry } from '../../../protocols/wire.js'
import { decodeSigned, verifyEntrySignature } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { Verify } from '../../core/signature.js'
import type { Clock, Log } from '../../ports.js'
import { readTrust, type AttestationStatement, type TrustStatement } from '../../trust/attestation.js'
import type { TrustGraph } from '../../trust/graph.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { AttestationHint } from '../api/trust.js'
import { deadline } from '../runtime/deadline.js'

/** Peers asked for one search, and the time for all of them, in ms. */
const MAX_PEERS = 16
const SEARCH_TIMEOUT_MS = 10_000

export interface AttestSearchInit {
  peerNetwork: Pick<PeerNetwork, 'connections' | 'host' | 'requests' | 'verifier'>
  graph: TrustGraph
  clock: Clock
  log: Log
}

/**
 * The attestations that connected peers pass on. A peer that sends an unsigned one, or one that was not requested, is
 * dropped.
 */
export async function searchAttestations(
  { peerNetwork, graph, clock, log }: AttestSearchInit,
  request: AttestRequest
): Promise<AttestationHint[]> {
  const hints = new Map<Hash, AttestationHint>()
  const signal = deadline(clock, SEARCH_TIMEOUT_MS)
  await Promise.all(
    peerNetwork.connections
      .peers()
      .slice(0, MAX_PEERS)
      .map(async ({ peer }) => {
        try {
          const items = await fetchAttestations(await peerNetwork.host.open(peer, attest, signal), request, { signal })
          for (const item of items) {
            const { statement, accepted } = await checkItem(item, request, peerNetwork.verifier.forPeer(peer))
            if (statement.expires !== null && statement.expires <= clock.now()) continue
            const known = hints.get(statement.hash)
            if (known === undefined) hints.set(statement.hash, { ...hintOf(statement, graph), accepted, peers: [peer] })
            else {
              known.accepted ||= accepted
              known.peers.push(peer)
            }
          }
        } catch (error) {
          const { code, verdict } = judged(error, 'asked')
          log.debug(
            { event: 'trust.search-failed', peer, code, error: (error as Error).message },
            'a peer did not return attestations'
          )
          if (verdict === 'drop') peerNetwork.requests.drop(peer, code)
        }
      })
  )
  return [...hints.values()].sort(
    (a, b) => Number(b.accepted) - Number(a.accepted) || (a.issuer < b.issuer ? -1 : a.issuer > b.issuer ? 1 : 0)
  )
}

/** Throws for an item that only a dishonest peer can send (section 5 of the SPEC). */
export async function checkItem(
  item: AttestItem,
  request: AttestRequest,
  verify: Verify
): Promise<{ statement: AttestationStatement; accepted: boolean }> {
  const statement = await signedStatement(item.attestation, verify)
  if (statement.type !== 'trust.attestation') throw new LedgermeshError('MALFORMED', 'not an attestation')
  if ('about' in request ? statement.subject !== request.about : statement.issuer !== request.by)
    throw new LedgermeshError('WRONG_LEDGER', 'not the attestation that was asked for')
  if (item.acceptance === null) return { statement, accepted: false }
  const accepting = await signedStatement(item.acceptance, verify)
  if (
    accepting.type !== 'trust.acceptance' ||
    accepting.issuer !== statement.subject ||
    accepting.ledger !== statement.issuer ||
    accepting.attestation !== statement.hash
  ) {
    throw new LedgermeshError('MALFORMED', 'not the acceptance of that attestation')
  }
  return { statement, accepted: true }
}

async function signedStatement(raw: WireKeyEntry, verify: Verify): Promise<TrustStatement> {
  const entry = decodeSigned(raw)
  if (!(await verifyEntrySignature(entry, verify)))
    throw new LedgermeshError('BAD_SIGNATURE', 'the entry is not signed by its key')
  const statement = readTrust(entry.header, entry.hash)
  if (statement === null) throw new LedgermeshError('MALFORMED', 'the entry says nothing about trust')
  return statement
}

function hintOf(
  { issuer, subject, hash, level_milli, kind, depth, expires }: AttestationStatement,
  graph: TrustGraph
): Omit<AttestationHint, 'accepted' | 'peers'> {
  let counts = false
  for (const live of graph.attestations({ issuer, subject })) counts ||= live.hash === hash && live.usable
  return { issuer, subject, hash, level_milli, kind, depth, expires, counts }
}
