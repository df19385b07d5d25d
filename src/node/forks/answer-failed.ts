import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Log } from '../../ports.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'

/**
 * Handles a failed request for a peer's history of a ledger: a made-up answer costs the peer its connection, whatever
 * was requested (I5).
 */
export function answerFailed(
  { peerNetwork, log }: { peerNetwork: Pick<PeerRequests, 'drop'>; log: Log },
  peer: string,
  ledger: HeldLedger,
  error: unknown,
  wanted: 'fork' | 'earlier fork' | 'entries behind the freeze'
): void {
  const { verdict, code } = judged(error, 'asked')
  if (verdict === 'drop') peerNetwork.drop(peer, code)
  log[verdict === 'ours' ? 'error' : verdict === 'ignore' ? 'debug' : 'warn'](
    { event: 'fork.answer-failed', peer, ledger: ledger.id, code, wanted, error: (error as Error).message },
    'a peer could not show its history'
  )
}
