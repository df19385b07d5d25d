/** From the rounds to lines: our figure, each peer's, the ratio, and the goal it is held against. */
import type { Measure } from '../measure.js'
import type { Figures, Work } from './round.js'
import { sizeOf, type Length, type Results } from './run.js'
import type { SystemName } from './system.js'

export type PeerName = Exclude<SystemName, 'ledgermesh'>
/** `ratio`: us / peer, of the medians. `atLeast`: the goal for it. */
export interface Beside {
  figure: Measure
  entries: number
  ratio: number
  atLeast?: number
  reached?: boolean
}
export interface PeerRow {
  what: string
  entries: number
  unit: 'entries/s' | 'ms'
  us: Measure
  peers: Partial<Record<PeerName, Beside>>
}

const PEERS: PeerName[] = ['hypercore', 'orbitdb']
const APPEND = { orbitdb: 5 }
const CATCH_UP = { hypercore: 10, orbitdb: 200 }
const LINES: {
  figure: keyof Figures
  what: string
  unit: PeerRow['unit']
  count: (work: Work) => number
  goals: Partial<Record<PeerName, number>>
}[] = [
  {
    figure: 'oneByOne',
    what: 'append, one by one',
    unit: 'entries/s',
    count: ({ oneByOne }) => oneByOne,
    goals: APPEND
  },
  {
    figure: 'concurrent',
    what: 'append, 64 callers',
    unit: 'entries/s',
    count: ({ concurrent }) => concurrent,
    goals: APPEND
  },
  {
    figure: 'batches',
    what: 'append, batches of 1,000',
    unit: 'entries/s',
    count: ({ inBatches }) => inBatches,
    goals: APPEND
  },
  { figure: 'catchUp', what: 'catch-up, all readable', unit: 'entries/s', count: sizeOf, goals: CATCH_UP },
  {
    figure: 'checked',
    what: 'catch-up, every signature there is checked',
    unit: 'entries/s',
    count: sizeOf,
    goals: {}
  },
  { figure: 'live', what: 'append → read at a live follower, p50', unit: 'ms', count: ({ live }) => live, goals: {} }
]

export function rowsOf(results: Results, work: Record<Length, Work>): PeerRow[] {
  const rows = (['long', 'short'] as const).flatMap((length) =>
    LINES.map(({ figure, what, unit, count, goals }) => {
      const us = results[length].ledgermesh![figure]
      const entries = count(work[length])
      const peers = PEERS.flatMap((peer) => {
        const theirs = results[length][peer]?.[figure]
        return theirs === undefined
          ? []
          : [[peer, beside(us, theirs, entries, length === 'long' || peer === 'orbitdb' ? goals[peer] : undefined)]]
      })
      return { what, entries, unit, us, peers: Object.fromEntries(peers) as PeerRow['peers'] }
    })
  )
  // OrbitDB slows down with the length, we get faster: the long catch-up beside its short one
  const us = results.long.ledgermesh!.catchUp
  rows.push({
    what: 'catch-up, we the long one, OrbitDB the short one',
    entries: sizeOf(work.long),
    unit: 'entries/s',
    us,
    peers: { orbitdb: beside(us, results.short.orbitdb!.catchUp, sizeOf(work.short), CATCH_UP.orbitdb) }
  })
  return rows
}

function beside(us: Measure, figure: Measure, entries: number, atLeast?: number): Beside {
  const ratio = us.median / figure.median
  return { figure, entries, ratio, ...(atLeast === undefined ? {} : { atLeast, reached: ratio >= atLeast }) }
}
