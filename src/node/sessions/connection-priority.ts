/** Connection priority: when slots run out, unknown peers are disconnected first. */
import type { Ledgers } from '../../ledger/ledgers.js'
import type { ConnectionPriority } from '../../network/host.js'
import type { Directory } from '../peers/peer-directory.js'
import type { TrustLevelMilli } from '../access/read-access.js'

export interface ConnectionPriorityInit {
  ledgers: Ledgers
  directory: Directory
  /** Multiaddrs with /p2p/. */
  bootstrap: readonly string[]
  trustLevelMilli?: TrustLevelMilli | undefined
  /** Has the peer introduced itself? */
  isGreeted: (peer: string) => boolean
}

/**
 * 2: a node that this one joins through, or one of a ledger that is held or trusted here, as far as the record that it
 * showed says.
 */
export function priorityOf({
  ledgers,
  directory,
  bootstrap,
  trustLevelMilli,
  isGreeted
}: ConnectionPriorityInit): (peer: string) => ConnectionPriority {
  const entrances = new Set(bootstrap.map((address) => address.split('/').at(-1)!))
  const isTrusted = (ledger: string): boolean => (trustLevelMilli?.(ledgers.own.id, ledger) ?? 0) > 0
  return (peer) => {
    if (entrances.has(peer)) return 2
    const node = directory.get(peer)
    // A peer that only claims to be one has no higher priority.
    if (node !== null && directory.isCredible(node) && (node.proof === 'proven' || isTrusted(node.record.ledger)))
      return 2
    return isGreeted(peer) ? 1 : 0
  }
}
