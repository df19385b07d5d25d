/** What refers to what. */
import type {
  FollowedReferences,
  Frontier,
  References,
  ReferenceStates,
  NamedReference
} from '../../node/api/references.js'
import { showCount, showTime } from '../format.js'
import { showTable } from '../table.js'

export function showReferences({ entry, references, more }: References): string {
  if (references.length === 0) return 'It refers to nothing that counts here, and nothing held here refers to it.'
  const out = references.filter(({ from }) => from.ledger === entry.ledger && from.hash === entry.hash)
  const back = references.filter((edge) => !out.includes(edge))
  return [
    ...(out.length === 0 ? [] : [`It refers to:\n${showEdges(out, 'to')}`]),
    ...(back.length === 0 ? [] : [`To it refer:\n${showEdges(back, 'from')}`]),
    ...(more ? ['There are more: ask with a higher --limit.'] : [])
  ].join('\n\n')
}

function showEdges(edges: NamedReference[], end: 'from' | 'to'): string {
  return showTable(
    ['LEDGER', 'ENTRY', 'TYPE', 'STATUS'],
    edges.map((edge) => [
      edge[end].ledger,
      edge[end].id,
      edge.where === 'header' ? edge.type : `${edge.type} (payload)`,
      edge.status
    ])
  )
}

export function showReferenceStates({ counts, complete, references, nextCursor }: ReferenceStates): string {
  const numbers = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ')
  return [
    ...(references.length === 0
      ? []
      : [
          showTable(
            ['ENTRY', 'REFERS TO', 'IN LEDGER', 'TYPE', 'STATUS', 'SINCE'],
            references.map(({ from, to, type, status, since }) => [
              from.id,
              to.id,
              to.ledger,
              type,
              status,
              showTime(since)
            ])
          )
        ]),
    `In all: ${numbers === '' ? 'no references' : numbers}${complete ? '' : '; not all entries are looked at yet'}.`,
    ...(nextCursor === null ? [] : [`There are more: --cursor ${nextCursor}`])
  ].join('\n\n')
}

/** Entries by their distance, then where it stopped. */
export function showFollowed({ nodes, edges, frontier, complete }: FollowedReferences): string {
  const entries = showTable(
    ['STEPS', 'LEDGER', 'ENTRY', 'STREAM', 'TYPE'],
    nodes.map(({ entry, depth }) => [String(depth), entry.ledger, entry.id, entry.stream, entry.type])
  )
  const wrong = edges.filter(({ status }) => status === 'contradicted' || status === 'disputed')
  return [
    entries,
    ...(wrong.length === 0
      ? []
      : [
          `These are not what they say, or stand behind a freeze:\n${showTable(
            ['ENTRY', 'REFERS TO', 'IN LEDGER', 'STATUS'],
            wrong.map(({ from, to, status }) => [from.id, to.id, to.ledger, status])
          )}`
        ]),
    complete
      ? `All of it: ${showCount(nodes.length, 'entry')}, ${showCount(edges.length, 'reference')}.`
      : `Not all of it. It stopped at:\n${showTable(
          ['LEDGER', 'ENTRY', 'BECAUSE'],
          frontier.map(({ to, reason }) => [to.ledger, to.id, BECAUSE[reason]])
        )}`
  ].join('\n\n')
}

const BECAUSE: Record<Frontier['reason'], string> = {
  depth: 'so many steps were asked for (--max-depth)',
  fan_out: 'it has more references than --fan-out',
  total: 'so many entries were asked for (--total)',
  deadline: 'the time was over (--deadline-ms)',
  untrusted: 'its ledger is not trusted so far (--min-trust-milli)',
  unresolved: 'it is not held here, and no peer has sent it: follow its ledger, or use trace-across'
}
