/** The input of an append, and the checked form that it is read into before anything else uses it. */
import { canonicalize, type Json, type JsonObject } from '../../core/canonical.js'
import { LedgermeshError } from '../../core/errors.js'
import { isInteger, isName, isObject } from '../../core/grammar.js'
import { isHash, type Hash } from '../../core/hash.js'
import { isIString } from '../../core/ijson.js'
import { copyJson, findBadString, type JsonLimits } from '../../core/json-value.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { isReservedType } from '../../core/ledger-types.js'
import {
  MAX_HEADER_BYTES,
  MAX_HEADER_DEPTH,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  MAX_REFERENCES,
  MAX_TIMESTAMP_MS
} from '../../core/limits.js'
import { readOptions, refuseUnknown, type Members } from '../../core/options.js'
import { REFERENCE_TYPES, type ReferenceType } from '../../core/reference.js'

/**
 * A pointer to an entry of another ledger, as a caller gives it. A given hash is compared with the held entry;
 * otherwise the entry is looked up.
 */
export interface ReferenceInput {
  ledgerId: LedgerId
  entryId: string
  referenceType: ReferenceType
  entryHash?: Hash | null | undefined
}

/**
 * An entry that a caller wants signed. Everything but `payload` becomes part of the header, which is public and
 * permanent.
 */
export interface AppendInput {
  /**
   * Makes the append idempotent: repeated with the same content it returns the stored entry, with other content
   * ID_TAKEN. Not `tx:…`. Default: a UUIDv7.
   */
  id?: string | undefined
  stream: string
  type: string
  issuer_oid?: string | null | undefined
  subject_oid?: string | null | undefined
  /** Any JSON; null and absent both mean: no payload. */
  payload?: Json | undefined
  meta?: JsonObject | undefined
  /** Becomes `meta.crossLedgerRefs`; give one or the other. */
  references?: ReferenceInput[] | undefined
  /** ms since the epoch; default: now. */
  timestamp?: number | undefined
}

/** How an append treats references that cannot be checked here. */
export interface AppendOptions {
  /**
   * Write references whose target is not held with the hash given, or null, instead of refusing (REFERENCE_UNRESOLVED).
   * Default false.
   */
  allowUnresolved?: boolean
  /**
   * Write references to private ledgers into a public one, where they reveal the ids of these ledgers to everyone,
   * permanently, instead of refusing (REFERENCE_PRIVATE). Default false.
   */
  allowPrivateTarget?: boolean
  /**
   * Append only while exactly these claims (by hash) exist for the entry's key; else STALE. References that record that
   * they were seen are added. For a single entry.
   */
  expect?: { rule: string; siblings: Hash[] }
}

/** The caller may write reserved types, ids and `meta.sync` (the node's own entries). */
export type Authority = 'caller' | 'node'

/** An input that was read and checked: the caller can no longer change it. */
export interface ReadInput {
  id: string | undefined
  stream: string
  type: string
  issuer_oid: string | null
  subject_oid: string | null
  /** Canonical text; null: no payload. */
  payload: string | null
  /** Canonical text, without crossLedgerRefs. */
  meta: string
  references: readonly ReferenceInput[]
  timestamp: number | undefined
}

const MEMBERS: readonly (keyof AppendInput)[] = [
  'id',
  'stream',
  'type',
  'issuer_oid',
  'subject_oid',
  'payload',
  'meta',
  'references',
  'timestamp'
]
const APPEND_OPTIONS: Members<AppendOptions> = { allowUnresolved: true, allowPrivateTarget: true, expect: true }
const EXPECT: Members<NonNullable<AppendOptions['expect']>> = { rule: true, siblings: true }
const REFERENCE_MEMBERS: readonly (keyof ReferenceInput)[] = ['ledgerId', 'entryId', 'referenceType', 'entryHash']
const NAME = 'is 1 to 128 bytes without control characters or noncharacters'
/** Ids of the entries that a transaction writes. */
const RESERVED_ID = 'tx:'
const PAYLOAD_LIMITS: JsonLimits = { maxDepth: MAX_PAYLOAD_DEPTH - 1, maxBytes: MAX_PAYLOAD_BYTES }
const META_LIMITS: JsonLimits = { maxDepth: MAX_HEADER_DEPTH - 1, maxBytes: MAX_HEADER_BYTES }

/**
 * Reads an input, the same way for every interface. Throws INVALID_PARAMS for a value that is not an input, MALFORMED
 * or TOO_LARGE for a payload or meta that no entry can have, RESERVED_TYPE and RESERVED_ID for types and ids that
 * callers must not write. Null members count as absent.
 */
export function readInput(input: AppendInput, authority: Authority): ReadInput {
  if (!isObject(input)) throw invalid('an entry to append is an object')
  refuseUnknown(input, MEMBERS, 'member')
  const { id, stream, type, payload, meta, references, timestamp } = input as AppendInput
  const issuer = input.issuer_oid ?? null
  const subject = input.subject_oid ?? null
  for (const [member, value] of Object.entries({ stream, type })) if (!isName(value)) throw invalid(`${member} ${NAME}`)
  for (const [member, value] of Object.entries({ id, issuer_oid: issuer, subject_oid: subject }))
    if (value != null && !isName(value)) throw invalid(`${member} ${NAME}`)
  if (timestamp != null && !isInteger(timestamp, MAX_TIMESTAMP_MS))
    throw invalid(`timestamp is a whole number of ms, 0 to ${MAX_TIMESTAMP_MS}`)
  if (meta != null && !isObject(meta)) throw invalid('meta is an object')
  if (authority === 'caller') {
    if (isReservedType(type)) throw new LedgermeshError('RESERVED_TYPE', `type ${type} is reserved`)
    if (id?.startsWith(RESERVED_ID) === true) throw new LedgermeshError('RESERVED_ID', `the id ${id} is reserved`)
    if (meta?.sync !== undefined) throw new LedgermeshError('RESERVED_TYPE', 'meta.sync is written by adopt only')
  }
  const { crossLedgerRefs, ...rest } = meta ?? {}
  if (references != null && crossLedgerRefs !== undefined)
    throw invalid('give references or meta.crossLedgerRefs, not both')
  return {
    id: id ?? undefined,
    stream,
    type,
    issuer_oid: issuer as string | null,
    subject_oid: subject as string | null,
    payload: payload == null ? null : readJson(payload, 'payload', PAYLOAD_LIMITS),
    meta: readJson(rest, 'meta', META_LIMITS),
    references: readReferences(references ?? crossLedgerRefs ?? []),
    timestamp: timestamp ?? undefined
  }
}

/** Throws INVALID_PARAMS. */
export function readAppendOptions(options: AppendOptions | undefined): AppendOptions {
  const read = readOptions(options, APPEND_OPTIONS)
  if (read.expect === undefined) return read
  const { rule, siblings } = readOptions(read.expect, EXPECT, 'member')
  if (typeof rule !== 'string' || !Array.isArray(siblings) || !siblings.every(isHash))
    throw invalid('expect is {rule, siblings: [hash, …]}')
  return { ...read, expect: { rule, siblings: [...siblings] } }
}

/** All of one commit. */
export function readInputs(inputs: AppendInput[], authority: Authority): ReadInput[] {
  if (!Array.isArray(inputs)) throw invalid('entries to append are a list')
  return inputs.map((input) => readInput(input, authority))
}

/** An input with the same contents, for hooks to read and change. */
export function writeInput({ id, payload, meta, references, timestamp, ...rest }: ReadInput): AppendInput {
  return {
    ...rest,
    ...(id === undefined ? {} : { id }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(payload === null ? {} : { payload: JSON.parse(payload) as Json }),
    meta: JSON.parse(meta) as JsonObject,
    references: references.map((reference) => ({ ...reference }))
  }
}

function readJson(value: unknown, name: string, limits: JsonLimits): string {
  const copy = copyJson(value, name, limits)
  let text: string | null = null
  try {
    text = canonicalize(copy)
  } catch (error) {
    if (!(error instanceof LedgermeshError)) throw error // a lone surrogate: said with its place below
  }
  if (text !== null && isIString(text)) return text
  const path = findBadString(copy, name, isIString)
  throw new LedgermeshError('MALFORMED', `${path} has a lone surrogate or a noncharacter`, { path })
}

function readReferences(given: unknown): ReferenceInput[] {
  if (!Array.isArray(given) || given.length > MAX_REFERENCES || !given.every(isReferenceInput)) {
    throw invalid(
      `references: at most ${MAX_REFERENCES} of {ledgerId, entryId, referenceType: ${REFERENCE_TYPES.join(' | ')}, entryHash?}`
    )
  }
  return given.map(({ ledgerId, entryId, referenceType, entryHash }) => ({
    ledgerId,
    entryId,
    referenceType,
    ...(entryHash == null ? {} : { entryHash })
  }))
}

function isReferenceInput(value: unknown): value is ReferenceInput {
  return (
    isObject(value) &&
    Object.keys(value).every((key) => REFERENCE_MEMBERS.includes(key as keyof ReferenceInput)) &&
    isLedgerId(value.ledgerId) &&
    isName(value.entryId) &&
    REFERENCE_TYPES.includes(value.referenceType as ReferenceType) &&
    (value.entryHash == null || isHash(value.entryHash))
  )
}

function invalid(what: string): LedgermeshError {
  return new LedgermeshError('INVALID_PARAMS', what)
}
