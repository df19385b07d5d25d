import type { SignedRecord } from '../types.js'

/** The status that the node last reported; unknown: none. */
export type ListedStatus = 'unknown' | 'online' | 'offline'

export interface Listing {
  record: SignedRecord
  status: ListedStatus
  /** When the node last registered or told its status, ms since the epoch, by the registry's clock. */
  updated: number
}

export interface DiscoverRequest {
  /** Absent: any. */
  capability?: string
  region?: string
  /** 1 to 256. */
  limit: number
}

/** Where a server's answers come from. A WireError UNAVAILABLE, DENIED, BUSY or INVALID is the answer. */
export interface RegistrySource {
  /** DENIED when the record is not that of `peer`, INVALID when it is not valid. */
  register: (peer: string, record: SignedRecord, signal: AbortSignal) => Promise<void>
  discover: (peer: string, request: DiscoverRequest, signal: AbortSignal) => Promise<Listing[]>
  /** None: UNAVAILABLE. */
  getLedger: (peer: string, ledger: string, signal: AbortSignal) => Promise<Listing[]>
  /** Of the record that `peer` itself registered; UNAVAILABLE when there is none. */
  updateStatus: (peer: string, ledger: string, status: 'online' | 'offline', signal: AbortSignal) => Promise<void>
}
