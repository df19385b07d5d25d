import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Log } from '../../ports.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'

/**
 * A peer that was asked for its history of a ledger did not help: an answer that it made up costs it the connection,
 * whatever the question was (I5).
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
