/** Followed and adopted ledgers, and erasures. */
import { z } from 'zod'
import { WAITING_REASONS } from '../../../node/api/erasures.js'
import { ADOPT_CODES, REFUSE_CODES } from '../../../sync/adopt/types.js'
import { access, hash, integer, ledgerId, name } from './primitives.js'

const names = z.array(name).max(64)
export const syncFilters = z.strictObject({
  streams: names.exactOptional(),
  types: names.exactOptional(),
  issuers: names.exactOptional(),
  subjects: names.exactOptional()
})

export const evidenceState = z
  .enum(['none', 'freezes', 'doubted', 'contested', 'excused'])
  .describe('the effect of the stored evidence against a ledger')

export const STALL_CODES = [
  'NO_PEERS',
  'HEAD_UNBACKED',
  'PEERS_FAILING',
  'DENIED',
  'FROZEN',
  'KEY_FORK',
  'TOO_MANY_KEYS',
  'PAUSED',
  'UNTRUSTED',
  'QUOTA',
  'SCHEDULED',
  'QUEUED',
  'THROTTLED',
  'RESTORING',
  'CONFIRMING',
  'TWIN',
  'UPGRADE_NEEDED',
  'STORE_FAILED',
  'WRONG_NETWORK',
  'PAYLOADS_MISSING'
] as const

export const syncStatus = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  own: z.boolean(),
  access: access.nullable(),
  status: z.enum(['synced', 'syncing', 'stalled']),
  size: integer,
  audited: integer,
  target: integer,
  filters: syncFilters.nullable(),
  headers: z.boolean(),
  peers: integer,
  announced: z.boolean(),
  stall: z
    .object({ code: z.enum(STALL_CODES), since: integer, next: integer.nullable(), explanation: z.string() })
    .nullable(),
  evidence: evidenceState
})

export const copiesChoice = z.enum(['keep', 'erase'])
const counts = z.record(z.string(), integer)
export const adoptOptions = z.strictObject({
  filters: syncFilters.exactOptional(),
  from: z.union([integer, z.literal('now')]).exactOptional(),
  acceptReaders: z.boolean().exactOptional()
})

export const adoption = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  status: z.enum(['adopted', 'adopting', 'stalled', 'stopped', 'unfollowed']),
  filters: syncFilters.nullable(),
  from: integer.nullable(),
  acceptReaders: z.boolean(),
  size: integer,
  looked: integer,
  erasuresTo: integer,
  copies: integer,
  waiting: integer,
  skipped: counts,
  refused: counts,
  latestRefused: z.array(z.object({ seq: integer, id: z.string(), code: z.enum(REFUSE_CODES) })),
  others: z.array(z.object({ ledger: ledgerId, copies: integer, followed: z.boolean() })),
  disputed: integer,
  today: z.object({ since: integer, entries: integer, bytes: integer }),
  stall: z
    .object({ code: z.enum(ADOPT_CODES), since: integer, next: integer.nullable(), explanation: z.string() })
    .nullable()
})

const erasureHolder = { peer: z.string(), ledger: ledgerId.nullable(), name: z.string().nullable() }

export const erasure = z.object({
  seq: integer,
  hash,
  timestamp: integer,
  entries: z.array(hash),
  confirmed: z.array(z.object({ ...erasureHolder, at: integer })),
  waiting: z.array(z.object({ ...erasureHolder, reason: z.enum(WAITING_REASONS) }))
})
