/** What is kept of a ledger that is not held: one row of the store. */
import { hasExactly, isInteger } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { parseText } from '../../core/parse-text.js'
import type { Remembered } from '../../query/types.js'
import { textKey } from '../../store/keys.js'
import type { Op, Row } from '../../store/store.js'

/** Limit of peers per ledger. */
export const MAX_PEERS = 4

export interface Light extends Remembered {
  name: string
  /** The checkpoint itself. */
  note: string
  /** The newest key of the ledger, as hex, and the first entry that it signs. */
  newestKey: { from: number; key: string }
  /** ms since the epoch: when it was last shown. */
  seen: number
  /** Evidence against the author, as text; null: there is none. */
  evidence: string | null
}

const MEMBERS = ['name', 'note', 'size', 'root', 'peers', 'byOwner', 'newestKey', 'seen', 'evidence']

export function putLight(ledger: LedgerId, light: Light): Op {
  return { type: 'put', key: textKey('light', ledger), value: Buffer.from(JSON.stringify(light)) }
}

export function deleteLight(ledger: LedgerId): Op {
  return { type: 'del', key: textKey('light', ledger) }
}

/** Null: it cannot be read, and counts as not there. */
export function readLight([key, value]: Row): { ledger: LedgerId; light: Light } | null {
  const ledger = key.toString('utf8', 1)
  const row = parsed(value)
  return isLedgerId(ledger) && isLight(row) ? { ledger, light: row } : null
}

function parsed(value: Buffer): unknown {
  try {
    return parseText(value.toString())
  } catch {
    return null // damaged
  }
}

function isLight(row: unknown): row is Light {
  return (
    hasExactly(row, MEMBERS) &&
    typeof row.name === 'string' &&
    typeof row.note === 'string' &&
    isInteger(row.size, Number.MAX_SAFE_INTEGER) &&
    row.size > 0 &&
    isHash(row.root) &&
    Array.isArray(row.peers) &&
    row.peers.length <= MAX_PEERS &&
    row.peers.every((peer) => typeof peer === 'string') &&
    typeof row.byOwner === 'boolean' &&
    hasExactly(row.newestKey, ['from', 'key']) &&
    isInteger(row.newestKey.from, row.size) &&
    isHash(row.newestKey.key) &&
    isInteger(row.seen, Number.MAX_SAFE_INTEGER) &&
    (row.evidence === null || typeof row.evidence === 'string')
  )
}
