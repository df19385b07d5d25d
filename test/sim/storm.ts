/** A large network in bad weather: what a seed rolls, one run of it, and what must be true when the weather is over. */
import { strict as assert } from 'node:assert'
import { AuthorNode, ledgerOfAuthor } from './author.js'
import { Equivocator } from './equivocator.js'
import { Liar, LIES, makeFalsehoods } from './liar.js'
import { SimNode } from './sim-node.js'
import { Sloppy } from './sloppy.js'
import { rollFaults, type Faults } from './storm-faults.js'
import { Watch } from './watch.js'
import { EPOCH, World, type Weather } from './world.js'

export interface StormAuthor {
  /** Entries at the start, and added during the storm. */
  published: number
  live: number
  rotateAt?: number
  /** Tells two stories from some moment on, about its last `depth` entries too. */
  forks?: { depth: number }
  /** Leaves an entry unsigned at some moment. */
  sloppy?: boolean
  /** Its entries have payloads; a third of its followers do without. */
  payloads?: boolean
  /** Share of the nodes that follow it. */
  share: number
}

export interface Storm {
  seed: number
  /** Of all kinds. */
  nodes: number
  liars: number
  authors: StormAuthor[]
  weather: Weather
  /** Probability that a node has no time for a range. */
  busy: number
  faults: Faults
  /** How long it rages. */
  seconds: number
  /** Between two looks at everything while it rages, s. */
  lookS?: number
}

/**
 * After the storm all must be well so much later: two look-ups of others who have the ledger, and a turn of the head
 * exchange.
 */
const CALM_S = 540
/** An author waits for its entries so long, then its operator says that nobody has them any more. */
const OPERATOR_S = 150
/** And so long a head that was lost for ever is remembered. */
const CLAIM_S = 600
/** Between two looks at everything, s. */
const LOOK_S = 2
/** One follower in so many wants no payloads. */
const HEADERS_ONLY_EACH = 3
/** Nodes that others keep links to. */
const MOST_HUBS = 10

export interface StormOutcome {
  digest: string
  messages: number
  /** Peers dropped for provable lies. */
  drops: number
  /** Nodes that froze a ledger, counted for each ledger and evidence. */
  evidence: number
  crashes: number
  restores: number
  /** Appends refused because the signer's own entries were missing. */
  refused: number
  /** Entries stored by followers at the end. */
  entries: number
  /** Seconds of virtual time after the storm until all was well. */
  calm: number
}

export class StormRun {
  readonly world: World
  readonly storm: Storm
  readonly authors: AuthorNode[] = []
  readonly followers: SimNode[] = []
  readonly liars: Liar[] = []
  crashes = 0
  #overridden = false

  constructor(storm: Storm) {
    this.storm = storm
    this.world = new World(storm.seed, storm.weather)
    this.world.hubs = Array.from({ length: Math.max(2, Math.min(MOST_HUBS, storm.nodes / 20)) }, (_, n) => `n${n}`)
    this.world.busy = storm.busy
  }

  static async play(storm: Storm): Promise<StormOutcome> {
    return await new StormRun(storm).play()
  }

  async play(): Promise<StormOutcome> {
    const { stackTraceLimit } = Error
    // Refusals are errors, there are thousands, and nobody looks at their stacks.
    Error.stackTraceLimit = 1
    try {
      await this.#people()
      return await this.#play()
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  get honest(): SimNode[] {
    return [...this.followers, ...this.authors]
  }

  async #people(): Promise<void> {
    const { world, storm } = this
    const ledgers = await Promise.all(storm.authors.map((_, n) => ledgerOfAuthor(`a${n}`)))
    const follows = (): string[] => ledgers.filter((_, n) => world.random.next() < storm.authors[n]!.share)
    for (const [n, { forks, published, rotateAt, payloads, sloppy }] of storm.authors.entries()) {
      const init = {
        id: `a${n}`,
        follows: follows().filter((ledger) => ledger !== ledgers[n]),
        ...(rotateAt === undefined ? {} : { rotateAt }),
        ...(payloads === true && { payloads })
      }
      const author = await (sloppy === true ? Sloppy : forks === undefined ? AuthorNode : Equivocator).create(
        world,
        init
      )
      author.alive = true
      await author.append(published - 1)
      author.alive = false
      this.authors.push(author)
    }
    const followers = storm.nodes - storm.authors.length - storm.liars
    for (let n = 0; n < followers; n++) this.followers.push(new SimNode(world, `n${n}`, follows()))
    for (const [n, { payloads }] of storm.authors.entries()) {
      for (const node of this.followers)
        if (payloads === true && Number(node.id.slice(1)) % HEADERS_ONLY_EACH === 0) node.headersOnly.add(ledgers[n]!)
    }
    await makeFalsehoods(this.authors)
    for (let n = 0; n < storm.liars; n++)
      this.liars.push(
        new Liar(
          world,
          `x${n}`,
          this.authors,
          LIES.filter(() => world.random.next() < 0.5)
        )
      )
    for (const node of [...this.honest, ...this.liars])
      world.after(world.random.next() * 3000, () => {
        node.start()
      })
  }

  async #play(): Promise<StormOutcome> {
    const { world, storm } = this
    this.#appends()
    rollFaults(this)
    const watch = new Watch(world, this.authors)
    const lookS = storm.lookS ?? LOOK_S
    for (let second = 0; second < storm.seconds; second += lookS) {
      await world.run(lookS * 1000)
      watch.look(this.honest)
    }
    this.#endStorm()
    let calm = 0
    for (; calm < CALM_S + (this.#overridden ? CLAIM_S : 0) && this.#unsettled() !== null; calm += LOOK_S) {
      await world.run(LOOK_S * 1000)
      watch.look(this.honest)
      if (calm === OPERATOR_S) this.#operator()
    }
    assert.equal(this.#unsettled(), null)
    Watch.punished(this.honest)
    const sum = (number: (author: AuthorNode) => number): number =>
      this.authors.reduce((total, author) => total + number(author), 0)
    return {
      digest: world.digest(),
      messages: world.messages,
      drops: watch.drops,
      evidence: watch.evidence,
      crashes: this.crashes,
      restores: sum(({ restores }) => restores),
      refused: sum(({ refused }) => refused),
      entries: this.followers.reduce(
        (total, node) => total + node.follows.reduce((all, ledger) => all + node.store(ledger).size, 0),
        0
      ),
      calm
    }
  }

  #appends(): void {
    const { world, storm } = this
    const ms = storm.seconds * 1000
    for (const [n, author] of this.authors.entries()) {
      const { live, forks, sloppy } = storm.authors[n]!
      for (let turn = 0; turn < live; turn++)
        world.after(world.random.next() * ms, () => {
          world.track(author.append())
        })
      if (sloppy === true && author instanceof Sloppy)
        world.after((0.1 + 0.6 * world.random.next()) * ms, () => {
          world.track(author.leaveUnsigned())
        })
      if (forks !== undefined && author instanceof Equivocator)
        world.after((0.1 + 0.6 * world.random.next()) * ms, () => {
          world.track(author.fork(forks.depth))
        })
    }
  }

  /** Both halves hear the liar. */
  #mingle(): void {
    for (const author of this.authors) {
      if (author.forkAt === null) continue
      const followers = this.followers.filter((node) => node.follows.includes(author.ledger))
      for (const half of [0, 1]) {
        const node = followers.find(({ id, alive }) => alive && Number(id.slice(1)) % 2 === half)
        if (node !== undefined) this.world.connect(author.id, node.id)
      }
    }
  }

  /** No more losses, no sides, everybody is there. The liars go on. */
  #endStorm(): void {
    const { world } = this
    world.weather = { ...world.weather, loss: 0 }
    world.busy = 0
    world.partition(null)
    for (const node of [...this.honest, ...this.liars]) node.start()
    this.#mingle()
  }

  /** What nobody has any more, nobody can hand back: then the operator says so. */
  #operator(): void {
    for (const author of this.authors) {
      const { target } = author
      if (target === null) continue
      if (
        !this.honest.some(
          (node) => node !== author && node.store(author.ledger).entries[target.seq]?.hash === target.hash
        )
      ) {
        author.override()
        this.#overridden = true
      }
    }
  }

  /** What is still not as it must be; null: all is well. */
  #unsettled(): string | null {
    for (const author of this.authors) {
      if (author.restoring)
        return `${author.id} waits for its own entry ${author.target!.seq}, and has ${author.own.size}`
      const end = author.forkAt
      for (const node of this.honest) {
        if (!node.follows.includes(author.ledger)) continue
        const { size, frozenAt, shown: evidence, audited, visible, missing } = node.store(author.ledger)
        const status = node.runner.sync.status(author.ledger, node.clock.now())!
        // Its author lost them with its disk, and whoever had them, too.
        const lost =
          missing.size > 0 &&
          [...missing].every((seq) => this.honest.every((other) => other.store(author.ledger).payload(seq) === null))
        const good =
          end === null
            ? size === author.own.size &&
              frozenAt === null &&
              evidence === null &&
              (status.status === 'synced' ||
                (lost && status.status === 'stalled' && status.code === 'PAYLOADS_MISSING'))
            : size >= end &&
              frozenAt === end &&
              evidence !== null &&
              status.status === 'stalled' &&
              status.code === 'FROZEN'
        if (audited < visible) return `${node.id} has audited ${audited} of ${visible} of ${author.id}`
        if (!good)
          return `${node.id} has ${size} of ${author.own.size} of ${author.id} (forked at ${end}), is frozen at ${frozenAt}, ${JSON.stringify(status)} ${(this.world.now - EPOCH) / 1000} s: ${JSON.stringify(node.runner.sync.details(author.ledger, node.clock.now()))}`
      }
    }
    return null
  }
}
