/** The rows that entries put into the store for the rules that match them: a function of header and rule. */
import type { Entry } from '../../core/entry.js'
import type { Header } from '../../core/header.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { claimKey, claimKeyOfDigest, seenKey, touchedRows } from '../../store/conflict-keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op } from '../../store/store.js'
import { claimOf } from '../../conflict/claims.js'
import { resolutionOf } from '../../conflict/resolution.js'
import { maySilence } from '../../conflict/rule.js'
import type { StoredRule } from './rule-book.js'

/** Kinds of rows of the seen family, as their first byte. */
export const SEEN = { claim: 0, resolution: 1, copy: 2 } as const
export const SEEN_BY_CLAIM = Buffer.of(SEEN.claim)
const SEEN_BY_RESOLUTION = Buffer.of(SEEN.resolution)

type Claimed = Pick<Entry, 'header' | 'hash'>

/** The ledger of the entries; `own`: it is this node's own. */
export interface ClaimPlace {
  id: LedgerId
  ledgerNumber: number
  own: boolean
}

/** Rows for the entries, and rows that mark their keys to be examined. */
export function claimOps(rules: readonly StoredRule[], place: ClaimPlace, entries: readonly Claimed[]): Op[] {
  const { ops, touched } = claimsOf(rules, place, entries)
  for (const [key, value] of touchedRows(touched)) ops.push({ type: 'put', key, value })
  return ops
}

/** `touched`: keys of rows that mark something to be examined, ascending by seq. */
export function claimsOf(
  rules: readonly StoredRule[],
  place: ClaimPlace,
  entries: readonly Claimed[]
): { ops: Op[]; touched: Buffer[] } {
  const ops: Op[] = []
  const touched: Buffer[] = []
  if (rules.length > 0)
    for (const { header, hash } of entries)
      for (const one of rules) {
        const key = addOps(ops, one, place, header, hash)
        if (key !== null) touched.push(key)
      }
  return { ops, touched }
}

/**
 * The key of its claim or resolution; null: it is neither. References of claims whose author has no authority to
 * overrule others decide nothing, and most references are of that kind: they get no row.
 */
function addOps(
  ops: Op[],
  { number, rule }: StoredRule,
  { id: ledger, ledgerNumber, own }: ClaimPlace,
  header: Header,
  hash: Hash
): Buffer | null {
  const { seq } = header
  const claim = claimOf(rule, ledger, header)
  if (claim !== null) {
    const { id, digest, original } = claim
    const key = claimKeyOfDigest(number, digest, ledgerNumber, seq)
    ops.push({
      type: 'put',
      key,
      value: Buffer.from(original === null ? hash : hash + original, 'hex')
    })
    if (original !== null)
      ops.push({
        type: 'put',
        key: seenKey(number, id, original, ledgerNumber, seq),
        value: Buffer.concat([Buffer.of(SEEN.copy), Buffer.from(hash, 'hex')])
      })
    if (claim.seen.length > 0 && (own || maySilence(rule, ledger)))
      for (const target of claim.seen)
        ops.push({ type: 'put', key: seenKey(number, id, target, ledgerNumber, seq), value: SEEN_BY_CLAIM })
    return key
  }
  const resolution = resolutionOf(rule, header)
  if (resolution === null) return null
  const key = claimKey('resolution', number, resolution.id, ledgerNumber, seq)
  ops.push({ type: 'put', key, value: EMPTY })
  for (const target of resolution.saw)
    ops.push({ type: 'put', key: seenKey(number, resolution.id, target, ledgerNumber, seq), value: SEEN_BY_RESOLUTION })
  return key
}
