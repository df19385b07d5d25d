/**
 * Payloads beside the tiles, an object each, named by its hash. Tiles are for ever, payloads are not: what the author
 * erases is deleted here before anything else is done.
 */
import { fromUtf8, toUtf8 } from '#platform'
import type { Entry } from '../core/entry.js'
import { LedgermeshError } from '../core/errors.js'
import { hasExactly, isInteger } from '../core/grammar.js'
import { MAX_AWAITED_PAYLOADS, PAYLOADS_AT_A_TIME } from './limits.js'
import type { PublicFolder } from './public-folder.js'
import { PAYLOAD, PAYLOADS } from './published.js'
import type { PublishSource } from './source.js'

interface State {
  v: 1
  /** Of entries below this seq the payloads were written, but for those that are awaited. */
  through: number
  /** The erasures below this seq were carried out. */
  erased: number
  /** Seqs of entries whose payload is still to come to the node. */
  awaited: number[]
}

export class Payloads {
  readonly #folder: PublicFolder
  readonly #state: State | null
  #awaited: number[]
  readonly counts = { written: 0, erased: 0 }

  private constructor(folder: PublicFolder, state: State | null) {
    this.#folder = folder
    this.#state = state
    this.#awaited = state?.awaited ?? []
  }

  /** Throws BAD_FILE. */
  static async open(folder: PublicFolder): Promise<Payloads> {
    const bytes = await folder.read(PAYLOADS)
    return new Payloads(folder, bytes === null ? null : parseState(fromUtf8(bytes)))
  }

  get awaited(): number {
    return this.#awaited.length
  }

  /** Deletes what is to be erased since the last run. `visible`: entries that the source showed before this. */
  async erase(source: PublishSource, visible: number): Promise<void> {
    if (this.#state === null) return
    for await (const hash of source.erased(this.#state.erased)) {
      const path = `${PAYLOAD}/${hash}`
      if ((await this.#folder.read(path)) === null) continue
      await this.#folder.remove(path)
      this.counts.erased++
    }
    await this.#folder.sync()
    await this.#keep({ ...this.#state, erased: Math.max(visible, this.#state.erased) })
  }

  /** Writes the payloads of entries below `size` that were not written yet. `visible`: as of before this. */
  async write(source: PublishSource, size: number, visible: number): Promise<void> {
    const before = this.#state ?? { v: 1, through: 0, erased: visible, awaited: [] }
    const again: number[] = []
    for (const seq of before.awaited) for await (const one of source.entries(seq, seq + 1)) await this.#put(one, again)
    let writing: Promise<void>[] = []
    for await (const one of source.entries(before.through, size)) {
      writing.push(this.#put(one, again))
      if (writing.length < PAYLOADS_AT_A_TIME) continue
      await Promise.all(writing)
      writing = []
    }
    await Promise.all(writing)
    this.#awaited = again.toSorted((a, b) => a - b).slice(-MAX_AWAITED_PAYLOADS)
    await this.#folder.sync()
    await this.#keep({
      v: 1,
      through: Math.max(before.through, size),
      erased: Math.max(before.erased, visible),
      awaited: this.#awaited
    })
  }

  async #put({ entry, state }: { entry: Entry; state: string }, awaited: number[]): Promise<void> {
    const { payload } = entry.raw
    if (payload !== null) {
      await this.#folder.create(`${PAYLOAD}/${entry.header.payload_hash!}`, payload)
      this.counts.written++
    } else if (state === 'missing') awaited.push(entry.header.seq)
  }

  async #keep(state: State): Promise<void> {
    await this.#folder.replace(PAYLOADS, toUtf8(`${JSON.stringify(state)}\n`))
  }
}

function parseState(text: string): State {
  try {
    const value: unknown = JSON.parse(text)
    if (
      hasExactly(value, ['v', 'through', 'erased', 'awaited']) &&
      value.v === 1 &&
      isInteger(value.through, Number.MAX_SAFE_INTEGER) &&
      isInteger(value.erased, Number.MAX_SAFE_INTEGER) &&
      Array.isArray(value.awaited) &&
      value.awaited.every((seq) => isInteger(seq, Number.MAX_SAFE_INTEGER))
    )
      return value as unknown as State
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new LedgermeshError('BAD_FILE', `${PAYLOADS} of the published folder is damaged`)
}
