/** The metrics of one node, for Prometheus. The only user of prom-client; each node has its own registry. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { LedgermeshError } from '../../core/errors.js'
import type { Log, MetricFamily, MetricLabels, Metrics, MetricValues } from '../../ports.js'
import { nextTurn } from '../runtime/next-turn.js'
import { byLabels, labelKey } from './by-labels.js'

/**
 * Series of one family; further ones are summed as `other`, so that names chosen by others cannot fill the memory of
 * this node or of a metrics server.
 */
export const MAX_SERIES = 300
/** The label of values without their own series. */
const OTHER = 'other'
/** Buckets of a family that gives none. */
const BUCKETS = [0.001, 0.01, 0.1, 1, 10, 100]

export class PromMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #log: Log
  /** When the last family that was asked for is read. */
  #turn: Promise<void> = Promise.resolve()

  constructor({ log }: { log: Log }) {
    this.#log = log
  }

  /** In the exposition format 0.0.4. */
  async text(): Promise<string> {
    return await this.#registry.metrics()
  }

  counter(family: MetricFamily): (labels?: MetricLabels, by?: number) => void {
    const counter = new Counter({ ...this.#described(family), registers: [this.#registry] })
    const bounded = boundedLabels()
    return (labels = {}, by = 1) => {
      counter.inc(bounded(labels), Math.max(0, by))
    }
  }

  gauge(family: MetricFamily): (value: number, labels?: MetricLabels) => void {
    const gauge = new Gauge({ ...this.#described(family), registers: [this.#registry] })
    const bounded = boundedLabels()
    return (value, labels = {}) => {
      gauge.set(bounded(labels), value)
    }
  }

  histogram(family: MetricFamily): (value: number, labels?: MetricLabels) => void {
    const histogram = new Histogram({
      ...this.#described(family),
      buckets: [...(family.buckets ?? BUCKETS)],
      registers: [this.#registry]
    })
    const bounded = boundedLabels()
    return (value, labels = {}) => {
      histogram.observe(bounded(labels), value)
    }
  }

  collect(kind: 'gauge' | 'counter', family: MetricFamily, read: () => MetricValues | Promise<MetricValues>): void {
    const look = async (): Promise<[MetricLabels, number][]> => {
      await this.#ownTurn()
      try {
        return summed(await read())
      } catch (error) {
        this.#log.error(
          { event: 'metrics.read-failed', family: family.name, error: (error as Error).message },
          'figures could not be read; they are left out'
        )
        return []
      }
    }
    const described = { ...this.#described(family), registers: [this.#registry] }
    if (kind === 'gauge') {
      const gauge: Gauge = new Gauge({
        ...described,
        collect: async () => {
          const values = await look()
          clear(gauge)
          for (const [labels, value] of values) gauge.set(labels, value)
        }
      })
      return
    }
    const counter: Counter = new Counter({
      ...described,
      collect: async () => {
        const values = await look()
        clear(counter)
        for (const [labels, value] of values) counter.inc(labels, value)
      }
    })
  }

  /**
   * Resolves in a turn of the event loop of its own: the client asks for all families at once, and a node that follows
   * thousands of ledgers would serve nobody until it had read all of them.
   */
  async #ownTurn(): Promise<void> {
    this.#turn = this.#turn.then(nextTurn)
    await this.#turn
  }

  /** Throws INTERNAL for a family that was registered before: two places would count into one. */
  #described({ name, help, labels = [] }: MetricFamily): { name: string; help: string; labelNames: string[] } {
    if (this.#registry.getSingleMetric(name) !== undefined)
      throw new LedgermeshError('INTERNAL', `the family ${name} is there already`)
    return { name, help, labelNames: [...labels] }
  }
}

/** Also the value without labels, which `reset` would set to 0, although an unreadable value is not zero. */
function clear(metric: Gauge | Counter): void {
  metric.reset()
  metric.remove({})
}

/** The first MAX_SERIES combinations of labels unchanged, the others as one. */
function boundedLabels(): (labels: MetricLabels) => MetricLabels {
  const seen = new Set<string>()
  return (labels) => {
    const key = labelKey(labels)
    if (seen.has(key)) return labels
    if (seen.size >= MAX_SERIES) return others(labels)
    seen.add(key)
    return labels
  }
}

function summed(values: MetricValues): [MetricLabels, number][] {
  const bounded = boundedLabels()
  const given = Array.from(values, ([labels, value]) => [bounded(labels), value] as const)
  return byLabels(given, (a, b) => a + b)
}

function others(labels: MetricLabels): MetricLabels {
  return Object.fromEntries(Object.keys(labels).map((label) => [label, OTHER]))
}
