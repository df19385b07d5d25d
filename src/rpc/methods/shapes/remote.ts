/** Remotes: what is pushed to them, when they have their turn, and what deviates. */
import { z } from 'zod'
import { JOB_STATES } from '../../../node/api/jobs.js'
import { MAX_CAP_KIB, MAX_PRIORITY, MIN_CAP_KIB } from '../../../sync/schedule/limits.js'
import { parseSchedule } from '../../../sync/schedule/schedule.js'
import { isCoded } from '../../../core/errors.js'
import { STATE_ONLY_CODES, STATE_STATUSES } from '../../../sync/exceptions/state.js'
import { PUSH_CODES } from '../../../sync/push/types.js'
import { access, hash, integer, ledgerId } from './primitives.js'
import { syncFilters } from './sync.js'

export const replicas = {
  confirmed: z.array(ledgerId),
  waiting: z.array(z.object({ ledger: ledgerId, code: z.enum(PUSH_CODES), explanation: z.string() }))
}

export const pushedEntries = z.object({
  ledger: ledgerId,
  accepted: z.array(z.string()).describe('Ids of entries that the remote has on its disk.'),
  rejected: z
    .array(z.object({ id: z.string(), reason: z.string() }))
    .describe('Of those that it has not, or does not take, and why.'),
  conflicts: z
    .array(z.object({ id: z.string(), conflict: z.string() }))
    .describe('Of those that stand in a conflict: its id, or CONFLICT where the remote says so.'),
  skipped: z
    .record(z.string(), z.int().min(1))
    .describe('How many of the accepted it left out of its own ledger when it adopted, by reason.')
})

export const pushFlow = z.object({
  ledger: ledgerId,
  remote: ledgerId,
  size: integer,
  durable: integer,
  status: z.enum(['synced', 'pending', 'failed']),
  code: z.enum(PUSH_CODES).nullable(),
  explanation: z.string().nullable(),
  attempts: integer,
  last: integer.nullable(),
  next: integer.nullable()
})

export const syncDirection = z.enum(['pull', 'push', 'bidirectional'])

const exceptionCounts = z.object({ pending: integer, conflict: integer, failed: integer })

const jobState = z.enum(JOB_STATES)
export const job = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  remote: ledgerId,
  direction: z.enum(['in', 'out']),
  state: jobState,
  code: z.string().nullable(),
  explanation: z.string().nullable(),
  since: integer.nullable(),
  next: integer.nullable(),
  schedule: z.string(),
  priority: integer,
  history: z.array(z.object({ at: integer, from: jobState.nullable(), to: jobState, code: z.string().nullable() }))
})

/** When a remote has its turn, as people write it. */
export const schedule = z
  .string()
  .max(1024)
  .refine(isSchedule, 'continuous, manual, every 24h, or windows such as mon-fri 22:00-06:00 Europe/Amsterdam')

function isSchedule(text: string): boolean {
  try {
    parseSchedule(text)
    return true
  } catch (error) {
    if (isCoded(error)) return false
    throw error
  }
}

export const priority = z.int().min(0).max(MAX_PRIORITY)
/** KiB/s; 0: none. */
export const cap = z
  .int()
  .min(0)
  .max(MAX_CAP_KIB)
  .refine((kib) => kib === 0 || kib >= MIN_CAP_KIB, `${MIN_CAP_KIB} at least, or 0: none`)
export const remoteLedger = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  schedule: z.string(),
  open: z.boolean(),
  opens: integer.nullable(),
  priority: integer,
  inKiBps: integer.nullable(),
  outKiBps: integer.nullable(),
  endpoint: z.array(z.string()),
  publicKey: hash.nullable(),
  syncDirection,
  hasToken: z.boolean(),
  peers: z.array(z.string()),
  mode: z.enum(['mirror', 'adopt', 'headers']).nullable(),
  adopt: z
    .object({
      filters: syncFilters.nullable(),
      from: z.union([integer, z.literal('now')]),
      acceptReaders: z.boolean()
    })
    .nullable(),
  filters: syncFilters.nullable(),
  paused: z.boolean(),
  pushed: z.object({ pool: z.string(), peer: z.string(), bytes: integer, taken: integer }).nullable(),
  flows: z.array(pushFlow),
  exceptions: z.object({ inbound: exceptionCounts, outbound: exceptionCounts })
})

export const stateRow = z.object({
  id: z.string(),
  remote: ledgerId,
  ledger: ledgerId,
  seq: integer,
  entryId: z.string(),
  entryHash: hash,
  direction: z.enum(['inbound', 'outbound']),
  status: z.enum(STATE_STATUSES),
  code: z.enum([...PUSH_CODES, ...STATE_ONLY_CODES]).nullable(),
  error: z.string().nullable(),
  conflicts: z.array(z.string()),
  attempts: integer,
  lastAttempt: integer.nullable(),
  nextAttempt: integer.nullable(),
  createdAt: integer,
  updatedAt: integer
})

export const pendingOffer = z.object({
  ledger: ledgerId,
  peer: z.string(),
  name: z.string(),
  access,
  size: integer,
  from: ledgerId.nullable(),
  trusted: z.boolean(),
  state: z.enum(['pending', 'dismissed', 'blocked']),
  first: integer,
  last: integer
})
