import type { Op } from '../../store/store.js'
import type { FeedFact } from '../../store/feed-rows.js'
import type { LedgerState } from '../read/records.js'
import type { Decision } from '../read/standing-row.js'
import type { PayloadStates } from './entry-ops.js'

export interface IngestOptions {
  /** For entries whose payload is absent; default: all are wanted. */
  payloadStates?: PayloadStates
  /** A judgement of evidence to write in the same batch. */
  decision?: Decision
}

export interface CommitOptions {
  payloadStates: PayloadStates
  sync: boolean
  audited: number
  beforeShown?: () => Promise<void>
  /** Default: as before. */
  frozen?: LedgerState['frozen']
  /** Further rows for the same batch. */
  ops?: Op[]
  /** What the feed tells of these rows. */
  facts?: FeedFact[]
  /** Bytes that were taken in, with these. Default: as before. */
  taken?: number | undefined
}
