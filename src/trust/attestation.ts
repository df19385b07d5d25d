/**
 * What the reserved types `trust.*` say. They are entries of stream `trust` in the ledger of whoever says it, with
 * everything in `meta` and no payload. Whether such an entry is valid does not depend on this (DESIGN §2): a malformed
 * one is an entry that says nothing.
 */
import { hasExactly, isInteger } from '../core/grammar.js'
import { isHash, type Hash } from '../core/hash.js'
import type { Header } from '../core/header.js'
import { isLedgerId, type LedgerId } from '../core/ledger-id.js'
import { MAX_TIMESTAMP_MS } from '../core/limits.js'
import { MAX_DEPTH, MAX_LEVEL_MILLI } from './limits.js'

export const TRUST_STREAM = 'trust'
export const TRUST_KINDS = ['full', 'partial', 'query-only', 'sync-only'] as const
/** `full`: sync, query, may vouch for others; `partial`: sync and query; the others: what they are called. */
export type TrustKind = (typeof TRUST_KINDS)[number]

/**
 * `meta` of a `trust.attestation` entry: the subject, a level of 0–1000, the kind, how many hops it vouches for (0–3),
 * and when it ends (ms since the epoch; null: when revoked).
 */
export interface AttestationMeta {
  subject: LedgerId
  /** 0–1000; 0 is an answer too: "not trusted". */
  level_milli: number
  kind: TrustKind
  /** Hops that a path may have behind the subject, 0–3. It matters only for `full`. */
  depth: number
  /** The first millisecond since the Unix epoch at which it no longer holds; null: until it is revoked. */
  expires: number | null
}
/** Ends an own earlier attestation. */
export interface RevocationMeta {
  attestation: Hash
}
/** The subject agrees with being attested: `ledger` is the issuer's. */
export interface AcceptanceMeta {
  ledger: LedgerId
  attestation: Hash
}
/** A third ledger has checked what `ledger` attests; the latest word of a verifier on an attestation counts. */
export interface VerificationMeta {
  ledger: LedgerId
  attestation: Hash
  confirmed: boolean
}

interface Said {
  /** The ledger that the entry is in: who says it. */
  issuer: LedgerId
  seq: number
  hash: Hash
  /** The issuer's claim, in ms; it orders nothing. */
  timestamp: number
}

/** An attestation with the entry that says it. */
export type AttestationStatement = Said & AttestationMeta & { type: 'trust.attestation' }
export type RevocationStatement = Said & RevocationMeta & { type: 'trust.revocation' }
export type AcceptanceStatement = Said & AcceptanceMeta & { type: 'trust.acceptance' }
export type VerificationStatement = Said & VerificationMeta & { type: 'trust.verification' }
export type TrustStatement = AttestationStatement | RevocationStatement | AcceptanceStatement | VerificationStatement

const CHECKS: Record<TrustStatement['type'], (meta: unknown) => boolean> = {
  'trust.attestation': (meta) =>
    hasExactly(meta, ['depth', 'expires', 'kind', 'level_milli', 'subject']) &&
    isLedgerId(meta.subject) &&
    isInteger(meta.level_milli, MAX_LEVEL_MILLI) &&
    TRUST_KINDS.includes(meta.kind as TrustKind) &&
    isInteger(meta.depth, MAX_DEPTH) &&
    (meta.expires === null || isInteger(meta.expires, MAX_TIMESTAMP_MS)),
  'trust.revocation': (meta) => hasExactly(meta, ['attestation']) && isHash(meta.attestation),
  'trust.acceptance': (meta) =>
    hasExactly(meta, ['attestation', 'ledger']) && isHash(meta.attestation) && isLedgerId(meta.ledger),
  'trust.verification': (meta) =>
    hasExactly(meta, ['attestation', 'confirmed', 'ledger']) &&
    isHash(meta.attestation) &&
    typeof meta.confirmed === 'boolean' &&
    isLedgerId(meta.ledger)
}

export function isTrustType(type: string): type is TrustStatement['type'] {
  return Object.hasOwn(CHECKS, type)
}

/** Is this what an entry of that type must carry? For refusing a draft before it is signed. */
export function isTrustMeta(type: string, meta: unknown): boolean {
  return isTrustType(type) && CHECKS[type](meta)
}

/**
 * What an entry says about trust; `hash` is the entry's. Null: nothing, because it is of another type, malformed, or
 * about the issuer itself (nobody vouches for, accepts or verifies his own word). Never throws.
 */
export function readTrust(header: Header, hash: Hash): TrustStatement | null {
  const { type, ledger: issuer, seq, timestamp } = header
  if (
    issuer === null ||
    header.stream !== TRUST_STREAM ||
    header.payload_hash !== null ||
    !isTrustMeta(type, header.meta)
  )
    return null
  if (header.meta.subject === issuer || header.meta.ledger === issuer) return null
  // the check of this type has seen every member of the meta; TypeScript cannot join it with `type` to one of the union
  return { ...header.meta, type, issuer, seq, hash, timestamp } as unknown as TrustStatement
}
