import type { TopologyEdge, TopologyNode } from '../api/topology.js'

/** Characters of a name: other nodes choose theirs. */
const MAX_LABEL_CHARS = 64
const ID_CHARS = 12

/** Names come from others: no control characters, no halves of characters, no line breaks, bounded. */
export function safeText(text: string): string {
  const clean = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu, '\uFFFD')
  const chars = Array.from(clean)
  return chars.length <= MAX_LABEL_CHARS ? clean : `${chars.slice(0, MAX_LABEL_CHARS - 1).join('')}…`
}

/**
 * Enough of a ledger id to tell it from others: to make a second one that begins like it takes some 2^55 signatures.
 */
export function shortId(id: string): string {
  return id.length <= ID_CHARS ? id : `${id.slice(0, ID_CHARS)}…`
}

export function nodeLabel({ name, id }: TopologyNode): string {
  return name === null ? shortId(id) : `${safeText(name)} (${shortId(id)})`
}

export function edgeLabel(edge: TopologyEdge): string {
  switch (edge.type) {
    case 'sync':
      return edge.config.known === 'here' ? `mirrors: ${edge.config.status ?? 'unknown'}` : 'mirrors'
    case 'reference':
      return `refers: ${edge.config.count}`
    case 'trust':
      return `trusts: ${edge.config.trustLevel} ${safeText(edge.config.trustType)}`
  }
}
