/** Which nodes, beside the keyholder's own, may represent a ledger, from the entries of that ledger alone. */
import { isOfType, type AuthorizeNodeMeta, type RevokeNodeMeta } from './ledger-types.js'

export type NodeStatement =
  | { type: 'ledger.authorize-node'; seq: number; meta: AuthorizeNodeMeta }
  | { type: 'ledger.revoke-node'; seq: number; meta: RevokeNodeMeta }

/** By peer id. `expires` in ms since the epoch, null: until revoked. */
export type AuthorizedNodes = Map<string, { seq: number; expires: number | null }>

/** Authorised nodes of one ledger. Beyond this limit the one that was authorised longest ago is ignored. */
export const MAX_AUTHORIZED_NODES = 256

/** The statement of an entry about nodes; null: it has none. */
export function nodeStatement(entry: { type: string; seq: number; meta: object }): NodeStatement | null {
  const { seq } = entry
  if (isOfType(entry, 'ledger.authorize-node')) return { type: entry.type, seq, meta: entry.meta }
  if (isOfType(entry, 'ledger.revoke-node')) return { type: entry.type, seq, meta: entry.meta }
  return null
}

/** Applies statements in chain order to `nodes`: the latest one about a peer counts. */
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

/** Applies statements of the held branch that evidence disputes: they can remove authority but not give it (R6). */
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

/** May the peer represent the ledger at `now`, by the ledger's first `size` entries? */
export function isAuthorizedNode(nodes: AuthorizedNodes, peer: string, now: number, size: number): boolean {
  const found = nodes.get(peer)
  return found !== undefined && found.seq < size && (found.expires === null || found.expires > now)
}
