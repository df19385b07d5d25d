/** The shapes that several methods take or give. */
import { z } from 'zod'
import { WAITING_REASONS } from '../../node/erasures-api.js'
import type { Json, JsonObject } from '../../core/canonical.js'
import { isObject, isName } from '../../core/grammar.js'
import { MAX_NAME_BYTES, MAX_REFERENCES, MAX_TIMESTAMP_MS } from '../../core/limits.js'
import { REFERENCE_TYPES } from '../../core/reference.js'

export const name = z.string().min(1).max(MAX_NAME_BYTES)
  .refine(isName, `1–${MAX_NAME_BYTES} UTF-8 bytes without control characters`)
export const hash = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits')
export const ledgerId = z.string().regex(/^b[a-z2-7]{51}[aq]$/, 'a ledger id: "b" and 52 characters a–z, 2–7, the last one a or q')
export const ledgerOrAll = z.union([ledgerId, z.literal('*')], 'a ledger id, or * for all that are held')
export const integer = z.int().min(0)
export const timestamp = z.int().min(0).max(MAX_TIMESTAMP_MS)
export const json = z.custom<Json>(() => true).describe('any JSON value')
export const jsonObject = z.custom<JsonObject>(isObject, 'an object').describe('a JSON object')

export const referenceInput = z.strictObject({
  ledgerId,
  entryId: name,
  referenceType: z.enum(REFERENCE_TYPES),
  entryHash: hash.nullable().exactOptional()
})
export const references = z.array(referenceInput).max(MAX_REFERENCES)

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
  payload_state: z.enum(['present', 'erased', 'filtered', 'missing', 'malformed']),
  meta: jsonObject,
  prev_hash: hash.nullable(),
  hash,
  signature: z.string(),
  checked: z.boolean(),
  raw: z.object({ header: z.string(), payload: z.string().nullable(), signature: z.string() })
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

export const STALL_CODES = [
  'NO_PEERS', 'HEAD_UNBACKED', 'PEERS_FAILING', 'DENIED', 'FROZEN', 'PAUSED', 'UNTRUSTED', 'RESTORING', 'UPGRADE_NEEDED', 'STORE_FAILED',
  'WRONG_NETWORK', 'PAYLOADS_MISSING'
] as const

export const syncStatus = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  own: z.boolean(),
  status: z.enum(['synced', 'syncing', 'stalled']),
  size: integer,
  audited: integer,
  target: integer,
  filters: syncFilters.nullable(),
  headers: z.boolean(),
  peers: integer,
  announced: z.boolean(),
  stall: z.object({ code: z.enum(STALL_CODES), since: integer, next: integer.nullable(), explanation: z.string() }).nullable()
})

export const peer = z.object({
  peer: z.string(),
  addrs: z.array(z.string()),
  direction: z.enum(['inbound', 'outbound']),
  since: integer,
  ledger: ledgerId.nullable(),
  name: z.string().nullable(),
  software: z.string().nullable()
})

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

export const contradiction = z.object({ source: provenance, peer: z.string().nullable(), ledger: ledgerId.nullable(), problem: z.string(), at: integer })

export const knownLedger = z.object({
  ledger: ledgerId,
  name: z.string().nullable(),
  own: z.boolean(),
  followed: z.boolean(),
  size: integer.nullable(),
  nodes: z.array(z.object({ peer: z.string(), addrs: z.array(z.string()), capabilities: z.array(z.string()), connected: z.boolean(), status: nodeStatus, sources: z.array(provenance), proof }))
})

const erasureHolder = { peer: z.string(), ledger: ledgerId.nullable(), name: z.string().nullable() }

export const erasure = z.object({
  seq: integer, hash, timestamp: integer, entries: z.array(hash),
  confirmed: z.array(z.object({ ...erasureHolder, at: integer })),
  waiting: z.array(z.object({ ...erasureHolder, reason: z.enum(WAITING_REASONS) }))
})
