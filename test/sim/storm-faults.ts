/** What goes wrong in a storm, and when: all of it rolled at its start. */
import { seeded } from '../sync/desk.js'
import { Equivocator } from './equivocator.js'
import type { SimNode } from './sim-node.js'
import type { Storm, StormRun } from './storm.js'

export interface Faults {
  /** Crashes and leaves, per node and storm. */
  churn: number
  /** How long a node stays away at most, s. */
  awayS: number
  /** Share of the nodes that come for the first time when the storm rages. */
  late: number
  partitions: number
  partitionS: number
  /** Links that break, per second in the whole network. */
  cuts: number
  clocks: {
    /** ms ahead or behind at most. */
    offset: number
    /** Parts in a million too fast or too slow at most. */
    drift: number
    /** Share of the nodes whose clocks are set while they run. */
    steps: number
  }
  /** Restores of authors from old copies of their folders, in all. */
  restores: number
}

const HOUR_MS = 3_600_000
/** Tries to append in the first seconds after a restore. */
const WRITES = 5

/** 200 nodes, unless told otherwise. */
export function rollStorm(seed: number, nodes = 200): Storm {
  const random = seeded(seed * 7919 + 1)
  const upTo = (most: number): number => Math.floor(random.next() * (most + 1))
  const bad = random.next()
  const authors = [
    { published: 1 + upTo(250), live: upTo(10), share: 1, ...(random.next() < 0.5 ? { rotateAt: 1 + upTo(60) } : {}) },
    { published: 1 + upTo(40), live: 4 + upTo(10), share: 0.2 + random.next() / 2, payloads: true },
    {
      published: 2 + upTo(60),
      live: 4 + upTo(6),
      share: 0.5,
      ...(random.next() < 0.75 ? { forks: { depth: upTo(8) === 0 ? upTo(60) : upTo(2) } } : { sloppy: true })
    }
  ]
  return {
    seed,
    nodes,
    liars: upTo(Math.ceil(nodes / 12)),
    authors,
    weather: { latency: [5 + upTo(20), 40 + upTo(400)], loss: bad * 0.15 },
    busy: random.next() < 0.5 ? random.next() * 0.3 : 0,
    seconds: 40,
    faults: {
      churn: random.next() * 0.8,
      awayS: 2 + upTo(30),
      late: random.next() * 0.2,
      partitions: upTo(2),
      partitionS: 10 + upTo(20),
      cuts: (random.next() * nodes) / 20,
      clocks: {
        offset: upTo(2) === 0 ? 0 : HOUR_MS,
        drift: upTo(500),
        steps: random.next() < 0.5 ? 0 : random.next() * 0.1
      },
      restores: upTo(3)
    }
  }
}

export function rollFaults(run: StormRun): void {
  const {
    world,
    honest,
    authors,
    storm: { faults, seconds }
  } = run
  const { random } = world
  const ms = seconds * 1000
  const nodes = [...honest, ...run.liars]
  const anywhere = (node: SimNode, away: number): void => {
    world.after(random.next() * away, () => {
      node.start()
    })
  }
  for (const node of nodes) {
    const { offset, drift, steps } = faults.clocks
    node.clock.offset = Math.floor((random.next() * 2 - 1) * offset)
    node.clock.rate = 1 + ((random.next() * 2 - 1) * drift) / 1e6
    if (random.next() < steps)
      world.after(random.next() * ms, () => {
        node.clock.offset += Math.floor((random.next() * 2 - 1) * HOUR_MS)
      })
  }
  for (let n = 0; n < nodes.length * faults.churn; n++) {
    const node = world.pick(nodes)
    world.after(random.next() * ms, () => {
      if (!node.alive) return
      run.crashes++
      if (random.next() < 0.7) node.crash()
      else node.stop()
      anywhere(node, faults.awayS * 1000)
    })
  }
  for (const node of run.followers) {
    if (random.next() < faults.late && !world.hubs.includes(node.id))
      world.after(3001, () => {
        node.stop()
        node.stores.clear()
        anywhere(node, ms)
      })
  }
  for (let n = 0; n < faults.partitions; n++) {
    const count = 2 + Math.floor(random.next() * 2)
    const sides = new Map(world.ids.map((id): [string, number] => [id, Math.floor(random.next() * count)]))
    const from = random.next() * ms
    world.after(from, () => {
      world.partition(sides)
    })
    world.after(from + faults.partitionS * 1000, () => {
      if (world.sides === sides) world.partition(null)
    })
  }
  for (let n = 0; n < faults.cuts * seconds; n++) {
    world.after(random.next() * ms, () => {
      const node = world.pick(nodes)
      const links = world.linksOf(node.id)
      if (links.length > 0) world.disconnect(node.id, world.pick(links))
    })
  }
  for (let n = 0; n < faults.restores; n++) {
    const author = world.pick(authors)
    world.after(random.next() * ms, () => {
      if (
        author instanceof Equivocator ||
        !author.alive ||
        !honest.some((node) => node !== author && node.store(author.ledger).size === author.own.size)
      )
        return
      author.restoreCopy(1 + Math.floor(random.next() * author.own.size))
      anywhere(author, 5000)
      // Whoever has just come back wants to write.
      for (let n = 0; n < WRITES; n++)
        world.after(random.next() * 6000, () => {
          world.track(author.append())
        })
    })
  }
}
