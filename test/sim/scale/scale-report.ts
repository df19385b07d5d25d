/** The outcomes of runs of several sizes side by side, and how each figure grows with the number of nodes. */
import type { ScaleOutcome } from './play-scale.js'
import { KINDS, type Kind } from './tally.js'

interface Row {
  name: string
  value: (outcome: ScaleOutcome) => number
  grows?: boolean
  digits?: number
}

const WORDS: Record<Kind, string> = {
  gossip: 'gossip',
  hello: 'hello (heads)',
  entries: 'entries',
  dht: 'DHT',
  link: 'pings'
}

const ROWS: Row[] = [
  { name: 'follows per node, mean', value: ({ follows }) => follows.mean, digits: 1 },
  { name: 'follows per node, max', value: ({ follows }) => follows.max },
  { name: 'nodes with ledgers beyond the topics', value: ({ follows }) => follows.beyondTopics, grows: false },
  { name: 'connections per node, mean', value: ({ links }) => links.mean },
  { name: 'idle: messages/h, median', value: ({ idle }) => idle.median.messages },
  { name: 'idle: messages/h, p99', value: ({ idle }) => idle.p99.messages },
  { name: 'idle: messages/h, max', value: ({ idle }) => idle.max.messages },
  { name: 'idle: kB/h, median', value: ({ idle }) => idle.median.bytes / 1000 },
  { name: 'idle: kB/h, p99', value: ({ idle }) => idle.p99.bytes / 1000 },
  { name: 'idle: kB/h, max', value: ({ idle }) => idle.max.bytes / 1000 },
  ...KINDS.filter((kind) => kind !== 'entries').flatMap((kind) => [
    {
      name: `idle, ${WORDS[kind]}: messages/h, median`,
      value: ({ idleByKind }: ScaleOutcome) => idleByKind[kind].median.messages
    },
    {
      name: `idle, ${WORDS[kind]}: kB/h, median`,
      value: ({ idleByKind }: ScaleOutcome) => idleByKind[kind].median.bytes / 1000
    },
    {
      name: `idle, ${WORDS[kind]}: kB/h, max`,
      value: ({ idleByKind }: ScaleOutcome) => idleByKind[kind].max.bytes / 1000
    }
  ]),
  { name: 'node that follows all: hello kB/h', value: ({ busiest }) => busiest.byKind.hello.bytes / 1000 },
  { name: 'node that follows all: DHT kB/h', value: ({ busiest }) => busiest.byKind.dht.bytes / 1000 },
  { name: 'searches in the DHT per node and hour', value: ({ searches }) => searches, digits: 1 },
  { name: 'new entry: messages of all nodes', value: ({ perEntry }) => perEntry.messages },
  { name: 'new entry: kB of all nodes', value: ({ perEntry }) => perEntry.bytes / 1000 },
  { name: 'new entry: messages per copy', value: ({ perCopy }) => perCopy.messages, digits: 1 },
  { name: 'new entry: kB per copy', value: ({ perCopy }) => perCopy.bytes / 1000, digits: 1 },
  { name: 'last follower, all by topic: p50 ms', value: ({ byTopic }) => byTopic.p50 },
  { name: 'last follower, all by topic: p99 ms', value: ({ byTopic }) => byTopic.p99 },
  { name: 'last follower, all by topic: max ms', value: ({ byTopic }) => byTopic.max },
  { name: 'last follower, some by heads: p50 ms', value: ({ byExchange }) => byExchange.p50 },
  { name: 'last follower, some by heads: p99 ms', value: ({ byExchange }) => byExchange.p99 },
  { name: 'last follower, some by heads: max ms', value: ({ byExchange }) => byExchange.max },
  { name: 'a copy by heads alone: p50 ms', value: ({ copiesWithoutTopic }) => copiesWithoutTopic.p50 },
  { name: 'a copy by heads alone: p99 ms', value: ({ copiesWithoutTopic }) => copiesWithoutTopic.p99 },
  { name: 'entries not everywhere after 30 min', value: ({ unfinished }) => unfinished, grows: false },
  { name: 'copies missing then', value: ({ missing }) => missing, grows: false },
  { name: 'followers without a path to the author', value: ({ cutOff }) => cutOff, grows: false },
  { name: 'connections refused at the limit', value: ({ links }) => links.refused, grows: false },
  { name: 'seconds to simulate', value: ({ seconds }) => seconds, grows: false }
]

export function scaleReport(outcomes: ScaleOutcome[]): string {
  const lines = ROWS.map(({ name, value, grows = true, digits = 0 }) => {
    const figures = outcomes.map(value)
    return [
      name,
      ...figures.map((figure) => figure.toLocaleString('en', { maximumFractionDigits: digits })),
      grows && outcomes.length > 1 ? exponentText(outcomes, figures) : ''
    ]
  })
  const head = [
    `seed ${outcomes[0]!.options.seed}`,
    ...outcomes.map(({ options }) => `${options.nodes} nodes`),
    outcomes.length > 1 ? 'grows as' : ''
  ]
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)))
  return [head, ...lines]
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')
    )
    .join('\n')
}

function exponentText(outcomes: ScaleOutcome[], figures: number[]): string {
  const exponent = growth(
    outcomes.map(({ options }) => options.nodes),
    figures
  )
  return Number.isFinite(exponent) ? `n^${exponent.toFixed(2)}` : ''
}

/** The exponent b of the least-squares fit figure = a · nodes^b. */
export function growth(nodes: number[], figures: number[]): number {
  const xs = nodes.map(Math.log)
  const ys = figures.map(Math.log)
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const [x0, y0] = [mean(xs), mean(ys)]
  return (
    xs.reduce((total, x, n) => total + (x - x0) * (ys[n]! - y0), 0) / xs.reduce((total, x) => total + (x - x0) ** 2, 0)
  )
}
