import type { LedgerId } from '../../core/ledger-id.js'

/** Peers that the operator named, in the configuration and by entries of the own ledger. */
export interface Named {
  /** Peer ids and ledger ids. */
  allow?: readonly string[] | undefined
  introduceTo?: readonly string[] | undefined
  isMember: (peer: string) => boolean
  isFollowed: (ledger: LedgerId) => boolean
  isTrusted: (ledger: LedgerId) => boolean
}

/** R3: is a witness known? The operator named its peer, or follows, trusts or admitted its ledger. */
export function isNamedPeer(
  { allow = [], introduceTo = [], isMember, isFollowed, isTrusted }: Named,
  peer: string,
  ledger: LedgerId | null
): boolean {
  if (introduceTo.includes(peer) || allow.includes(peer) || isMember(peer)) return true
  return ledger !== null && (allow.includes(ledger) || isFollowed(ledger) || isTrusted(ledger))
}
