import { toDot } from './dot.js'
import { toGexf } from './gexf.js'
import { toMermaid } from './mermaid.js'
import type { Topology, TopologyFormat } from '../api/topology.js'

const EXPORTS: Record<TopologyFormat, (topology: Topology) => string> = {
  json: (topology) => JSON.stringify(topology, null, 2),
  dot: toDot,
  mermaid: toMermaid,
  gexf: toGexf
}

/** The map as text in one of the formats. Names come from unknown nodes: they are escaped as the format requires. */
export function exportTopology(topology: Topology, format: TopologyFormat): string {
  return EXPORTS[format](topology)
}
