/** A node that follows nothing, has everything, and serves it wrong in every way it knows. */
import type { HeadsAnswer, WantedHead } from '../../protocols/hello/index.js'
import type { PayloadItem } from '../../protocols/pull/index.js'
import { WireError, type WireEntry, type WireHead } from '../../protocols/wire.js'
import type { Entry, RawEntry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { NETWORK, signEntry } from './histories.js'
import { lied } from './provable-lies.js'
import { SimNode, type Served } from './sim-node.js'
import type { World } from './world.js'

const KEY = signingKeyFromSeed(new Uint8Array(32).fill(13))
const FORGED = 8
/** Shorter than those who ask wait. */
const SLOW_MS = 25_000

export type Lie =
  | 'corrupt'
  | 'foreign'
  | 'forged'
  | 'empty'
  | 'reordered'
  | 'short'
  | 'busy'
  | 'silent'
  | 'unavailable'
  | 'slow'
  | 'stale'
  | 'slander'
export const LIES: Lie[] = [
  'corrupt',
  'foreign',
  'forged',
  'empty',
  'reordered',
  'short',
  'busy',
  'silent',
  'unavailable',
  'slow',
  'stale',
  'slander'
]

/** Entries that there are to lie about. */
export interface Source {
  ledger: string
  entries: readonly Entry[]
}

export class Liar extends SimNode {
  readonly #histories: Source[]
  readonly #lies: Lie[]

  constructor(world: World, id: string, histories: Source[], lies: Lie[] = LIES) {
    super(world, id, [])
    this.#histories = histories
    this.#lies = lies
  }

  protected override serves(_peer: string, ledger: string): Served {
    const entries = this.#histories.find((history) => history.ledger === ledger)?.entries ?? []
    return { entries, size: entries.length }
  }

  override async head(...asked: Parameters<SimNode['head']>): Promise<WireHead | null> {
    const head = await super.head(...asked)
    if (head === null) return null
    const mood = this.world.random.next()
    if (mood > 0.9 && this.#lies.includes('stale')) return { ...head, ...signedPart(this.#old(head.ledger)) }
    if (mood > 0.8 && this.#lies.includes('slander')) return { ...head, evidence: slander(head.ledger) }
    return mood < 0.5
      ? { ...head, ...signedPart(falseHead(head.ledger)) }
      : mood < 0.6 && this.#lies.some((lie) => PROVABLE.has(lie))
        ? { ...head, ledger: this.#histories[0]!.ledger }
        : head
  }

  /** Nothing is the same for it. */
  override async heads(peer: string, wanted: WantedHead[]): Promise<HeadsAnswer> {
    return await super.heads(
      peer,
      wanted.map(({ ledger, evidenceIds }) => ({ ledger, size: -1, ...(evidenceIds !== undefined && { evidenceIds }) }))
    )
  }

  /** Withholds what is new. */
  #old(ledger: string): RawEntry {
    const { entries } = this.serves('', ledger)
    return entries[Math.floor(this.world.random.next() * entries.length)]!.raw
  }

  /** Tells it to whoever comes. */
  override connected(peer: string): void {
    if (this.#lies.includes('slander') && this.world.random.next() < 0.2) {
      const { ledger } = this.world.pick(this.#histories)
      this.world.send(this.id, peer, (node) => {
        node.told(this.id, ledger, slander(ledger))
      })
    }
  }

  override range(_peer: string, ledger: string, from: number, count: number): WireEntry[] | Promise<WireEntry[]> {
    const entries = this.serves('', ledger).entries.slice(from, from + count)
    const lie = this.world.pick(this.#lies)
    switch (lie) {
      case 'corrupt':
        return lied(entries.map(({ raw }, index) => (index === entries.length >> 1 ? corrupted(raw, this.world) : raw)))
      case 'foreign':
        return lied(
          this.#histories
            .find((history) => history.ledger !== ledger)!
            .entries.slice(from, from + count)
            .map(({ raw }) => raw)
        )
      case 'forged':
        return this.#forged(ledger, from, count)
      case 'empty':
        return lied([])
      case 'reordered':
        return entries
          .toReversed()
          .map(({ raw }) => raw)
          .concat(entries[0]?.raw ?? [])
      case 'busy':
        throw new WireError('BUSY', 'no time', { retryMs: 5_000 })
      case 'slow':
        return this.#late(entries.map(({ raw }) => raw))
      case 'stale':
      case 'slander':
      case 'short':
        return entries.slice(0, 1).map(({ raw }) => raw)
      case 'silent':
        return new Promise(() => {})
      case 'unavailable':
        throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: from } })
    }
  }

  /** Of a payload that it says to have. */
  override payloads(_peer: string, _ledger: string, seqs: number[]): PayloadItem[] {
    const made = this.#lies.includes('corrupt') && this.world.random.next() < 0.5 ? Uint8Array.of(1) : null
    const answer = seqs.map((seq) => ({ seq, payload: made }))
    return made === null ? answer : lied(answer)
  }

  async #late(range: RawEntry[]): Promise<RawEntry[]> {
    return await new Promise((resolve) => {
      this.world.after(SLOW_MS, () => {
        this.world.settle(() => {
          resolve(range)
        })
      })
    })
  }

  /** Chains to the real entries, signed by a key of its own. */
  async #forged(ledger: string, from: number, count: number): Promise<RawEntry[]> {
    const made: Entry[] = []
    const before = this.serves('', ledger).entries[from - 1]
    while (made.length < Math.min(count, FORGED)) {
      made.push(
        await signEntry(KEY, {
          ledger,
          seq: Math.max(1, from + made.length),
          prev: (made.at(-1) ?? before)?.hash ?? '0'.repeat(64),
          id: `forged${from + made.length}`
        })
      )
    }
    return made.map(({ raw }) => raw)
  }
}

/** Lies that prove themselves; the others could be bad luck. */
export const PROVABLE = new Set<Lie>(['corrupt', 'foreign', 'forged', 'empty', 'reordered', 'slander'])

const falsehoods = new Map<string, { head: RawEntry; slander: Uint8Array }>()

/** A head at 2^53, well signed, by nobody that the ledger knows; and evidence made of two such entries. */
export async function makeFalsehoods(histories: Source[]): Promise<void> {
  for (const { ledger, entries } of histories) {
    if (falsehoods.has(ledger)) continue
    const forge = async (seq: number, id: string): Promise<RawEntry> =>
      (await signEntry(KEY, { ledger, seq, prev: '0'.repeat(64), id })).raw
    const accused = { network: NETWORK, ledger, keyEntries: [{ ...entries[0]!.raw, seq: 0 }] }
    falsehoods.set(ledger, {
      head: await forge(Number.MAX_SAFE_INTEGER, 'false'),
      slander: encodeEvidence(sameSeqEvidence(accused, 1, await forge(1, 'one'), await forge(1, 'other')))
    })
  }
}

function signedPart({ header, signature }: RawEntry): Pick<RawEntry, 'header' | 'signature'> {
  return { header, signature }
}

function falseHead(ledger: string): RawEntry {
  return falsehoods.get(ledger)!.head
}

function slander(ledger: string): Uint8Array {
  return falsehoods.get(ledger)!.slander
}

function corrupted(raw: RawEntry, world: World): RawEntry {
  const part = world.random.next() < 0.5 ? 'header' : 'signature'
  const bytes = Uint8Array.from(raw[part])
  bytes[Math.floor(world.random.next() * bytes.length)]! ^= 1
  return { ...raw, [part]: bytes }
}
