/**
 * Lines that wait for what they refer to. A line is woken when everything it misses has arrived, or was sent before it,
 * and not before. Of some the node said that it misses something; others are held here without having been sent: what
 * they refer to may be in a later line.
 *
 * What arrives while a batch is under way may have been missed by that batch and be here before its refusal is: such
 * arrivals are remembered for as long as an older batch is under way.
 */
import type { ImportLine } from './parse-line.js'

export interface Missing {
  ledgerId: string
  entryId: string
}

interface Parked {
  line: ImportLine
  missing: Set<string>
}

export class Parking {
  readonly #parked = new Map<ImportLine, Parked>()
  readonly #waiting = new Map<string, Set<Parked>>()
  /** Key → when it arrived, in arrivals. */
  readonly #arrived = new Map<string, number>()
  /** Ledger → of how many of its entries somebody waits for. */
  readonly #ledgers = new Map<string, number>()
  /** Not sent yet, in the order of the file. */
  readonly #unasked = new Set<Parked>()
  #unaskedBytes = 0
  #woken: ImportLine[] = []
  #arrivals = 0
  /** When arrivals were missed for the last time. */
  #lost = -1
  #bytes = 0

  get size(): number {
    return this.#parked.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Lines that the node was not asked about. */
  get unasked(): number {
    return this.#unasked.size
  }

  get unaskedBytes(): number {
    return this.#unaskedBytes
  }

  /** The present moment, for `park` and `forget`. */
  get now(): number {
    return this.#arrivals
  }

  /** `since`: when the batch that missed them was sent. */
  park(line: ImportLine, missing: Missing[], since: number): void {
    const keys = missing.map(keyOf).filter((key) => (this.#arrived.get(key) ?? -1) < since)
    if (keys.length === 0 || this.#lost >= since) {
      this.#woken.push(line)
      return
    }
    this.#put({ line, missing: new Set(keys) })
  }

  /** Keeps a line back that refers to what may be in later lines. */
  hold(line: ImportLine, missing: Missing[]): void {
    const parked = { line, missing: new Set(missing.map(keyOf)) }
    this.#put(parked)
    this.#unasked.add(parked)
    this.#unaskedBytes += line.bytes
  }

  /** Lines that were held back, the first of the file first, until so many bytes are left: now the node is asked. */
  release(leaveBytes: number): void {
    for (const parked of this.#unasked) {
      if (this.#unaskedBytes <= leaveBytes) return
      this.#wake(parked)
    }
  }

  #put(parked: Parked): void {
    this.#parked.set(parked.line, parked)
    this.#bytes += parked.line.bytes
    for (const key of parked.missing) {
      const waiting = this.#waiting.get(key)
      if (waiting !== undefined) waiting.add(parked)
      else {
        this.#waiting.set(key, new Set([parked]))
        this.#count(key, 1)
      }
    }
  }

  arrive(entry: Missing): void {
    const key = keyOf(entry)
    this.#arrived.delete(key)
    this.#arrived.set(key, this.#arrivals++)
    this.#free(key)
  }

  /** It is on its way, and the node takes what it is sent in order: who waits for it alone may follow at once. */
  sent(entry: Missing): void {
    this.#free(keyOf(entry))
  }

  #free(key: string): void {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) return
    this.#waiting.delete(key)
    this.#count(key, -1)
    for (const parked of waiting) {
      parked.missing.delete(key)
      if (parked.missing.size === 0) this.#wake(parked)
    }
  }

  /** Arrivals before this moment: no batch that is under way can have missed them. */
  forget(before: number): void {
    for (const [key, at] of this.#arrived) {
      if (at >= before) return
      this.#arrived.delete(key)
    }
  }

  /** Some arrivals were not heard of: everything is tried again. */
  wakeAll(): void {
    this.#lost = this.#arrivals++
    for (const parked of this.#parked.values()) this.#wake(parked)
  }

  /** Lines to send again. */
  takeWoken(): ImportLine[] {
    const woken = this.#woken
    this.#woken = []
    return woken
  }

  /** Does a parked line wait for an entry of this ledger? */
  waitsFor(ledger: string): boolean {
    return this.#ledgers.has(ledger)
  }

  /**
   * Lines that nothing here can free, to be appended as they are: those that wait for no other parked line; in a
   * circle, its first.
   * The others will be woken by these.
   */
  takeHopeless(ownLedger: string): ImportLine[] {
    const ids = new Set(
      [...this.#parked.keys()].map(({ params }) => keyOf({ ledgerId: ownLedger, entryId: params.id }))
    )
    const all = [...this.#parked.values()]
    const free = all.filter(({ missing }) => [...missing].every((key) => !ids.has(key)))
    const taken = free.length > 0 ? free : all.slice(0, 1)
    for (const parked of taken) this.#remove(parked)
    return taken.map(({ line }) => line)
  }

  /** What is parked, in the order in which it was. */
  list(): { line: ImportLine; missing: Missing[] }[] {
    return [...this.#parked.values()].map(({ line, missing }) => ({ line, missing: [...missing].map(missingOf) }))
  }

  #wake(parked: Parked): void {
    this.#remove(parked)
    this.#woken.push(parked.line)
  }

  #remove(parked: Parked): void {
    this.#parked.delete(parked.line)
    this.#bytes -= parked.line.bytes
    if (this.#unasked.delete(parked)) this.#unaskedBytes -= parked.line.bytes
    for (const key of parked.missing) {
      const waiting = this.#waiting.get(key)
      waiting?.delete(parked)
      if (waiting?.size !== 0) continue
      this.#waiting.delete(key)
      this.#count(key, -1)
    }
  }

  #count(key: string, change: 1 | -1): void {
    const { ledgerId } = missingOf(key)
    const count = (this.#ledgers.get(ledgerId) ?? 0) + change
    if (count === 0) this.#ledgers.delete(ledgerId)
    else this.#ledgers.set(ledgerId, count)
  }
}

/** A ledger id has no slash. */
function keyOf({ ledgerId, entryId }: Missing): string {
  return `${ledgerId}/${entryId}`
}

function missingOf(key: string): Missing {
  const index = key.indexOf('/')
  return { ledgerId: key.slice(0, index), entryId: key.slice(index + 1) }
}
