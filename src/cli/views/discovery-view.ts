import type { Discovery, RegisteredAt } from '../../node/api.js'
import { showAgo, showTable, showTime } from '../format.js'

export function showDiscovery ({ nodes, contradictions }: Discovery): string {
  const found = nodes.length === 0 ? 'Nobody was found.' : showTable(['PEER', 'NAME', 'LEDGER', 'PROOF', 'STATUS', 'SEEN', 'FOUND BY', 'CAPABILITIES'], nodes.map((node) => [
    node.peer, node.name ?? '-', node.ledger ?? '?', node.proof, node.status, node.lastSeen === null ? 'never' : showAgo(node.lastSeen), node.sources.join(', '), node.capabilities.join(', ') || '-'
  ]))
  if (contradictions.length === 0) return found
  return `${found}\nThese do not fit:\n${contradictions.map(({ source, problem }) => `- ${source}: ${problem}`).join('\n')}`
}

export function showRegistered (registered: RegisteredAt[]): string {
  return registered.map(({ registry, expires }) => `Registered at ${registry} until ${showTime(expires)}; renewed while this node runs.`).join('\n')
}
