/** Whom this node would miss: when there are not enough places, strangers go first. */
import type { Ledgers } from '../ledger/ledgers.js'
import type { Worth } from '../network/host.js'
import type { Directory } from './directory.js'
import type { TrustLevelMilli } from './reading-rights.js'

export interface WorthInit {
  ledgers: Ledgers
  directory: Directory
  /** Multiaddrs with /p2p/. */
  bootstrap: readonly string[]
  trustLevelMilli?: TrustLevelMilli | undefined
  /** Has the peer introduced itself? */
  isGreeted: (peer: string) => boolean
}

/** 2: a node that this one joins through, or one of a ledger that is held or trusted here, as far as the record that it showed says. */
export function worthOf ({ ledgers, directory, bootstrap, trustLevelMilli, isGreeted }: WorthInit): (peer: string) => Worth {
  const entrances = new Set(bootstrap.map((address) => address.split('/').at(-1)!))
  const isTrusted = (ledger: string): boolean => (trustLevelMilli?.(ledgers.own.id, ledger) ?? 0) > 0
  return (peer) => {
    if (entrances.has(peer)) return 2
    const node = directory.get(peer)
    // Whoever only claims to be one is as good as anybody.
    if (node !== null && directory.isCredible(node) && (node.proof === 'proven' || isTrusted(node.record.ledger))) return 2
    return isGreeted(peer) ? 1 : 0
  }
}
