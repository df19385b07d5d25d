/**
 * The entry types that Ledgermesh itself reads, and their `meta`. They carry everything in `meta`; their payload is
 * null.
 * An unknown reserved type is valid and means nothing (DESIGN §2).
 */
import { LedgermeshError } from './errors.js'
import { fromHex, isHash, type Hash } from './hash.js'
import { hasExactly, isInteger, isName } from './grammar.js'
import { isLedgerId, type LedgerId } from './ledger-id.js'
import { MAX_LIST, MAX_TIMESTAMP_MS } from './limits.js'
import { isLedgerKey } from './signature.js'

export type GenesisMeta = { network: string; name: string; access: 'public' | 'private'; next_key_hash: Hash | null }
export type RotateKeyMeta = { next_key_hash: Hash | null }

export const ACCESS_SCOPES = ['full', 'query-only', 'sync-only'] as const
/** What a reader may do with a private ledger: `sync-only` copies it, `query-only` asks about it, `full` both. */
export type AccessScope = (typeof ACCESS_SCOPES)[number]
/**
 * Readers of a ledger, as a change to the earlier entries: grants and revocations in chain order, the latest one for a
 * ledger counts. `trust_milli`: ledgers that this ledger trusts at least this much (1–1000) may read too; null: only
 * those granted. The value of the latest entry counts.
 */
export type AccessMeta = {
  grant: { ledger: LedgerId; scope: AccessScope }[]
  revoke: LedgerId[]
  trust_milli: number | null
}
/** Hashes of earlier entries of the same ledger whose payloads every holder deletes. */
export type EraseMeta = { entries: Hash[] }
/**
 * Another node that may represent the ledger, by its libp2p peer id; `expires` in ms since the epoch, null: until
 * revoked.
 */
export type AuthorizeNodeMeta = { peer_id: string; expires: number | null }
export type RevokeNodeMeta = { peer_id: string }

const NETWORK = /^[a-z0-9-]{1,32}$/
const PEER_ID = /^[1-9A-HJ-NP-Za-km-z]{1,128}$/

export function isNetworkName(value: unknown): value is string {
  return typeof value === 'string' && NETWORK.test(value)
}

export function isPeerIdText(value: unknown): value is string {
  return typeof value === 'string' && PEER_ID.test(value)
}

const RESERVED = /^(?:ledger|trust|transaction)\./

/** Types that generic append and push refuse. */
export function isReservedType(type: string): boolean {
  return RESERVED.test(type)
}

/**
 * Types that decide the validity of a chain. `ledger.resolution` (conflict/resolution.ts) must never be in here:
 * programs that do not know the type accept its entries with any meta, so a ledger that is valid for them would be
 * invalid here.
 */
const CHECKS: Record<string, (meta: unknown) => boolean> = {
  'ledger.genesis': (meta) =>
    hasExactly(meta, ['access', 'name', 'network', 'next_key_hash']) &&
    isNetworkName(meta.network) &&
    isName(meta.name) &&
    (meta.access === 'public' || meta.access === 'private') &&
    isHashOrNull(meta.next_key_hash),
  'ledger.rotate-key': (meta) => hasExactly(meta, ['next_key_hash']) && isHashOrNull(meta.next_key_hash),
  'ledger.access': (meta) =>
    hasExactly(meta, ['grant', 'revoke', 'trust_milli']) &&
    isList(
      meta.grant,
      (grant) =>
        hasExactly(grant, ['ledger', 'scope']) &&
        isLedgerId(grant.ledger) &&
        ACCESS_SCOPES.includes(grant.scope as AccessScope)
    ) &&
    isList(meta.revoke, isLedgerId) &&
    (meta.trust_milli === null || (isInteger(meta.trust_milli, 1000) && meta.trust_milli > 0)),
  'ledger.erase': (meta) =>
    hasExactly(meta, ['entries']) && isList(meta.entries, isHash) && (meta.entries as unknown[]).length > 0,
  'ledger.authorize-node': (meta) =>
    hasExactly(meta, ['expires', 'peer_id']) &&
    isPeerIdText(meta.peer_id) &&
    (meta.expires === null || isInteger(meta.expires, MAX_TIMESTAMP_MS)),
  'ledger.revoke-node': (meta) => hasExactly(meta, ['peer_id']) && isPeerIdText(meta.peer_id)
}

interface LedgerHeader {
  type: string
  key: string
  meta: unknown
  payload_hash: Hash | null
}

/** Part of the header's grammar: checks the schema of a known `ledger.*` type. False: not such a type. */
export function checkLedgerMeta(header: LedgerHeader): boolean {
  if (!header.type.startsWith('ledger.') || !Object.hasOwn(CHECKS, header.type)) return false
  if (!CHECKS[header.type]!(header.meta)) throw new LedgermeshError('MALFORMED', `header: meta of ${header.type}`)
  if (header.payload_hash !== null) throw new LedgermeshError('MALFORMED', `header: ${header.type} has no payload`)
  if (setsKey(header) && !isLedgerKey(fromHex(header.key)))
    throw new LedgermeshError('BAD_KEY', `the key of ${header.type} is not a usable Ed25519 key`)
  return true
}

/** The types whose meta is checked above, and the shape of it. */
export interface LedgerMetas {
  'ledger.genesis': GenesisMeta
  'ledger.rotate-key': RotateKeyMeta
  'ledger.access': AccessMeta
  'ledger.erase': EraseMeta
  'ledger.authorize-node': AuthorizeNodeMeta
  'ledger.revoke-node': RevokeNodeMeta
}

/** Is this decoded header, or view of an entry, of that type? Then its meta follows the grammar of the type. */
export function isOfType<T extends keyof LedgerMetas, H extends { type: string; meta: object }>(
  entry: H,
  type: T
): entry is H & { type: T; meta: LedgerMetas[T] } {
  return entry.type === type
}

/** Key entries: each puts its own `key` in force, and commits to the next one. */
export function setsKey(header: { type: string }): boolean {
  return header.type === 'ledger.genesis' || header.type === 'ledger.rotate-key'
}

function isHashOrNull(value: unknown): boolean {
  return value === null || isHash(value)
}

function isList(value: unknown, check: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= MAX_LIST && value.every(check)
}
