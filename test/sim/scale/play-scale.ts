/** One run: a network starts, is idle, and hears of new entries. */
import { extendLedger, sample, shuffled, type SimLedger } from './population.js'
import { ScaleWorld } from './scale-world.js'
import { KINDS, quantile, sum, type Kind, type Spread, type Traffic } from './tally.js'

const MINUTE_MS = 60_000
/** Starting and connecting; being idle: ten exchanges of heads, one of them for everything that is followed. */
const WARM_MS = 5 * MINUTE_MS
const IDLE_MS = 10 * MINUTE_MS
/** Entries are written during the first minutes of a time as long as the idle one, and waited for after it. */
const WRITE_MS = 5 * MINUTE_MS
const WAIT_MS = 30 * MINUTE_MS
/**
 * What new entries cause: announcements, heads that are told, and the entries themselves. Exchanges of heads go on as
 * before.
 */
const CAUSED: Kind[] = ['gossip', 'entries']
/** A checkpoint is made so long after an entry, ms. */
const CHECKPOINT_MS = MINUTE_MS
/**
 * Own announcements keep so far apart, ms; the nodes here have several ledgers of their own, which real ones do not.
 */
const APART_MS = 250

export interface ScaleOptions {
  nodes: number
  ledgers: number
  seed: number
  entries: number
}
export interface Times {
  count: number
  p50: number
  p99: number
  max: number
}

export interface ScaleOutcome {
  options: ScaleOptions
  follows: { mean: number; p99: number; max: number; beyondTopics: number }
  links: { mean: number; max: number; refused: number }
  /** Per node and hour, without new entries. */
  idle: Spread
  idleByKind: Record<Kind, Spread>
  /** Of the node that follows most, per hour. */
  busiest: Traffic & { follows: number; byKind: Record<Kind, Traffic> }
  /** All nodes together per new entry, and per copy that a follower got. */
  perEntry: Traffic
  perCopy: Traffic
  /** Searches in the DHT per node and hour. */
  searches: number
  /** Milliseconds until the last follower holds it; ledgers whose followers all have its topic, and others. */
  byTopic: Times
  byExchange: Times
  /** Copies of followers without the topic, ms. */
  copiesWithoutTopic: Times
  /** Entries that some follower did not get within half an hour; followers without a path to the author. */
  unfinished: number
  missing: number
  cutOff: number
  seconds: number
}

/** `untold`: how long those took who do not have the topic; `carried`: all have it. Times in ms. */
interface Written {
  ledger: SimLedger
  at: number
  size: number
  left: Set<number>
  took: number
  untold: number[]
  carried: boolean
}

export async function playScale(options: ScaleOptions): Promise<ScaleOutcome> {
  const began = performance.now()
  const world = await ScaleWorld.make(options.nodes, options.ledgers, options.seed)
  const { tally, timeline, nodes } = world
  world.start()
  await timeline.run(WARM_MS)
  tally.reset()
  const searched = world.dht.lookups
  await timeline.run(IDLE_MS)
  const searches = (((world.dht.lookups - searched) / nodes.length) * 60 * MINUTE_MS) / IDLE_MS
  world.addPings(IDLE_MS)
  const perHour = (60 * MINUTE_MS) / IDLE_MS
  const idle = tally.spread(perHour)
  const idleByKind = byKind((kind) => tally.spread(perHour, kind))
  const follows = nodes.map((node) => node.sync.list().length)
  const busy = follows.indexOf(Math.max(...follows))
  const scaled = ({ messages, bytes }: Traffic): Traffic => ({ messages: messages * perHour, bytes: bytes * perHour })
  const busiest = {
    ...scaled(tally.of(busy)),
    follows: follows[busy]!,
    byKind: byKind((kind) => scaled(tally.of(busy, kind)))
  }
  const before = allOf(world)
  tally.reset()
  const cutOff = world.cutOff()
  const written = await write(world, options.entries)
  await timeline.run(IDLE_MS - WRITE_MS)
  const after = allOf(world)
  const cost = { messages: after.messages - before.messages, bytes: after.bytes - before.bytes }
  const copies = sum(written.map(({ ledger, left }) => ledger.followers.length - left.size))
  await timeline.run(WAIT_MS, () => written.every(({ left }) => left.size === 0))
  const times = (carried: boolean): Times =>
    timesOf(written.filter((one) => one.carried === carried && one.left.size === 0).map(({ took }) => took))
  return {
    options,
    follows: {
      mean: sum(follows) / follows.length,
      p99: quantile(follows, 0.99),
      max: follows[busy]!,
      beyondTopics: nodes.filter(({ held, announcer }) => [...held.keys()].some((id) => !announcer.has(id))).length
    },
    links: {
      mean: sum(nodes.map(({ links }) => links.size)) / nodes.length,
      max: Math.max(...nodes.map(({ links }) => links.size)),
      refused: world.refused
    },
    idle,
    idleByKind,
    busiest,
    searches,
    cutOff,
    perEntry: { messages: cost.messages / written.length, bytes: cost.bytes / written.length },
    perCopy: { messages: cost.messages / copies, bytes: cost.bytes / copies },
    byTopic: times(true),
    byExchange: times(false),
    copiesWithoutTopic: timesOf(written.flatMap(({ untold }) => untold)),
    unfinished: written.filter(({ left }) => left.size > 0).length,
    missing: sum(written.map(({ left }) => left.size)),
    seconds: (performance.now() - began) / 1000
  }
}

/** New entries at chance times: of the ledgers that most follow, and of others by chance. */
async function write(world: ScaleWorld, entries: number): Promise<Written[]> {
  const { ledgers, nodes, random, timeline } = world
  const popular = ledgers.toSorted((a, b) => b.followers.length - a.followers.length).slice(0, Math.ceil(entries / 50))
  const others = sample(ledgers.length, Math.min(entries, ledgers.length), random)
    .map((n) => ledgers[n]!)
    .filter((ledger) => !popular.includes(ledger))
  const chosen = shuffled([...popular, ...others].slice(0, entries), random)
  const written = new Map<SimLedger, Written>()
  const times = new Map<number, number[]>()
  const start = timeline.now()
  world.onStored = (node, ledger, size) => {
    const entry = written.get(ledger)
    if (entry === undefined || size < entry.size || !entry.left.delete(node.index)) return
    entry.took = timeline.now() - entry.at
    if (!node.announcer.has(ledger.id)) entry.untold.push(entry.took)
  }
  for (const ledger of chosen) {
    const home = nodes[ledger.home]!
    const taken = times.get(ledger.home) ?? []
    let at = start + random.next() * WRITE_MS
    while (taken.some((other) => Math.abs(other - at) < APART_MS)) at += APART_MS
    times.set(ledger.home, [...taken, at])
    const carried = [home, ...ledger.followers.map((n) => nodes[n]!)].every(({ announcer }) => announcer.has(ledger.id))
    timeline.after(at - start, () => {
      timeline.track(
        extendLedger(ledger).then(({ header }) => {
          const size = header.seq + 1
          home.held.set(ledger.id, size)
          written.set(ledger, {
            ledger,
            at: timeline.now(),
            size,
            left: new Set(ledger.followers),
            took: 0,
            untold: [],
            carried
          })
          home.announcer.announceOwn(home.mirror(ledger))
          timeline.after(CHECKPOINT_MS, () => {
            home.checkpoints.set(ledger.id, size)
          })
        })
      )
    })
  }
  await timeline.run(WRITE_MS + 1_000)
  return [...written.values()]
}

/** What new entries can cause, of all nodes; each message once. */
function allOf({ tally, nodes }: ScaleWorld): Traffic {
  const all = CAUSED.flatMap((kind) => nodes.map(({ index }) => tally.of(index, kind)))
  return { messages: sum(all.map(({ messages }) => messages)) / 2, bytes: sum(all.map(({ bytes }) => bytes)) / 2 }
}

function byKind<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, T>
}

function timesOf(values: number[]): Times {
  return { count: values.length, p50: quantile(values, 0.5), p99: quantile(values, 0.99), max: quantile(values, 1) }
}
