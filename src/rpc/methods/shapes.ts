/** The shapes that several methods take or give. */
import { z } from 'zod'
import { JOB_STATES } from '../../node/api/jobs.js'
import { MAX_CAP_KIB, MAX_PRIORITY, MIN_CAP_KIB } from '../../sync/schedule/limits.js'
import { parseSchedule } from '../../sync/schedule/schedule.js'
import { WAITING_REASONS } from '../../node/api/erasures.js'
import type { Json, JsonObject } from '../../core/canonical.js'
import { isObject, isName } from '../../core/grammar.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { MAX_NAME_BYTES, MAX_REFERENCES, MAX_TIMESTAMP_MS } from '../../core/limits.js'
import { REFERENCE_TYPES } from '../../core/reference.js'
import { isCoded } from '../../core/errors.js'
import { STATE_ONLY_CODES, STATE_STATUSES } from '../../sync/exceptions/state.js'
import { ADOPT_CODES, REFUSE_CODES } from '../../sync/adopt/types.js'
import { PUSH_CODES } from '../../sync/push/types.js'
import { readDays, readLevel, readSpan, readTime } from '../quantities.js'

export const name = z
  .string()
  .min(1)
  .max(MAX_NAME_BYTES)
  .refine(isName, `1–${MAX_NAME_BYTES} UTF-8 bytes without control characters`)
export const hash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
export const publicKey = hash
export const ledgerId = z
  .string()
  .regex(/^b[a-z2-7]{51}[aq]$/, 'a ledger id: "b" and 52 characters a–z, 2–7, the last one a or q')

/**
 * What has the whole shape of an id is one, or nothing: 52 characters have bits to spare, so some ids could be spelled
 * in several ways.
 */
function isOneLedger(text: string): boolean {
  return text !== '*' && (isLedgerId(text) || !/^b[a-z2-7]{52}$/.test(text))
}

/** A short name of an id: `rpc/resolve-handles.ts` makes the whole id of it before a handler sees it. */
export const ledgerHandle = name
  .refine(isOneLedger, 'one ledger, not *, and no second spelling of an id')
  .meta({ 'x-handle': 'ledger' })
/** `*` means all that are held. */
export const ledgerOrAll = name
  .refine((text) => text === '*' || isOneLedger(text), 'no second spelling of an id')
  .meta({ 'x-handle': 'ledger-or-all' })
/** An entry's id or hash, or the beginning of one, in the ledger that the param `ledger` names. */
export const entryHandle = name.meta({ 'x-handle': 'entry' })
export const hashHandle = name.meta({ 'x-handle': 'hash' })
/** A peer id, or the beginning of one. */
export const peerHandle = z.string().min(1).max(128).meta({ 'x-handle': 'peer' })
/** A multiaddr, or a peer with known addresses. */
export const addressOrPeer = z.string().min(1).max(512).meta({ 'x-handle': 'peer' })

export const access = z.enum(['public', 'private'])
export const integer = z.int().min(0)

/** As people write it, read by `read`; `x-written` names it in help. */
function written(
  kind: 'time' | 'level' | 'days' | 'span',
  read: (given: number | string) => number,
  [least, most]: [number, number]
): z.ZodType<number, number | string> {
  return z
    .union([z.number(), z.string().min(1).max(64)])
    .transform((given, context) => {
      try {
        const value = read(given)
        if (value >= least && value <= most) return value
        context.addIssue({ code: 'custom', message: `must be from ${least} to ${most}` })
      } catch (error) {
        if (!isCoded(error)) throw error
        context.addIssue({ code: 'custom', message: error.message })
      }
      return z.NEVER
    })
    .meta({ 'x-written': kind })
}

const TIMES: [number, number] = [0, MAX_TIMESTAMP_MS]
/** ms since 1970, or a date; spans count back from now, on from now, or are refused. */
export const pastTime = written('time', (given) => readTime(given, 'past', Date.now()), TIMES)
export const futureTime = written('time', (given) => readTime(given, 'future', Date.now()), TIMES)
export const timestamp = written('time', (given) => readTime(given, 'instant', Date.now()), TIMES)
/** Thousandths, or a part of one. */
export const level = written('level', readLevel, [0, 1000])
export const levelAboveNone = written('level', readLevel, [1, 1000])
/** ms: a number of them, or a span such as 9s. */
export const wait = written('span', (given) => (typeof given === 'number' ? given : readSpan(given)), [0, 600_000])
export const days = written('days', readDays, [1, 3650])
export const json = z.custom<Json>(() => true).describe('any JSON value')
export const jsonObject = z.custom<JsonObject>(isObject, 'an object').describe('a JSON object')

export const referenceInput = z.strictObject({
  ledgerId: ledgerHandle,
  entryId: name,
  referenceType: z.enum(REFERENCE_TYPES),
  entryHash: hash.nullable().exactOptional()
})
export const references = z.array(referenceInput).max(MAX_REFERENCES)

export const verifiedReference = z.object({
  ledgerId,
  entryId: z.string(),
  entryHash: hash.nullable(),
  referenceType: z.enum(REFERENCE_TYPES),
  state: z.enum(['resolved', 'unresolved', 'contradicted']),
  checked: z.boolean(),
  held: z.object({ ledgerId, entryId: z.string(), entryHash: hash }).nullable()
})

export const expect = z.strictObject({ rule: z.string().min(1).max(64), siblings: z.array(hash).max(MAX_REFERENCES) })

/** An entry to append; null members count as absent. */
export const appendInput = z.strictObject({
  stream: name,
  type: name,
  payload: json.exactOptional(),
  issuer_oid: name.nullable().exactOptional(),
  subject_oid: name.nullable().exactOptional(),
  id: name.nullable().exactOptional(),
  references: references.nullable().exactOptional(),
  meta: jsonObject.nullable().exactOptional(),
  timestamp: timestamp.nullable().exactOptional()
})

export const entry = z.object({
  id: z.string(),
  ledger: ledgerId,
  seq: integer,
  stream: z.string(),
  type: z.string(),
  issuer_oid: z.string().nullable(),
  subject_oid: z.string().nullable(),
  timestamp: integer,
  payload: json,
  payload_state: z.enum(['present', 'erased', 'filtered', 'missing', 'malformed', 'withheld']),
  meta: jsonObject,
  prev_hash: hash.nullable(),
  hash,
  signature: z.string(),
  adopted: ledgerId.nullable(),
  checked: z.boolean(),
  conflicts: z.array(z.string()).optional(),
  raw: z.object({ header: z.string(), payload: z.string().nullable(), signature: z.string() })
})

export const verifiedCopy = z.object({
  source: ledgerId,
  originalId: z.string(),
  originalHash: hash,
  state: z.enum(['verified', 'unverified', 'false']),
  differs: z.array(z.string())
})

export const appended = z.object({ entry, existing: z.boolean() })
export const problem = z.object({ code: z.string(), message: z.string() })

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

export const replicas = {
  confirmed: z.array(ledgerId),
  waiting: z.array(z.object({ ledger: ledgerId, code: z.enum(PUSH_CODES), explanation: z.string() }))
}

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
/** ms: a number of them, or a span such as 2h. */
export const span = written('span', (given) => (typeof given === 'number' ? given : readSpan(given)), [
  1,
  366 * 86_400_000
])

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

export const peer = z.object({
  peer: z.string(),
  addrs: z.array(z.string()),
  direction: z.enum(['inbound', 'outbound']),
  since: integer,
  ledger: ledgerId.nullable(),
  name: z.string().nullable(),
  access: access.nullable(),
  software: z.string().nullable()
})

/** An entry, as a reference names one. */
export const entryName = z.object({ ledger: ledgerId, id: z.string(), hash: hash.nullable() })
export const namedReference = z.object({
  from: entryName,
  to: entryName,
  type: z.enum(REFERENCE_TYPES),
  status: z.enum(['verified', 'proved', 'unresolved', 'contradicted', 'disputed'])
})
export const direction = z.enum(['out', 'in', 'both'])
export const referenceTypes = z.array(z.enum(REFERENCE_TYPES)).min(1).max(REFERENCE_TYPES.length)

export const health = z.object({
  healthy: z.boolean(),
  checks: z.array(z.object({ check: z.string(), ok: z.boolean(), detail: z.string(), next: z.string().nullable() }))
})

export const provenance = z.enum(['connection', 'gossip', 'dht', 'registry', 'dns', 'manual'])
const nodeStatus = z.enum(['online', 'offline', 'unknown'])
const proof = z.enum(['proven', 'shown', 'claimed'])

export const discoveredNode = z.object({
  peer: z.string(),
  ledger: ledgerId.nullable(),
  name: z.string().nullable(),
  access: access.nullable(),
  proof,
  addrs: z.array(z.string()),
  capabilities: z.array(z.string()),
  metadata: z.object({ version: z.string(), streams: z.array(z.string()), region: z.string().nullable() }).nullable(),
  sources: z.array(provenance),
  status: nodeStatus,
  connected: z.boolean(),
  expires: integer.nullable(),
  lastSeen: integer.nullable(),
  trustMilli: integer.nullable()
})

export const contradiction = z.object({
  source: provenance,
  peer: z.string().nullable(),
  ledger: ledgerId.nullable(),
  problem: z.string(),
  at: integer
})

export const knownLedger = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  own: z.boolean(),
  followed: z.boolean(),
  access: access.nullable(),
  size: integer.nullable(),
  nodes: z.array(
    z.object({
      peer: z.string(),
      addrs: z.array(z.string()),
      capabilities: z.array(z.string()),
      connected: z.boolean(),
      status: nodeStatus,
      lastSeen: integer.nullable(),
      sources: z.array(provenance),
      proof
    })
  )
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
