import type { Provenance } from '../peers/peer-directory.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Contradiction } from '../peers/contradictions.js'

/** A hint: somebody said that there is a node. Whoever is found proves itself on connect. */
export interface Found {
  peer: string
  /** Multiaddrs that end in /p2p/<peer>; none: the directory may know some. */
  addrs: string[]
  source: Provenance
  /** What the node must say of itself for the hint to be right. */
  expect: { ledgers?: LedgerId[]; capability?: string }
  /** Who gave the hint, in words. */
  by: string
}

/** Where a way of finding reports what does not fit. */
export type Report = (found: Omit<Contradiction, 'at'>) => void
