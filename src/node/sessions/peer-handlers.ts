import type { HelloIntro, WantedHead } from '../../../protocols/hello/index.js'
import type { WireHead } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'

/** What may be handed to a peer, and what was. */
export interface HandedOut {
  /** ms until a range of the ledger may be handed to the peer; 0: now. */
  waitMs: (peer: string, ledger: LedgerId) => number
  /** Charged in advance; negative: given back. */
  took: (peer: string, ledger: LedgerId, bytes: number) => void
  /** So many bytes went out. */
  sent: (bytes: number) => void
}

/** What the peer network tells those who give it meaning. */
export interface PeerHandlers {
  /** The host is started. */
  onReady?: () => void
  /** The peer has introduced itself; it can be asked. */
  onPeer?: (peer: string, intro: HelloIntro) => void
  onPeerGone?: (peer: string) => void
  /** The peer has shown a record: it may be asked for more now. */
  onRecord?: (peer: string) => void
  /** The peer asks for heads, and says how much of each ledger it holds. */
  onAsked?: (peer: string, wanted: WantedHead[]) => void
  onHeads?: (peer: string, heads: WireHead[]) => Promise<void>
  onEvidence?: (peer: string, ledger: LedgerId, evidence: Uint8Array) => Promise<void>
  /** The own addresses may be others. */
  onAddrs?: () => void
  /** There is a newer own record. */
  onRenewed?: () => void
  /** A peer has subscribed to the topic. */
  onSubscribed?: (topic: string) => void
  /** Caps of what is handed out; those of the last one that has any count. */
  caps?: HandedOut
  /** The host is about to stop: the last words. */
  onStop?: () => Promise<void>
}
