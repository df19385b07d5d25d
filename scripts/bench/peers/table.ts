import Table from 'cli-table3'
import type { Measure } from '../measure.js'
import type { Beside, PeerRow } from './rows.js'

export function formatRows(rows: PeerRow[]): string {
  const table = new Table({
    head: ['work', 'entries', 'us (min – max)', 'hypercore', 'us / it', 'OrbitDB', 'us / it'],
    style: { head: [], border: [], compact: true }
  })
  for (const { what, entries, unit, us, peers } of rows) {
    table.push([
      what,
      entries.toLocaleString('en'),
      `${figure(us)} ${unit}`,
      theirs(peers.hypercore),
      ratio(peers.hypercore),
      theirs(peers.orbitdb),
      ratio(peers.orbitdb)
    ])
  }
  return table.toString()
}

function theirs(beside?: Beside): string {
  return beside === undefined ? '' : figure(beside.figure)
}

function ratio(beside?: Beside): string {
  if (beside === undefined) return ''
  const value = `${beside.ratio.toPrecision(beside.ratio < 10 ? 2 : 3)} ×`
  return beside.atLeast === undefined
    ? value
    : `${value} (goal ${beside.atLeast} ×: ${beside.reached === true ? 'reached' : 'missed'})`
}

function figure({ median, min, max }: Measure): string {
  return min === max ? number(median) : `${number(median)} (${number(min)} – ${number(max)})`
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
