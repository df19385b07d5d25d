import { edgeLabel, nodeLabel } from './label.js'
import type { Topology, TopologyEdge } from '../api/topology.js'

const ARROWS: Record<TopologyEdge['type'], string> = { sync: '-->', reference: '-.->', trust: '==>' }

/** A Mermaid flowchart. */
export function toMermaid({ nodes, edges }: Topology): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]))
  return [
    'flowchart LR',
    ...nodes.map(
      (node) =>
        `  ${names.get(node.id)!}${node.own ? `(["${escape(nodeLabel(node))}"])` : `["${escape(nodeLabel(node))}"]`}`
    ),
    ...edges.map(
      (edge) => `  ${names.get(edge.from)!} ${ARROWS[edge.type]}|"${escape(edgeLabel(edge))}"| ${names.get(edge.to)!}`
    ),
    ...nodes.filter(({ frozen }) => frozen).map(({ id }) => `  style ${names.get(id)!} stroke:#d62728`),
    ''
  ].join('\n')
}

/** Characters with a meaning in Mermaid or HTML are replaced by their code points. */
function escape(text: string): string {
  return text.replace(/[^\p{L}\p{N} .:()…_-]/gu, (char) => `#${char.codePointAt(0)!};`)
}
