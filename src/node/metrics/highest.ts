import type { MetricLabels, MetricValues } from '../../ports.js'
import { byLabels } from './by-labels.js'

/** Of each label's values the highest: ages and shortfalls mean nothing when they are summed. */
export function highest(values: MetricValues): [MetricLabels, number][] {
  return byLabels(values, Math.max)
}
