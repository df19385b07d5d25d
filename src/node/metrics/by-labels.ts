import type { MetricLabels, MetricValues } from '../../ports.js'

/** One value for each combination of labels, which a family always gives in the same order. */
export function byLabels(values: MetricValues, merge: (a: number, b: number) => number): [MetricLabels, number][] {
  const found = new Map<string, [MetricLabels, number]>()
  for (const [labels, value] of values) {
    const key = labelKey(labels)
    const before = found.get(key)
    found.set(key, [labels, before === undefined ? value : merge(before[1], value)])
  }
  return [...found.values()]
}

/** A name of a combination of labels. */
export function labelKey(labels: MetricLabels): string {
  return Object.values(labels).join('\0')
}
