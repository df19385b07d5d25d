import { edgeLabel, nodeLabel, safeText } from './label.js'
import type { Topology, TopologyEdge, TopologyNode } from '../api/topology.js'

const NODE_ATTRIBUTES: [
  title: string,
  type: string,
  value: (node: TopologyNode) => string | number | boolean | null
][] = [
  ['name', 'string', ({ name }) => (name === null ? null : safeText(name))],
  ['own', 'boolean', ({ own }) => own],
  ['followed', 'boolean', ({ followed }) => followed],
  ['entries', 'long', ({ size }) => size],
  ['status', 'string', ({ status }) => status],
  ['access', 'string', ({ access }) => access],
  ['frozen', 'boolean', ({ frozen }) => frozen],
  ['region', 'string', ({ metadata }) => (metadata?.region == null ? null : safeText(metadata.region))],
  ['connected', 'integer', ({ nodes }) => nodes.filter(({ connected }) => connected).length]
]

/** GEXF 1.3, for Gephi and the like. Edges of several types between the same two are parallel, told apart by `kind`. */
export function toGexf({ at, nodes, edges }: Topology): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">',
    `  <meta lastmodifieddate="${new Date(at).toISOString().slice(0, 10)}"><creator>Ledgermesh</creator></meta>`,
    '  <graph mode="static" defaultedgetype="directed">',
    '    <attributes class="node">',
    ...NODE_ATTRIBUTES.map(([title, type], id) => `      <attribute id="${id}" title="${title}" type="${type}"/>`),
    '    </attributes>',
    '    <nodes>',
    ...nodes.map(nodeElement),
    '    </nodes>',
    '    <edges>',
    ...edges.map(edgeElement),
    '    </edges>',
    '  </graph>',
    '</gexf>',
    ''
  ].join('\n')
}

function nodeElement(node: TopologyNode): string {
  const values = NODE_ATTRIBUTES.map(([, , value], id) => ({ id, value: value(node) })).filter(
    ({ value }) => value !== null
  )
  const attributes = values.map(({ id, value }) => `<attvalue for="${id}" value="${escape(String(value))}"/>`).join('')
  return `      <node id="${escape(node.id)}" label="${escape(nodeLabel(node))}"><attvalues>${attributes}</attvalues></node>`
}

function edgeElement(edge: TopologyEdge, id: number): string {
  return `      <edge id="${id}" source="${escape(edge.from)}" target="${escape(edge.to)}" kind="${edge.type}" label="${escape(edgeLabel(edge))}" weight="${weightOf(edge)}"/>`
}

function weightOf(edge: TopologyEdge): number {
  return edge.type === 'reference' ? edge.config.count : edge.type === 'trust' ? edge.config.trustLevel : 1
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char]!)
}
