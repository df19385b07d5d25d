/**
 * Virtual time and a network of links in it. Everything happens in the order of (time, number), so one seed is one
 * history.
 */
import { createHash } from 'node:crypto'
import { WireError, wireError } from '../../protocols/wire.js'
import type { Entry } from '../../src/core/entry.js'
import type { Random } from '../../src/ports.js'
import { seeded } from '../sync/desk.js'
import { Agenda } from './agenda.js'
import type { SimNode } from './sim-node.js'

export const EPOCH = 1_700_000_000_000
/** Of the log, hashed in one go. */
const LOG_CHARS = 1 << 16

export interface Observer {
  stored: (node: SimNode, ledger: string, entries: readonly Entry[]) => void
  froze: (node: SimNode, ledger: string) => void
  /** Also: its gossip was rejected. */
  dropped: (node: SimNode, peer: string) => void
  /** It was asked while busy: failures that are held against it, before and after. */
  busy: (node: SimNode, peer: string, before: number, after: number) => void
}

export interface Weather {
  /** One-way delay, ms. */
  latency: [number, number]
  /** Probability that a message is lost. */
  loss: number
}

export class World {
  readonly random: Random
  readonly nodes = new Map<string, SimNode>()
  /** Nodes that all others keep links to, as a bootstrap list does. */
  hubs = ['n0', 'n1']
  /** Probability that a node has no time for a range. */
  busy = 0
  /** Looks at what nodes store and freeze. */
  watch: Observer | null = null
  now = EPOCH
  weather: Weather
  messages = 0
  /** Nodes on different sides do not reach each other; null: no partition. */
  sides: Map<string, number> | null = null
  readonly #agenda = new Agenda()
  readonly #links = new Map<string, Map<string, number>>()
  readonly #log = createHash('sha256')
  #lines = ''
  #ids: string[] = []
  #number = 0
  /** Has something happened that promises wait for? */
  #stirred = false
  #failure: Error | null = null

  constructor(seed: number, weather: Weather) {
    this.random = seeded(seed)
    this.weather = weather
  }

  /** The hash of everything that happened. */
  digest(): string {
    this.#log.update(this.#lines)
    this.#lines = ''
    return this.#log.copy().digest('hex')
  }

  note(line: string): void {
    this.#lines += `${this.now - EPOCH} ${line}\n`
    if (this.#lines.length < LOG_CHARS) return
    this.#log.update(this.#lines)
    this.#lines = ''
  }

  after(ms: number, run: () => void): void {
    this.#agenda.add(this.now + Math.max(0, ms), run)
  }

  /** Work that awaits: the clock stands still until all that can go on has gone on. */
  track(work: Promise<unknown>): void {
    this.#stirred = true
    work.catch((error: Error) => {
      this.#failure ??= error
    })
  }

  /** Something goes on that awaits; it answers for its own failures. */
  stir(): void {
    this.#stirred = true
  }

  /** Settles what a promise waits for, now. */
  settle(how: () => void): void {
    this.#stirred = true
    how()
  }

  async run(ms: number): Promise<void> {
    const until = this.now + ms
    for (let next = this.#agenda.take(until); next !== null; next = this.#agenda.take(until)) {
      this.now = next.at
      next.run()
      if (this.#stirred) {
        this.#stirred = false
        await new Promise(setImmediate)
      }
      if (this.#failure !== null) throw this.#failure
    }
    this.now = until
  }

  get ids(): string[] {
    if (this.#ids.length !== this.nodes.size) this.#ids = [...this.nodes.keys()]
    return this.#ids
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random.next() * items.length)]!
  }

  linked(a: string, b: string): boolean {
    return this.#links.get(a)?.has(b) === true
  }

  linksOf(id: string): string[] {
    return [...(this.#links.get(id)?.keys() ?? [])]
  }

  reaches(a: string, b: string): boolean {
    return this.sides === null || this.sides.get(a) === this.sides.get(b)
  }

  connect(a: string, b: string): void {
    const [one, other] = [this.nodes.get(a)!, this.nodes.get(b)!]
    if (
      a === b ||
      !this.reaches(a, b) ||
      this.linked(a, b) ||
      !one.alive ||
      !other.alive ||
      one.refuses(b) ||
      other.refuses(a)
    )
      return
    const link = ++this.#number
    this.#ends(a).set(b, link)
    this.#ends(b).set(a, link)
    one.connected(b)
    other.connected(a)
  }

  disconnect(a: string, b: string): void {
    if (!this.#ends(a).delete(b)) return
    this.#ends(b).delete(a)
    this.nodes.get(a)!.disconnected(b)
    this.nodes.get(b)!.disconnected(a)
  }

  partition(sides: Map<string, number> | null): void {
    this.sides = sides
    // Nobody notices at once that the line is dead.
    this.after(12_000, () => {
      for (const a of this.nodes.keys()) for (const b of this.linksOf(a)) if (!this.reaches(a, b)) this.disconnect(a, b)
    })
  }

  /** One way, and nobody knows whether it arrived. */
  send(from: string, to: string, deliver: (node: SimNode) => void): void {
    const link = this.#links.get(from)?.get(to)
    if (link === undefined) return
    this.messages++
    if (this.#isLost(from, to)) return
    this.after(this.#delay(), () => {
      const node = this.nodes.get(to)!
      if (node.alive && this.#links.get(from)?.get(to) === link) deliver(node)
    })
  }

  /** A question and its answer; `serve` may throw a coded error, or return a promise that never settles. */
  async ask<T>(
    from: string,
    to: string,
    timeoutMs: number,
    serve: (node: SimNode) => T | Promise<T>,
    signal: AbortSignal
  ): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      let settled = false
      const settle = (how: () => void): void => {
        if (settled) return
        settled = true
        signal.removeEventListener('abort', onAbort)
        this.settle(how)
      }
      const onAbort = (): void => {
        settle(() => {
          reject(wireError(signal.reason))
        })
      }
      signal.addEventListener('abort', onAbort)
      this.after(timeoutMs, () => {
        settle(() => {
          reject(new WireError('TIMEOUT', to))
        })
      })
      this.send(from, to, (node) => {
        const answer = (how: () => void): void => {
          this.send(to, from, () => {
            settle(how)
          })
        }
        const failed = (error: Error): void => {
          answer(() => {
            reject(error)
          })
        }
        try {
          const result = serve(node)
          if (result instanceof Promise) {
            this.#stirred = true
            result.then((value) => {
              answer(() => {
                resolve(value)
              })
            }, failed)
          } else
            answer(() => {
              resolve(result)
            })
        } catch (error) {
          failed(error as Error)
        }
      })
    })
  }

  #ends(id: string): Map<string, number> {
    let ends = this.#links.get(id)
    if (ends === undefined) this.#links.set(id, (ends = new Map()))
    return ends
  }

  #isLost(from: string, to: string): boolean {
    return !this.reaches(from, to) || this.random.next() < this.weather.loss
  }

  #delay(): number {
    const [least, most] = this.weather.latency
    return least + Math.floor(this.random.next() * (most - least + 1))
  }
}
