import type { Discovery, RegisteredAt } from '../../node/api/node.js'
import { showAgo, showTime } from '../format.js'
import { showTable } from '../table.js'

export function showDiscovery({ nodes, contradictions }: Discovery): string {
  const found =
    nodes.length === 0
      ? 'Nobody was found.'
      : showTable(
          ['PEER', 'NAME', 'LEDGER', 'ACCESS', 'PROOF', 'STATUS', 'FOUND BY', 'CAN'],
          nodes.map((node) => [
            node.peer,
            node.name ?? '-',
            node.ledger ?? '?',
            node.access ?? '?',
            node.proof,
            node.status === 'online'
              ? 'online'
              : `${node.status}, seen ${node.lastSeen === null ? 'never' : showAgo(node.lastSeen)}`,
            node.sources.join(', '),
            node.capabilities.join(', ') || '-'
          ])
        )
  if (contradictions.length === 0) return found
  return `${found}\nContradictions:\n${contradictions.map(({ source, problem }) => `- ${source}: ${problem}`).join('\n')}`
}

export function showRegistered(registered: RegisteredAt[]): string {
  return registered
    .map(
      ({ registry, expires }) => `Registered at ${registry} until ${showTime(expires)}; renewed while this node runs.`
    )
    .join('\n')
}
