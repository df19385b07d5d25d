/** Resolves a prefix of a peer id. */
import { LedgermeshError } from '../../core/errors.js'
import { peerKeyOf } from '../../core/peer-key.js'
import type { HandleUse } from '../api/handles.js'
import { MAX_CANDIDATES } from './ledger-handle.js'

/** Every Ed25519 peer id begins with 12D3KooW, so that part does not identify a peer. */
export const MIN_PEER_PREFIX_CHARS = 12

const PEER_PREFIX = new RegExp(`^12D3KooW[1-9A-HJ-NP-Za-km-z]{${MIN_PEER_PREFIX_CHARS - 8},}$`)

/**
 * `known`: peers connected or remembered. A text that is not a prefix of a peer id is returned unchanged, and the
 * caller checks it. Throws SHORT_FORM, AMBIGUOUS or NO_SUCH_NAME.
 */
export function resolvePeer(given: string, known: Iterable<string>, { binds }: HandleUse): string {
  const text = given.replace(/…$/, '')
  if (!PEER_PREFIX.test(text) || peerKeyOf(given) !== null) return given
  const ids = [...new Set(known)].filter((peer) => peer.startsWith(text)).toSorted()
  const details = {
    candidates: ids.slice(0, MAX_CANDIDATES).map((peer) => ({ peer })),
    more: Math.max(0, ids.length - MAX_CANDIDATES)
  }
  if (binds)
    throw new LedgermeshError(
      'SHORT_FORM',
      `${JSON.stringify(given.slice(0, 64))} looks like the beginning of a peer id: what binds takes no short form`,
      details
    )
  if (ids.length === 1) return ids[0]!
  if (ids.length > 1)
    throw new LedgermeshError(
      'AMBIGUOUS',
      `${JSON.stringify(given.slice(0, 64))} is the beginning of ${ids.length} peer ids`,
      details
    )
  throw new LedgermeshError(
    'NO_SUCH_NAME',
    `no peer is known whose id begins with ${JSON.stringify(given.slice(0, 64))}`,
    details
  )
}
