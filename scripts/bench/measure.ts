/** Several rounds of one measurement: the machine is never quiet, so the spread is shown as well. */
export interface Measure {
  median: number
  min: number
  max: number
}

export function summary(values: number[]): Measure {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), min: sorted[0]!, max: sorted.at(-1)! }
}

/** Of single events: the spread is that of 95 of 100, for the slowest says more of the machine. */
export function medianAnd95(values: number[]): Measure {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), min: sorted[0]!, max: quantile(sorted, 0.95) }
}

/** `sorted` ascending. */
export function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!
}

export async function rounds(count: number, run: (round: number) => number | Promise<number>): Promise<Measure> {
  const values: number[] = []
  for (let round = 0; round < count; round++) values.push(await run(round))
  return summary(values)
}

/** Things per second. */
export async function rate(count: number, run: () => unknown): Promise<number> {
  const started = performance.now()
  await run()
  return (count / (performance.now() - started)) * 1000
}

/** Milliseconds. */
export async function timed(run: () => unknown): Promise<number> {
  const started = performance.now()
  await run()
  return performance.now() - started
}
