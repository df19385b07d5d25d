import Table from 'cli-table3'
import { isReached, ratioOf, type Row } from './row.js'

export function formatRows(rows: Row[]): string {
  const table = new Table({
    head: ['what', 'figure (min – max)', 'limit it stands beside', 'ratio', 'goal', ''],
    style: { head: [], border: [], compact: true }
  })
  for (const row of rows) {
    const { figure, unit, limit } = row
    const spread = figure.min === figure.max ? '' : ` (${number(figure.min)} – ${number(figure.max)})`
    table.push([
      row.what,
      `${number(figure.median)} ${unit}${spread}`,
      limit === undefined ? '' : `${number(limit.value)} ${unit}  ${limit.what}`,
      ratio(row),
      goal(row),
      { true: 'reached', false: 'missed', null: '' }[String(isReached(row))] ?? ''
    ])
  }
  return table.toString()
}

function ratio(row: Row): string {
  const value = ratioOf(row)
  if (value === null) return ''
  return isTime(row) ? `${value.toFixed(1)} ×` : `${(value * 100).toFixed(0)} %`
}

function goal({ goal, ...row }: Row): string {
  if (goal === undefined) return ''
  return 'atLeast' in goal
    ? `≥ ${(goal.atLeast * 100).toFixed(0)} %`
    : isTime(row)
      ? `≤ ${goal.atMost} ×`
      : `≤ ${(goal.atMost * 100).toFixed(0)} %`
}

function isTime({ unit }: Row): boolean {
  return unit === 'ms'
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}
