import type { MetricLabels } from '../../ports.js'

type Value = readonly [MetricLabels, number]

/** Of each label's values the highest: ages and shortfalls mean nothing when they are summed. */
export function highest(values: readonly Value[]): Value[] {
  const found = new Map<string, Value>()
  for (const value of values) {
    const key = Object.values(value[0]).join('\0')
    if (value[1] > (found.get(key)?.[1] ?? -Infinity)) found.set(key, value)
  }
  return [...found.values()]
}
