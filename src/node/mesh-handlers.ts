import type { HelloIntro, WantedHead } from '../../protocols/hello/index.js'
import type { WireHead } from '../../protocols/wire.js'
import type { LedgerId } from '../core/ledger-id.js'

/** What the mesh tells those who give it meaning. */
export interface MeshHandlers {
  /** The host is started. */
  onReady: () => void
  /** The peer has introduced itself; it can be asked. */
  onPeer: (peer: string, intro: HelloIntro) => void
  onPeerGone: (peer: string) => void
  /** The peer has shown a record: it may be asked for more now. */
  onRecord?: (peer: string) => void
  /** The peer asks for heads, and says how much of each ledger it holds. */
  onAsked?: (peer: string, wanted: WantedHead[]) => void
  onHeads: (peer: string, heads: WireHead[]) => Promise<void>
  onEvidence: (peer: string, ledger: LedgerId, evidence: Uint8Array) => Promise<void>
  /** The host is about to stop: the last words. */
  onStop?: () => Promise<void>
}
