/** The network as a tree: each ledger, and below it what it does with others. */
import type { Topology } from '../../node/api/node.js'
import type { SyncEdge, TopologyEdge, TopologyNode } from '../../node/api/topology.js'
import { showAgo, showCount, showTime, shorten } from '../format.js'
import { screenColumns, wrapLine } from '../layout.js'
import { visible } from '../visible.js'

/** Ledgers and lines below one of them; more are counted, not shown. */
const MAX_LEDGERS = 50
const MAX_LINES = 20
/** What stands before a line of a tree, and where such a line goes on. */
const BRANCH_COLUMNS = 3
const CONTINUED = ' '.repeat(9)
const NAME_COLUMNS = 32
const ADDRESS_COLUMNS = 64
/** Characters that tell ledgers and peers apart, and that every command takes for them. */
const ID_CHARS = 12
const PEER_CHARS = 16

export function showTopology(topology: Topology): string {
  const { nodes, edges } = topology
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const outgoing = Map.groupBy(edges, ({ from }) => from)
  const blocks = nodes.slice(0, MAX_LEDGERS).map((node) => {
    const lines = [
      ...node.nodes.map((one) => nodeLine(one, node, topology.selfPeer)),
      ...(outgoing.get(node.id) ?? []).map((edge) => edgeLine(edge, byId.get(edge.to)!))
    ]
    return [ledgerLine(node), ...branches(lines)].join('\n')
  })
  if (nodes.length > MAX_LEDGERS)
    blocks.push(`… and ${showCount(nodes.length - MAX_LEDGERS, 'more ledger')}: --format json has them all.`)
  return [...blocks, summary(topology)].join('\n\n')
}

function branches(lines: string[]): string[] {
  const shown =
    lines.length <= MAX_LINES
      ? lines
      : [
          ...lines.slice(0, MAX_LINES - 1),
          `… and ${showCount(lines.length - MAX_LINES + 1, 'more line')}: --format json has them all`
        ]
  return shown.flatMap((line, index) => {
    const last = index === shown.length - 1
    return wrapLine(line, screenColumns() - BRANCH_COLUMNS, CONTINUED).map(
      (part, row) => `${row > 0 ? (last ? '  ' : '│ ') : last ? '╰─' : '├─'} ${part}`
    )
  })
}

function ledgerLine(node: TopologyNode): string {
  const { own, followed, size, status, stall, access, frozen } = node
  const facts = [own ? "this node's own" : followed ? 'followed' : size === null ? 'not held' : 'held, not followed']
  if (size !== null) facts.push(showCount(size, 'entry'))
  if (!own && status !== null) facts.push(stall === null ? status : `${status}: ${stall}`)
  if (access === 'private') facts.push('private')
  if (frozen) facts.push('FROZEN: there is evidence against its author')
  if (node.metadata?.region != null) facts.push(`region ${shorten(node.metadata.region, NAME_COLUMNS)}`)
  return `${own ? '●' : '○'} ${nameOf(node)}  ${facts.join(', ')}`
}

function nodeLine(
  { peer, addrs, connected, proven, lastSeen }: TopologyNode['nodes'][number],
  { size }: TopologyNode,
  selfPeer: string
): string {
  const state =
    peer === selfPeer
      ? 'this node'
      : connected
        ? 'connected'
        : lastSeen === null
          ? 'never met'
          : `seen ${showAgo(lastSeen)}`
  // Only the chain says who may speak for a ledger.
  const doubt = proven ? '' : size === null ? ', unproven (not held)' : ', UNPROVEN: it may not speak for this ledger'
  return `node     ${visible(peer.slice(0, PEER_CHARS))}  ${state}${doubt}  ${shorten(addrs[0]?.split('/p2p/')[0] ?? '', ADDRESS_COLUMNS)}`.trimEnd()
}

function edgeLine(edge: TopologyEdge, to: TopologyNode): string {
  const target = `${edge.config.bidirectional ? '⇄' : '→'} ${nameOf(to)}`
  switch (edge.type) {
    case 'sync':
      return `mirrors  ${target}  ${syncFacts(edge)}`
    case 'reference': {
      const { count, types, unresolved, contradicted } = edge.config
      const kinds = Object.entries(types)
        .filter(([, times]) => times > 0)
        .map(([type, times]) => `${times} ${type}`)
      return `refers   ${target}  ${showCount(count, 'time')}: ${kinds.join(', ')}${unresolved === 0 ? '' : `; ${unresolved} unresolved`}${contradicted === 0 ? '' : `; ${contradicted} CONTRADICTED by what is held here`}`
    }
    case 'trust': {
      const { trustLevel, trustType, expires, accepted } = edge.config
      return `trusts   ${target}  ${trustLevel} ${shorten(trustType, NAME_COLUMNS)}${accepted ? ', accepted' : ''}${expires === null ? '' : `, until ${showTime(expires)}`}`
    }
  }
}

function syncFacts({ config }: SyncEdge): string {
  if (config.known === 'peer') return `had ${showCount(config.size, 'entry')} when it last asked`
  return `${config.status ?? 'unknown'}, ${showCount(config.size, 'entry')}${config.filters === null ? '' : ', filtered'}`
}

function nameOf({ name, id }: TopologyNode): string {
  return name === null ? id.slice(0, ID_CHARS) : `${shorten(name, NAME_COLUMNS)} (${id.slice(0, ID_CHARS)})`
}

function summary({ nodes, edges, references, truncated }: Topology): string {
  const count = (type: TopologyEdge['type']): number => edges.filter((edge) => edge.type === type).length
  const lines = [
    `${showCount(nodes.length, 'ledger')}; edges: ${count('sync')} mirror, ${count('reference')} refer, ${count('trust')} trust.  ⇄ both ways`
  ]
  if (references.counted < references.held)
    lines.push(
      `References are still being counted: ${references.counted} of ${showCount(references.held, 'entry')}. Ask again.`
    )
  if (truncated) lines.push('Too much to show: the least connected ledgers and edges are left out.')
  return lines.join('\n')
}
