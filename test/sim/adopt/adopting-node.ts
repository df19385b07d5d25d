/**
 * A node that adopts: what it holds of others, what its disk remembers, and the adoption itself, which is the program's
 * own. Every look at the disk may be the last one of this run.
 */
import type { Hash } from '../../../src/core/hash.js'
import { syncMarkOf } from '../../../src/core/reference.js'
import type { SyncFilters } from '../../../src/core/payload-filter.js'
import { Adoption } from '../../../src/sync/adopt/adoption.js'
import type { AdoptionBook, AdoptSource, CopyChain, CopyOutcome, FoundCopy } from '../../../src/sync/adopt/ports.js'
import { newRow } from '../../../src/sync/adopt/tally.js'
import type { AdoptionRow, Original } from '../../../src/sync/adopt/types.js'
import type { Dice } from '../../helpers/dice.js'
import type { ModelEntry, ModelLedger } from './model-ledger.js'

/** The process ends here. */
export class Killed extends Error {}

/** Entries that are read at once. */
const READ = 7

export interface Mirror {
  of: ModelLedger
  size: number
  /** Seqs of payloads that have not come. */
  missing: Set<number>
  filters: SyncFilters | null
}

interface Remembered {
  row: AdoptionRow
  waiting: Set<number>
}

export class AdoptingNode {
  readonly ledger: ModelLedger
  readonly mirrors = new Map<string, Mirror>()
  /** In [0, 1): how likely each look at the disk is the last one. */
  deadly = 0
  kills = 0
  readonly #dice: Dice
  #adoptions = new Map<string, Adoption>()
  #cuts: { source: string; size: number }[] = []
  #disk = new Map<string, Remembered>()
  /** What was written since the disk was last synced. */
  #unsynced: Map<string, Remembered>[] = []

  constructor(ledger: ModelLedger, dice: Dice) {
    this.ledger = ledger
    this.#dice = dice
  }

  follow(of: ModelLedger, filters: SyncFilters | null = null): void {
    this.mirrors.set(of.id, { of, size: 0, missing: new Set(), filters })
  }

  /** The mirror comes nearer to what its author has. */
  pull(id: string, count: number): void {
    const mirror = this.mirrors.get(id)!
    for (const { header } of mirror.of.entries.slice(mirror.size, mirror.size + count)) {
      mirror.size++
      if (header.payload_hash !== null && this.#dice() < 0.3) mirror.missing.add(header.seq)
    }
  }

  /** Payloads come that were missing. */
  fill(id: string, share: number): void {
    const mirror = this.mirrors.get(id)!
    for (const seq of mirror.missing)
      if (this.#dice() < share) {
        mirror.missing.delete(seq)
        this.#adoptions.get(id)?.arrived(seq)
      }
  }

  /** The author's branch from `size` on gave way to another one. */
  cut(id: string, size: number): void {
    const mirror = this.mirrors.get(id)
    if (mirror === undefined || mirror.size <= size) return
    mirror.size = size
    for (const seq of mirror.missing) if (seq >= size) mirror.missing.delete(seq)
    this.#cuts.push({ source: id, size })
  }

  /** One turn of the adopter, as node/adopt/adopter.ts: erasures first. False: nothing was left to do. */
  async step(): Promise<boolean> {
    try {
      return await this.#step()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.kills++
      this.restart(this.#dice() < 0.5)
      return true
    }
  }

  /** `power`: what was not synced may be gone, the newest first. */
  restart(power: boolean): void {
    const kept = power ? Math.floor(this.#dice() * (this.#unsynced.length + 1)) : this.#unsynced.length
    this.#disk = copyOf(this.#unsynced[kept - 1] ?? this.#disk)
    this.#unsynced = []
    this.#adoptions = new Map()
    this.#cuts = []
    if (power)
      for (const { of } of this.mirrors.values())
        if (this.#dice() < 0.3) this.#forget(of.id, Math.floor(this.#dice() * of.entries.length))
  }

  /** Its folder is lost, and its own ledger is pulled back from others. */
  restore(): void {
    this.restart(false)
    this.#disk = new Map()
    for (const id of this.mirrors.keys()) this.#forget(id, 0)
  }

  rowOf(id: string): AdoptionRow | null {
    return this.#adoptions.get(id)?.row ?? null
  }

  #forget(id: string, size: number): void {
    const mirror = this.mirrors.get(id)!
    mirror.size = Math.min(mirror.size, size)
    for (const seq of mirror.missing) if (seq >= mirror.size) mirror.missing.delete(seq)
  }

  async #step(): Promise<boolean> {
    for (const [id, mirror] of this.mirrors) if (!this.#adoptions.has(id)) await this.#open(id, mirror)
    for (const { source, size } of this.#cuts.splice(0)) await this.#adoptions.get(source)!.cut(size)
    let busy = false
    for (const adoption of this.#adoptions.values()) busy = (await adoption.followErasures()) || busy
    for (const [id, adoption] of this.#adoptions) {
      const { size, filters } = this.mirrors.get(id)!
      if (adoption.row.adopted.at >= size && !adoption.late) continue
      busy = true
      await adoption.adopt(size, { filters, followed: null }, 1 + Math.floor(this.#dice() * 8))
    }
    return busy
  }

  async #open(id: string, mirror: Mirror): Promise<void> {
    const remembered = (this.#unsynced.at(-1) ?? this.#disk).get(id)
    const adoption = new Adoption({
      source: this.#sourceOf(mirror),
      copies: this.#copies(),
      book: this.#book(),
      row: remembered?.row ?? newRow(0, ''),
      now: () => 0,
      onOutcome: () => {},
      onErased: () => {}
    })
    await adoption.open()
    this.#adoptions.set(id, adoption)
  }

  #point(): void {
    if (this.#dice() < this.deadly) throw new Killed('killed')
  }

  #sourceOf(mirror: Mirror): AdoptSource {
    const read = (entries: ModelEntry[]): Promise<Original[]> => {
      this.#point()
      const erased = erasedIn(mirror)
      return Promise.resolve(
        entries.map(({ header, hash, payload }) => ({
          header,
          hash,
          bytes: 1,
          payload:
            payload === null
              ? { state: 'none' }
              : erased.has(hash)
                ? { state: 'erased' }
                : mirror.missing.has(header.seq)
                  ? { state: 'missing' }
                  : { state: 'present', content: payload }
        }))
      )
    }
    return {
      id: mirror.of.id,
      get size() {
        return mirror.size
      },
      hashAt: (seq) => Promise.resolve(seq < mirror.size ? (mirror.of.entries[seq]?.hash ?? null) : null),
      read: (from, to) => read(mirror.of.entries.slice(from, Math.min(to, from + READ, mirror.size))),
      readSeqs: (seqs) => read(seqs.filter((seq) => seq < mirror.size).map((seq) => mirror.of.entries[seq]!)),
      erasures: (from) => {
        this.#point()
        const next = Math.min(mirror.size, from + READ)
        return Promise.resolve({ hashes: erasuresOf(mirror.of.entries.slice(from, next)), next })
      },
      areErased: (seqs) => {
        this.#point()
        const erased = erasedIn(mirror)
        return Promise.resolve(seqs.map((seq) => erased.has(mirror.of.entries[seq]!.hash)))
      }
    }
  }

  #copies(): CopyChain {
    const { ledger } = this
    return {
      find: (ids) => {
        this.#point()
        return Promise.resolve(
          ids.map((id): FoundCopy | null => {
            const entry = ledger.byId(id)
            return entry === null
              ? null
              : {
                  hash: entry.hash,
                  mark: syncMarkOf(entry.header.meta),
                  hasPayload: entry.payload !== null && !ledger.erased.has(entry.header.seq)
                }
          })
        )
      },
      append: (inputs) => {
        // Group by group: each is on the disk or not, and its end may not be heard of.
        const outcomes: CopyOutcome[] = []
        for (let from = 0; from < inputs.length;) {
          this.#point()
          const to = from + 1 + Math.floor(this.#dice() * inputs.length)
          for (const input of inputs.slice(from, to)) {
            const done = ledger.take(input)
            outcomes.push(
              done === 'appended' || done === 'existing' ? { done } : { done: 'refused', code: done, message: done }
            )
          }
          this.#synced()
          this.#point()
          from = to
        }
        return Promise.resolve(outcomes)
      },
      erase: (hashes) => {
        this.#point()
        ledger.erase(hashes)
        this.#synced()
        this.#point()
        return Promise.resolve()
      }
    }
  }

  #book(): AdoptionBook {
    const now = (): Map<string, Remembered> => this.#unsynced.at(-1) ?? this.#disk
    const write = (source: string, change: (row: Remembered) => void): Promise<void> => {
      this.#point()
      const next = copyOf(now())
      const row = next.get(source) ?? { row: newRow(0, ''), waiting: new Set<number>() }
      change(row)
      next.set(source, row)
      this.#unsynced.push(next)
      this.#point()
      return Promise.resolve()
    }
    const waitingOf = (source: string): number[] => [...(now().get(source)?.waiting ?? [])].sort((a, b) => a - b)
    return {
      put: (source, row, { add, drop }) =>
        write(source, (there) => {
          there.row = row
          for (const seq of add) there.waiting.add(seq)
          for (const seq of drop) there.waiting.delete(seq)
        }),
      waiting: (source, from, limit) =>
        Promise.resolve(
          waitingOf(source)
            .filter((seq) => seq >= from)
            .slice(0, limit)
        ),
      areWaiting: (source, seqs) => Promise.resolve(waitingOf(source).filter((seq) => seqs.includes(seq))),
      forgetWaiting: (source) =>
        write(source, (there) => {
          there.waiting.clear()
        })
    }
  }

  /** A synced write takes all that was written before it to the disk. */
  #synced(): void {
    this.#disk = this.#unsynced.at(-1) ?? this.#disk
    this.#unsynced = []
  }
}

function copyOf(rows: Map<string, Remembered>): Map<string, Remembered> {
  return new Map([...rows].map(([id, { row, waiting }]) => [id, { row, waiting: new Set(waiting) }]))
}

function erasuresOf(entries: readonly ModelEntry[]): Hash[] {
  return entries.flatMap(({ header }) => (header.type === 'ledger.erase' ? (header.meta.entries as Hash[]) : []))
}

function erasedIn({ of, size }: Mirror): Set<Hash> {
  return new Set(erasuresOf(of.entries.slice(0, size)))
}
