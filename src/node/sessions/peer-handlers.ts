import type { HelloIntro, WantedHead } from '../../../protocols/hello/index.js'
import type { WireHead } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'

/** Limits and counts of data served to a peer. */
export interface HandedOut {
  /** ms until a range of the ledger may be served to the peer; 0: now. */
  waitMs: (peer: string, ledger: LedgerId) => number
  /** Charged in advance; negative: given back. */
  took: (peer: string, ledger: LedgerId, bytes: number) => void
  /** Called with the number of bytes sent. */
  sent: (bytes: number) => void
}

/** Handlers that the peer network calls. */
export interface PeerHandlers {
  /** The host is started. */
  onReady?: () => void
  /** The peer has introduced itself; it can be asked. */
  onPeer?: (peer: string, intro: HelloIntro) => void
  onPeerGone?: (peer: string) => void
  /** The peer has shown a record: it may be asked for more now. */
  onRecord?: (peer: string) => void
  /** The peer asks for heads, and states how much of each ledger it holds. */
  onAsked?: (peer: string, wanted: WantedHead[]) => void
  onHeads?: (peer: string, heads: WireHead[]) => Promise<void>
  onEvidence?: (peer: string, ledger: LedgerId, evidence: Uint8Array) => Promise<void>
  /** The own addresses may have changed. */
  onAddrs?: () => void
  /** There is a newer own record. */
  onRenewed?: () => void
  /** A peer has subscribed to the topic. */
  onSubscribed?: (topic: string) => void
  /** Caps for serving; those of the last handler that has any are used. */
  caps?: HandedOut
  /** The host is about to stop: the last chance to send. */
  onStop?: () => Promise<void>
}
