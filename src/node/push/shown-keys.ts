/**
 * Before a ledger that is not held is followed: is the offered head's key the ledger's, by key entries that the
 * offering peer shows?
 */
import { keyInForce, verifyKeyEntries } from '../../core/chain.js'
import { decodeSigned, type Entry } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock, Log } from '../../ports.js'
import { deadline } from '../runtime/deadline.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerNetwork } from '../sessions/peer-network.js'

/** Milliseconds for all of them. */
const KEYS_TIMEOUT_MS = 10_000

export interface ShownKeysInit {
  peerNetwork: PeerNetwork
  clock: Clock
  log: Log
}
export interface ShownLedger {
  keys: 'in-force' | 'not-in-force' | 'wrong-network'
  name: string
  access: 'public' | 'private'
}

const NOTHING: ShownLedger = { keys: 'not-in-force', name: '', access: 'private' }

/** A key that cannot be shown counts as not in force. Made-up key entries cost the peer its connection. */
export async function shownKeys(
  { peerNetwork, clock, log }: ShownKeysInit,
  peer: string,
  ledger: LedgerId,
  head: Entry,
  signal: AbortSignal
): Promise<ShownLedger> {
  try {
    const raw = await peerNetwork.requests.fetchKeyEntries(peer, ledger, deadline(clock, KEYS_TIMEOUT_MS, signal))
    const history = await verifyKeyEntries(ledger, raw.map(decodeSigned), peerNetwork.verifier.forPeer(peer))
    const { network, name, access } = history
    if (network !== peerNetwork.network) return { keys: 'wrong-network', name, access }
    return {
      keys: keyInForce(history, head.header.seq) === head.header.key ? 'in-force' : 'not-in-force',
      name,
      access
    }
  } catch (error) {
    const { verdict, code } = judged(error, 'keys')
    if (verdict === 'drop') peerNetwork.requests.drop(peer, code)
    else if (verdict === 'ours' && !isCoded(error)) throw error
    log.debug(
      { event: 'push.key-unproven', peer, ledger, error: (error as Error).message },
      'the key of an offered head could not be shown to be in force'
    )
    return NOTHING
  }
}
