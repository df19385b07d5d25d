/**
 * Virtual time for one ledger whose home is copied, put back and run twice. One seed is one history; what left a node
 * is remembered.
 */
import type { Log } from '../../../src/ports.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { Agenda } from '../agenda.js'

export const EPOCH = 1_700_000_000_000
export const LEDGER = `b${'a'.repeat(52)}`
export const SILENT: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined
}

/** An own entry, as far as the signer looks at it. `by`: which process signed it. */
export interface SimEntry {
  seq: number
  hash: string
  prev: string | null
  key: string
  next: string | null
  timestamp: number
  by: string
}

/** The public key with this number, hex. */
export const keyNumber = (n: number): string => n.toString(16).padStart(64, '0')

export class Stage {
  readonly dice: Dice
  /** How many questions are never answered. */
  loss = 0.1
  now = EPOCH
  /** The hashes of entries that anybody outside has, by seq. */
  readonly left = new Map<number, Set<string>>()
  readonly #agenda = new Agenda()
  readonly #running: Promise<unknown>[] = []
  #hashes = 0

  constructor(seed: number) {
    this.dice = dice(seed)
  }

  hash(): string {
    return (++this.#hashes).toString(16).padStart(64, 'e')
  }
  below(end: number): number {
    return Math.floor(this.dice() * end)
  }
  chance(p: number): boolean {
    return this.dice() < p
  }
  latency(): number {
    return 1 + this.below(300)
  }

  after(ms: number, run: () => void | Promise<void>): void {
    this.#agenda.add(this.now + Math.max(0, ms), () => {
      this.#running.push(Promise.resolve(run()))
    })
  }

  async run(ms: number): Promise<void> {
    const until = this.now + ms
    for (let next = this.#agenda.take(until); next !== null; next = this.#agenda.take(until)) {
      this.now = next.at
      next.run()
      await Promise.all(this.#running.splice(0))
    }
    this.now = until
  }

  /** Somebody outside has this entry. */
  leaves({ seq, hash }: SimEntry): void {
    const known = this.left.get(seq) ?? new Set()
    known.add(hash)
    this.left.set(seq, known)
  }

  /** Seqs of which two entries left. */
  forks(): number[] {
    return [...this.left].filter(([, hashes]) => hashes.size > 1).map(([seq]) => seq)
  }
}
