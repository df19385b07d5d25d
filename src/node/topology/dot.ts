import { edgeLabel, nodeLabel } from './label.js'
import type { Topology, TopologyEdge } from '../api/topology.js'

const STYLES: Record<TopologyEdge['type'], string> = {
  sync: 'color="#1f77b4"',
  reference: 'color="#7f7f7f", style=dashed',
  trust: 'color="#2ca02c", penwidth=2'
}

/** Graphviz: `dot -Tsvg`. */
export function toDot({ nodes, edges }: Topology): string {
  return [
    'digraph ledgermesh {',
    '  rankdir=LR;',
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=10];',
    ...nodes.map(
      (node) =>
        `  ${quote(node.id)} [label=${quote(nodeLabel(node))}${node.own ? ', penwidth=2' : ''}${node.frozen ? ', color=red' : ''}];`
    ),
    ...edges.map(
      (edge) => `  ${quote(edge.from)} -> ${quote(edge.to)} [label=${quote(edgeLabel(edge))}, ${STYLES[edge.type]}];`
    ),
    '}',
    ''
  ].join('\n')
}

/** A quoted string; Graphviz also reads backslash escapes and HTML entities in labels. */
function quote(text: string): string {
  return `"${text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
