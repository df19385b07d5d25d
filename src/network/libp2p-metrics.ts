/**
 * libp2p's own metrics, in the registry of the node. Streams and connections are not wrapped (that would cost a step
 * per byte), and the registry bounds labels whose values a remote could choose.
 */
import type {
  CalculatedMetricOptions,
  Counter,
  CounterGroup,
  Histogram,
  HistogramGroup,
  Metric,
  MetricGroup,
  MetricOptions,
  Metrics as Libp2pMetrics
} from '@libp2p/interface'
import type { MetricFamily, MetricLabels, Metrics } from '../ports.js'

type Given = MetricOptions & Partial<CalculatedMetricOptions> & { buckets?: number[] }
type GivenGroup = MetricOptions & Partial<CalculatedMetricOptions<Record<string, number>>> & { buckets?: number[] }
type Amounts = Partial<Record<string, number | true>>

/** The label of a group that names none. */
const LABEL = 'name'
/** Values of a label are cut to this many characters: some are texts of errors. */
const LABEL_CHARS = 64
/** No label contains an address or a peer id. */
const ADDRESS = /\/(?:ip[46]|dns)|\d+\.\d+\.\d+\.\d+|:[0-9a-f]*:|12D3KooW/i

export class NodeMetrics {
  readonly #metrics: Metrics
  /** Several parts of libp2p report the same family: they share it. */
  readonly #told = new Map<string, unknown>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  trackMultiaddrConnection(): void {}
  trackProtocolStream(): void {}

  registerMetric(name: string, options: Given = {}): Metric {
    return this.#single(name, options)
  }
  registerMetricGroup(name: string, options: GivenGroup = {}): MetricGroup {
    return this.#group(name, options)
  }
  registerCounter(name: string, options: Given = {}): Counter {
    return this.#single(name, options)
  }
  registerCounterGroup(name: string, options: GivenGroup = {}): CounterGroup {
    return this.#group(name, options)
  }
  registerHistogram(name: string, options: Given = {}): Histogram {
    const observe = this.#observe(name, options)
    return {
      observe: (value) => {
        observe(value)
      },
      reset: () => {},
      timer: () => timer(observe)
    }
  }
  registerHistogramGroup(name: string, options: GivenGroup = {}): HistogramGroup {
    const label = options.label ?? LABEL
    const observe = this.#observe(name, options, label)
    return {
      observe: (values) => {
        for (const [key, value] of Object.entries(values))
          if (value !== undefined) observe(value, { [label]: cut(key) })
      },
      reset: () => {},
      timer: (key) =>
        timer((value) => {
          observe(value, { [label]: cut(key) })
        })
    }
  }
  registerSummary(name: string, options: Given = {}): Histogram {
    return this.registerHistogram(name, options)
  }
  registerSummaryGroup(name: string, options: GivenGroup = {}): HistogramGroup {
    return this.registerHistogramGroup(name, options)
  }
  traceFunction<F>(_name: string, fn: F): F {
    return fn
  }
  createTrace(): undefined {}

  #single(name: string, { help, calculate }: Given): Metric {
    const values = this.#values(name, { name, help: help ?? name }, async () =>
      calculate === undefined ? {} : { '': await calculate() }
    )
    return {
      update: (value) => {
        values.set('', value)
      },
      increment: (by = 1) => {
        values.set('', (values.get('') ?? 0) + by)
      },
      decrement: (by = 1) => {
        values.set('', (values.get('') ?? 0) - by)
      },
      reset: () => {
        values.set('', 0)
      },
      timer: () =>
        timer((value) => {
          values.set('', value)
        })
    }
  }

  #group(name: string, { help, label = LABEL, calculate }: GivenGroup): MetricGroup {
    const values = this.#values(
      name,
      { name, help: help ?? name, labels: [label] },
      async () => (await calculate?.()) ?? {}
    )
    const add = (amounts: Amounts, sign: 1 | -1): void => {
      for (const [key, amount] of Object.entries(amounts))
        if (amount !== undefined) put(values, key, (values.get(cut(key)) ?? 0) + sign * (amount === true ? 1 : amount))
    }
    return {
      update: (updates) => {
        for (const [key, value] of Object.entries(updates)) if (value !== undefined) put(values, key, value as number)
      },
      increment: (amounts) => {
        add(amounts, 1)
      },
      decrement: (amounts) => {
        add(amounts, -1)
      },
      reset: () => {
        values.clear()
      },
      timer: (key) =>
        timer((value) => {
          put(values, key, value)
        })
    }
  }

  /** One map of values for each family, read at each collection, beside the values that its parts calculate then. */
  #values(name: string, family: MetricFamily, calculate: () => Promise<Record<string, number>>): Map<string, number> {
    const known = this.#told.get(name) as { values: Map<string, number>; readers: (typeof calculate)[] } | undefined
    if (known !== undefined) {
      known.readers.push(calculate)
      return known.values
    }
    const values = new Map<string, number>()
    const readers = [calculate]
    this.#told.set(name, { values, readers })
    const [label] = family.labels ?? []
    const labels = (key: string): MetricLabels => (label === undefined ? {} : { [label]: cut(key) })
    this.#metrics.collect('gauge', family, async () => {
      const calculated = await Promise.all(readers.map((read) => read()))
      return [...values, ...calculated.flatMap((one) => Object.entries(one))].map(
        ([key, value]) => [labels(key), value] as const
      )
    })
    return values
  }

  #observe(name: string, { help, buckets }: MetricOptions & { buckets?: number[] }, label?: string) {
    const known = this.#told.get(name) as ((value: number, labels?: MetricLabels) => void) | undefined
    const observe =
      known ??
      this.#metrics.histogram({
        name,
        help: help ?? name,
        ...(label !== undefined && { labels: [label] }),
        ...(buckets !== undefined && { buckets })
      })
    this.#told.set(name, observe)
    return observe
  }
}

/**
 * The metrics object for libp2p. Its type has two overloads of each method, one without a result: this implements the
 * other.
 */
export function libp2pMetrics(metrics: Metrics): () => Libp2pMetrics {
  return () => new NodeMetrics(metrics) as unknown as Libp2pMetrics
}

/** Values of one family that are kept here; the registry then bounds its series. */
const MAX_VALUES = 512

function put(values: Map<string, number>, key: string, value: number): void {
  const name = cut(key)
  if (values.has(name) || values.size < MAX_VALUES) values.set(name, value)
  else values.set('other', (values.get('other') ?? 0) + value)
}

function cut(text: string): string {
  return ADDRESS.test(text) ? 'address' : text.slice(0, LABEL_CHARS)
}

/** libp2p measures spans in ms of a monotonic clock. */
function timer(observe: (ms: number) => void): () => void {
  const since = performance.now()
  return () => {
    observe(performance.now() - since)
  }
}
