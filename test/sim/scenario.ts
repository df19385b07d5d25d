/** Scenarios are data; one is run with one seed, and what must hold is checked while it runs and at its end. */
import { strict as assert } from 'node:assert'
import { STALL_SENTENCES } from '../../src/sync/stall-codes.js'
import { history, type History } from './histories.js'
import { Liar, LIES, PROVABLE, makeFalsehoods, type Lie } from './liar.js'
import type { Runner } from './runner.js'
import { SimNode } from './sim-node.js'
import { Watch as Promises } from './watch.js'
import { EPOCH, World, type Weather } from './world.js'

export interface Scenario {
  name: string
  nodes: number
  ledgers: { entries: number; published: number; rotates?: boolean; forkAt?: number }[]
  weather: Weather
  /** Nodes that lie, and how. */
  liars?: { count: number; lies?: Lie[] }
  /** Honest nodes believe strangers' heads. */
  credulous?: boolean
  /** From and until, s: the nodes fall into two halves. */
  partition?: [number, number]
  /** Nodes that restart, each a few times. */
  restarts?: number
  /** s: the authors leave for good when everything is published. */
  authorsLeave?: number
}

/** The faults end then, s. */
const FAULTS_S = 90
/** And all must be well so much later, s: a peer's backoff, its ban, and a turn of the head exchange. */
const CALM_S = 300
const PUBLISH_S = 60
/** Longest time in `syncing` without progress, s (I6). */
const SYNCING_S = 60
/** A bound, not an aim: per node, peer and second. Head exchange, gossip and batches take half of it. */
const MESSAGES_PER_LINK_SECOND = 2

export interface Outcome {
  digest: string
  messages: number
  drops: number
  evidence: number
  seconds: number
}

export async function play(scenario: Scenario, seed: number): Promise<Outcome> {
  const world = new World(seed, scenario.weather)
  const histories = await Promise.all(
    scenario.ledgers.map(
      async ({ entries, rotates, forkAt }, n) =>
        await history(`author ${n}`, entries, {
          ...(rotates === true ? { rotates } : {}),
          ...(forkAt === undefined ? {} : { forkAt })
        })
    )
  )
  await makeFalsehoods(histories)
  const ledgers = histories.map(({ ledger }) => ledger)
  const authors = histories.map((_, n) => new SimNode(world, `a${n}`, []))
  const honest = Array.from({ length: scenario.nodes }, (_, n) => new SimNode(world, `n${n}`, ledgers))
  const liars = Array.from(
    { length: scenario.liars?.count ?? 0 },
    (_, n) => new Liar(world, `x${n}`, histories, scenario.liars?.lies ?? LIES)
  )
  for (const node of honest) node.credulous = scenario.credulous === true
  for (const node of [...authors, ...honest, ...liars])
    world.after(world.random.next() * 3000, () => {
      node.start()
    })

  publish(world, scenario, authors, histories)
  faults(world, scenario, honest)
  const watch = new Watch(world, honest)
  let drops = 0
  for (let second = 0; second < FAULTS_S + CALM_S; second++) {
    if (second === FAULTS_S) world.weather = { ...scenario.weather, loss: 0 }
    if (second === scenario.authorsLeave) for (const author of authors) author.stop()
    await world.run(1000)
    watch.look()
    if (second > FAULTS_S && honest.every((node) => histories.every((each) => isSettled(world, node, each)))) break
  }
  for (const node of honest) {
    for (const dropped of node.dropped) assert.match(dropped, /^x/, `${node.id} dropped ${dropped}, who is honest`)
    drops += node.dropped.length
    for (const liar of node.caught) assert(node.dropped.includes(liar), `${node.id} caught ${liar} lying and kept it`)
    for (const each of histories) checkEnd(world, node, each)
  }
  Promises.punished(honest)
  const provable = liars.length > 0 && (scenario.liars!.lies ?? LIES).some((lie) => PROVABLE.has(lie))
  assert.equal(drops > 0, provable, `${drops} drops: who proves to be a liar is dropped, nobody else`)
  const seconds = Math.round((world.now - EPOCH) / 1000)
  const links = (scenario.nodes + authors.length + liars.length) * (scenario.nodes + authors.length + liars.length)
  assert(world.messages < MESSAGES_PER_LINK_SECOND * links * seconds, `${world.messages} messages in ${seconds} s`)
  const evidence = honest.filter((node) => ledgers.some((ledger) => node.store(ledger).shown !== null)).length
  return { digest: world.digest(), messages: world.messages, drops, evidence, seconds }
}

/** Each author starts with what is published, and adds the rest one by one. */
function publish(world: World, { ledgers }: Scenario, authors: SimNode[], histories: History[]): void {
  for (const [n, history] of histories.entries()) {
    const { entries, published } = ledgers[n]!
    world.after(0, () => {
      authors[n]!.publish(history, published)
    })
    for (let size = published + 1; size <= entries; size++) {
      world.after(world.random.next() * 500 + ((size - published) * PUBLISH_S * 1000) / (entries - published), () => {
        authors[n]!.publish(history, size)
      })
    }
  }
}

function faults(world: World, { partition, restarts = 0 }: Scenario, honest: SimNode[]): void {
  if (partition !== undefined) {
    const sides = new Map(
      [...world.nodes.keys()].map((id): [string, number] => [id, world.random.next() < 0.5 ? 0 : 1])
    )
    world.after(partition[0] * 1000, () => {
      world.partition(sides)
    })
    world.after(partition[1] * 1000, () => {
      world.partition(null)
    })
  }
  for (const node of honest.slice(0, restarts)) {
    for (let turn = 0; turn < 3; turn++) {
      const at = (10 + turn * 25 + world.random.next() * 10) * 1000
      world.after(at, () => {
        node.stop()
      })
      world.after(at + 1000 + world.random.next() * 5000, () => {
        node.start()
      })
    }
  }
}

function isSettled(world: World, node: SimNode, history: History): boolean {
  const { size, frozenAt } = node.store(history.ledger)
  const status = node.runner.sync.status(history.ledger, world.now)
  if (history.forkAt < history.entries.length) return frozenAt === history.forkAt && size >= frozenAt
  return size === history.entries.length && (node.credulous || status?.status === 'synced')
}

function checkEnd(world: World, node: SimNode, history: History): void {
  const store = node.store(history.ledger)
  const status = node.runner.sync.status(history.ledger, world.now)
  const where = `${node.id} has ${store.size} of ${history.entries.length}, frozen at ${store.frozenAt}, ${JSON.stringify(status)} ${JSON.stringify(node.runner.sync.details(history.ledger, world.now))}`
  assert(isSettled(world, node, history), where)
  const forked = history.forkAt < history.entries.length
  assert.equal(status?.status === 'stalled' && status.code === 'FROZEN', forked, where)
  assert.equal(store.shown !== null, forked, where)
  for (const [seq, entry] of store.entries.entries()) {
    assert(
      entry.hash === history.entries[seq]!.hash || (forked && entry.hash === history.branch[seq]!.hash),
      `${node.id} holds another entry ${seq}`
    )
  }
}

/** Holds at every moment. */
class Watch {
  readonly #world: World
  readonly #nodes: SimNode[]
  readonly #progress = new Map<string, { life: Runner; size: number; at: number }>()

  constructor(world: World, nodes: SimNode[]) {
    this.#world = world
    this.#nodes = nodes
  }

  look(): void {
    const { now } = this.#world
    for (const { id, alive, runner } of this.#nodes) {
      for (const ledger of alive ? runner.sync.list() : []) {
        const status = runner.sync.status(ledger, now)!
        const key = `${id} ${ledger}`
        const last = this.#progress.get(key)
        if (status.status !== 'syncing' || last === undefined || last.size !== status.size || last.life !== runner)
          this.#progress.set(key, { life: runner, size: status.size, at: now })
        else
          assert(now - last.at <= SYNCING_S * 1000, `${key} has been syncing at ${status.size} for ${now - last.at} ms`)
        if (status.status === 'stalled') assert(STALL_SENTENCES[status.code] !== undefined && status.since <= now)
      }
    }
  }
}
