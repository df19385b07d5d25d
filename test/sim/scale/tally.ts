/** Who sent and received how much of what: every message counts once at each of its two ends. */
export const KINDS = ['gossip', 'hello', 'entries', 'dht', 'link'] as const
export type Kind = (typeof KINDS)[number]

export interface Traffic {
  messages: number
  bytes: number
}
/** Over all nodes, per node. */
export interface Spread {
  median: Traffic
  p99: Traffic
  max: Traffic
  mean: Traffic
}

export class Tally {
  readonly #nodes: number
  readonly #messages: Record<Kind, Float64Array>
  readonly #bytes: Record<Kind, Float64Array>

  constructor(nodes: number) {
    this.#nodes = nodes
    const empty = (): Record<Kind, Float64Array> =>
      Object.fromEntries(KINDS.map((kind) => [kind, new Float64Array(nodes)])) as Record<Kind, Float64Array>
    this.#messages = empty()
    this.#bytes = empty()
  }

  add(kind: Kind, from: number, to: number, bytes: number, messages = 1): void {
    for (const node of [from, to]) this.at(kind, node, bytes, messages)
  }

  at(kind: Kind, node: number, bytes: number, messages = 1): void {
    this.#messages[kind][node]! += messages
    this.#bytes[kind][node]! += bytes
  }

  reset(): void {
    for (const kind of KINDS) {
      this.#messages[kind].fill(0)
      this.#bytes[kind].fill(0)
    }
  }

  /** What one node sent and received of one kind, or of all. */
  of(node: number, kind?: Kind): Traffic {
    const kinds = kind === undefined ? KINDS : [kind]
    return {
      messages: sum(kinds.map((one) => this.#messages[one][node]!)),
      bytes: sum(kinds.map((one) => this.#bytes[one][node]!))
    }
  }

  spread(scale: number, kind?: Kind): Spread {
    const all = Array.from({ length: this.#nodes }, (_, node) => this.of(node, kind))
    const pick = (choose: (values: number[]) => number): Traffic => ({
      messages: choose(all.map(({ messages }) => messages)) * scale,
      bytes: choose(all.map(({ bytes }) => bytes)) * scale
    })
    return {
      median: pick((v) => quantile(v, 0.5)),
      p99: pick((v) => quantile(v, 0.99)),
      max: pick((v) => quantile(v, 1)),
      mean: pick((v) => sum(v) / v.length)
    }
  }
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

export function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
