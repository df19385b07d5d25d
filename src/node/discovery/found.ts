import type { Provenance } from '../peers/peer-directory.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Contradiction } from '../peers/contradictions.js'

/** A hint at a node from another source. The node proves its identity on connect. */
export interface Found {
  peer: string
  /** Multiaddrs that end in /p2p/<peer>; none: the directory may know some. */
  addrs: string[]
  source: Provenance
  /** What the node's own record must contain for the hint to be right. */
  expect: { ledgers?: LedgerId[]; capability?: string }
  /** The source of the hint, in words. */
  by: string
}

/** Where a discovery method reports contradictions. */
export type Report = (found: Omit<Contradiction, 'at'>) => void
