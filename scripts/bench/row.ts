import type { Measure } from './measure.js'

/** One line of the result: a figure beside the limit of this machine that bounds it. */
export interface Row {
  what: string
  figure: Measure
  unit: 'entries/s' | 'ops/s' | 'MB/s' | 'ms' | 'MiB' | 'KiB' | 'B' | 'ranges' | 'histories'
  /** What it stands beside. */
  limit?: { what: string; value: number }
  /** Of figure : limit. */
  goal?: { atLeast: number } | { atMost: number } | undefined
}

export function ratioOf({ figure, limit }: Row): number | null {
  return limit === undefined ? null : figure.median / limit.value
}

/** null: there is no goal. */
export function isReached(row: Row): boolean | null {
  const ratio = ratioOf(row)
  if (ratio === null || row.goal === undefined) return null
  return 'atLeast' in row.goal ? ratio >= row.goal.atLeast : ratio <= row.goal.atMost
}
