/** Virtual time and a network of links in it. Everything happens in the order of (time, number), so one seed is one history. */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { LedgermeshError } from '../../src/core/errors.js'
import type { Random } from '../../src/ports.js'
import { seeded } from '../sync/desk.js'
import type { SimNode } from './sim-node.js'

export const EPOCH = 1_700_000_000_000

export interface Weather {
  /** One-way delay, ms. */
  latency: [number, number]
  /** Probability that a message is lost. */
  loss: number
}

interface Timer { at: number, number: number, run: () => void }

export class World {
  readonly random: Random
  readonly nodes = new Map<string, SimNode>()
  now = EPOCH
  weather: Weather
  messages = 0
  /** Nodes on different sides do not reach each other; null: no partition. */
  sides: Map<string, number> | null = null
  readonly #timers: Timer[] = []
  readonly #links = new Map<string, number>()
  readonly #log = createHash('sha256')
  #number = 0
  #pending = 0
  #failure: Error | null = null

  constructor (seed: number, weather: Weather) {
    this.random = seeded(seed)
    this.weather = weather
  }

  /** The hash of everything that happened. */
  digest (): string {
    return this.#log.copy().digest('hex')
  }

  note (line: string): void {
    this.#log.update(`${this.now - EPOCH} ${line}\n`)
  }

  after (ms: number, run: () => void): void {
    const timer = { at: this.now + Math.max(0, ms), number: ++this.#number, run }
    let low = 0
    let high = this.#timers.length
    // Latest first, so that the next one is popped from the end.
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#timers[middle]!
      if (other.at > timer.at || (other.at === timer.at && other.number > timer.number)) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
  }

  /** Work that awaits: the clock stands still until all that can go on has gone on. */
  track (work: Promise<unknown>): void {
    this.#pending++
    work.catch((error: Error) => { this.#failure ??= error }).finally(() => { this.#pending-- })
  }

  async run (ms: number): Promise<void> {
    const until = this.now + ms
    for (let next = this.#timers.at(-1); next !== undefined && next.at <= until; next = this.#timers.at(-1)) {
      this.#timers.pop()
      this.now = next.at
      next.run()
      if (this.#pending > 0) await setImmediate()
      if (this.#failure !== null) throw this.#failure
    }
    this.now = until
  }

  pick<T> (items: readonly T[]): T {
    return items[Math.floor(this.random.next() * items.length)]!
  }

  linked (a: string, b: string): boolean {
    return this.#links.has(linkKey(a, b))
  }

  linksOf (id: string): string[] {
    return [...this.nodes.keys()].filter((other) => other !== id && this.linked(id, other))
  }

  reaches (a: string, b: string): boolean {
    return this.sides === null || this.sides.get(a) === this.sides.get(b)
  }

  connect (a: string, b: string): void {
    const [one, other] = [this.nodes.get(a)!, this.nodes.get(b)!]
    if (a === b || !this.reaches(a, b) || this.linked(a, b) || !one.alive || !other.alive || one.refuses(b) || other.refuses(a)) return
    this.#links.set(linkKey(a, b), ++this.#number)
    one.connected(b)
    other.connected(a)
  }

  disconnect (a: string, b: string): void {
    if (!this.#links.delete(linkKey(a, b))) return
    this.nodes.get(a)!.disconnected(b)
    this.nodes.get(b)!.disconnected(a)
  }

  partition (sides: Map<string, number> | null): void {
    this.sides = sides
    // Nobody notices at once that the line is dead.
    this.after(12_000, () => {
      for (const a of this.nodes.keys()) for (const b of this.linksOf(a)) if (!this.reaches(a, b)) this.disconnect(a, b)
    })
  }

  /** One way, and nobody knows whether it arrived. */
  send (from: string, to: string, deliver: (node: SimNode) => void): void {
    const link = this.#links.get(linkKey(from, to))
    if (link === undefined) return
    this.messages++
    if (this.#isLost(from, to)) return
    this.after(this.#delay(), () => {
      const node = this.nodes.get(to)!
      if (node.alive && this.#links.get(linkKey(from, to)) === link) deliver(node)
    })
  }

  /** A question and its answer; `serve` may throw a coded error, or return a promise that never settles. */
  async ask<T> (from: string, to: string, timeoutMs: number, serve: (node: SimNode) => T | Promise<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      if (!this.linked(from, to)) {
        reject(new LedgermeshError('UNREACHABLE', to))
        return
      }
      this.after(timeoutMs, () => { reject(new LedgermeshError('TIMEOUT', to)) })
      this.send(from, to, (node) => {
        const answer = (settle: () => void): void => { this.send(to, from, settle) }
        const failed = (error: Error): void => { answer(() => { reject(error) }) }
        try {
          const result = serve(node)
          if (result instanceof Promise) result.then((value) => { answer(() => { resolve(value) }) }, failed)
          else answer(() => { resolve(result) })
        } catch (error) {
          failed(error as Error)
        }
      })
    })
  }

  #isLost (from: string, to: string): boolean {
    return !this.reaches(from, to) || this.random.next() < this.weather.loss
  }

  #delay (): number {
    const [least, most] = this.weather.latency
    return least + Math.floor(this.random.next() * (most - least + 1))
  }
}

function linkKey (a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`
}
