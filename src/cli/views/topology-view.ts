/** The network as a tree: each ledger, and below it what it does with others. */
import type { Topology } from '../../node/api.js'
import { safeText, shortId } from '../../node/topology/label.js'
import type { SyncEdge, TopologyEdge, TopologyNode } from '../../node/topology/types.js'
import { showAgo, showCount, showTime, shorten } from '../format.js'

/** Ledgers and lines below one of them; more are counted, not shown. */
const MAX_LEDGERS = 50
const MAX_LINES = 20
const NAME_CHARS = 32

export function showTopology (topology: Topology): string {
  const { nodes, edges } = topology
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const outgoing = Map.groupBy(edges, ({ from }) => from)
  const blocks = nodes.slice(0, MAX_LEDGERS).map((node) => {
    const lines = [...node.nodes.map((one) => nodeLine(one, node, topology.selfPeer)), ...(outgoing.get(node.id) ?? []).map((edge) => edgeLine(edge, byId.get(edge.to)!))]
    return [ledgerLine(node), ...branches(lines)].join('\n')
  })
  if (nodes.length > MAX_LEDGERS) blocks.push(`… and ${showCount(nodes.length - MAX_LEDGERS, 'more ledger')}: --format json has them all.`)
  return [...blocks, summary(topology)].join('\n\n')
}

function branches (lines: string[]): string[] {
  const shown = lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES - 1), `… and ${showCount(lines.length - MAX_LINES + 1, 'more line')}: --format json has them all`]
  return shown.map((line, at) => `${at === shown.length - 1 ? '╰─' : '├─'} ${line}`)
}

function ledgerLine (node: TopologyNode): string {
  const { own, followed, size, status, stall, access, frozen } = node
  const facts = [own ? 'this node\'s own' : followed ? 'followed' : size === null ? 'not held' : 'held, not followed']
  if (size !== null) facts.push(showCount(size, 'entry'))
  if (!own && status !== null) facts.push(stall === null ? status : `${status}: ${stall}`)
  if (access === 'private') facts.push('private')
  if (frozen) facts.push('FROZEN: there is evidence against its author')
  if (node.metadata?.region != null) facts.push(`region ${shorten(safeText(node.metadata.region), NAME_CHARS)}`)
  return `${own ? '●' : '○'} ${nameOf(node)}  ${facts.join(', ')}`
}

function nodeLine ({ peer, addrs, connected, proven, lastSeen }: TopologyNode['nodes'][number], { size }: TopologyNode, selfPeer: string): string {
  const state = peer === selfPeer ? 'this node' : connected ? 'connected' : lastSeen === null ? 'never met' : `seen ${showAgo(lastSeen)}`
  // Only the chain says who may speak for a ledger.
  const doubt = proven ? '' : size === null ? ', unproven (not held)' : ', UNPROVEN: it may not speak for this ledger'
  return `node     ${safeText(peer)}  ${state}${doubt}  ${safeText(addrs[0]?.split('/p2p/')[0] ?? '')}`.trimEnd()
}

function edgeLine (edge: TopologyEdge, to: TopologyNode): string {
  const target = `${edge.config.bidirectional ? '⇄' : '→'} ${nameOf(to)}`
  switch (edge.type) {
    case 'sync': return `mirrors  ${target}  ${syncFacts(edge)}`
    case 'reference': {
      const { count, types, unresolved } = edge.config
      const kinds = Object.entries(types).filter(([, times]) => times > 0).map(([type, times]) => `${times} ${type}`)
      return `refers   ${target}  ${showCount(count, 'time')}: ${kinds.join(', ')}${unresolved === 0 ? '' : `; ${unresolved} unresolved`}`
    }
    case 'trust': {
      const { trustLevel, trustType, expires, accepted } = edge.config
      return `trusts   ${target}  ${trustLevel} ${safeText(trustType)}${accepted ? ', accepted' : ''}${expires === null ? '' : `, until ${showTime(expires)}`}`
    }
  }
}

function syncFacts ({ config }: SyncEdge): string {
  if (config.known === 'peer') return `had ${showCount(config.size, 'entry')} when it last asked`
  return `${config.status ?? 'unknown'}, ${showCount(config.size, 'entry')}${config.filters === null ? '' : ', filtered'}`
}

function nameOf ({ name, id }: TopologyNode): string {
  return name === null ? shortId(id) : `${shorten(safeText(name), NAME_CHARS)} (${shortId(id)})`
}

function summary ({ nodes, edges, references, truncated }: Topology): string {
  const count = (type: TopologyEdge['type']): number => edges.filter((edge) => edge.type === type).length
  const lines = [`${showCount(nodes.length, 'ledger')}; edges: ${count('sync')} mirror, ${count('reference')} refer, ${count('trust')} trust.  ⇄ both ways`]
  if (references.counted < references.held) lines.push(`References are still being counted: ${references.counted} of ${showCount(references.held, 'entry')}. Ask again.`)
  if (truncated) lines.push('More is known than fits here: the least connected ledgers and edges are left out.')
  return lines.join('\n')
}
