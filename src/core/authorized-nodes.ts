/** Which nodes beside the keyholder's own may speak for a ledger, from its own entries. */
import { isOfType, type AuthorizeNodeMeta, type RevokeNodeMeta } from './ledger-types.js'

export type NodeStatement =
  | { type: 'ledger.authorize-node'; seq: number; meta: AuthorizeNodeMeta }
  | { type: 'ledger.revoke-node'; seq: number; meta: RevokeNodeMeta }

/** By peer id. `expires` in ms since the epoch, null: until revoked. */
export type AuthorizedNodes = Map<string, { seq: number; expires: number | null }>

/** Nodes of one ledger that count; beyond it the one authorised longest ago does not. */
export const MAX_AUTHORIZED_NODES = 256

/** What an entry says that the fold reads; null: it says nothing of nodes. */
export function nodeStatement(entry: { type: string; seq: number; meta: object }): NodeStatement | null {
  const { seq } = entry
  if (isOfType(entry, 'ledger.authorize-node')) return { type: entry.type, seq, meta: entry.meta }
  if (isOfType(entry, 'ledger.revoke-node')) return { type: entry.type, seq, meta: entry.meta }
  return null
}

/** Folds statements in chain order into `nodes`: the latest word on a peer counts. */
export function foldAuthorizedNodes(
  statements: Iterable<NodeStatement>,
  nodes: AuthorizedNodes = new Map()
): AuthorizedNodes {
  for (const { type, seq, meta } of statements) {
    nodes.delete(meta.peer_id)
    if (type === 'ledger.revoke-node') continue
    nodes.set(meta.peer_id, { seq, expires: meta.expires })
    if (nodes.size > MAX_AUTHORIZED_NODES) nodes.delete(nodes.keys().next().value!)
  }
  return nodes
}

/** Statements of the branch that is held, from what evidence disputes: they take away, and give nothing (R6). */
export function restrictNodes(statements: Iterable<NodeStatement>, nodes: AuthorizedNodes): AuthorizedNodes {
  for (const { type, meta } of statements) {
    const found = nodes.get(meta.peer_id)
    if (found === undefined) continue
    if (type === 'ledger.revoke-node') nodes.delete(meta.peer_id)
    else if (meta.expires !== null && meta.expires < (found.expires ?? Infinity))
      nodes.set(meta.peer_id, { ...found, expires: meta.expires })
  }
  return nodes
}

/** May the peer speak for the ledger at `now`, as far as its first `size` entries say? */
export function isAuthorizedNode(nodes: AuthorizedNodes, peer: string, now: number, size: number): boolean {
  const found = nodes.get(peer)
  return found !== undefined && found.seq < size && (found.expires === null || found.expires > now)
}
