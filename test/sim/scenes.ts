/**
 * Small networks in which one peer does one thing wrong: a follower, an honest holder who comes later, and what must
 * come of it.
 */
import { strict as assert } from 'node:assert'
import type { HeadsAnswer, WantedHead } from '../../protocols/hello/index.js'
import { WireError, type WireEntry, type WireHead } from '../../protocols/wire.js'
import type { Entry, RawEntry } from '../../src/core/entry.js'
import { encodeEvidence, evidenceId, sameSeqEvidence } from '../../src/core/evidence.js'
import { NO_STANDING } from '../../src/ledger/read/standing-row.js'
import { history, keysOf, NETWORK, signEntry } from './histories.js'
import { SimNode, type Served } from './sim-node.js'
import { World } from './world.js'

const LENGTH = 40
/** Where an author leaves an entry unsigned, or begins another branch. */
const UNSIGNED_AT = 20
const PUBLISHED = 30
const PART = 10
/** Virtual: a head exchange or two, after which a liar is known; and a turn of everything. */
const SOON_S = 90
const LATER_S = 400

interface Tricks {
  entries?: readonly Entry[]
  head?: (head: WireHead) => WireHead
  heads?: (answer: () => Promise<HeadsAnswer>) => Promise<HeadsAnswer>
  range?: (from: number, count: number, entries: readonly Entry[]) => RawEntry[]
}

/** Has all of a ledger, and its own way with questions. */
class Trickster extends SimNode {
  readonly #ledger: string
  readonly #entries: readonly Entry[]
  readonly #tricks: Tricks

  constructor(world: World, ledger: string, entries: readonly Entry[], tricks: Tricks) {
    super(world, 'x0', [])
    this.#ledger = ledger
    this.#entries = tricks.entries ?? entries
    this.#tricks = tricks
  }

  protected override serves(_peer: string, ledger: string): Served {
    return ledger === this.#ledger ? { entries: this.#entries, size: this.#entries.length } : { entries: [], size: 0 }
  }

  override async head(...asked: Parameters<SimNode['head']>): Promise<WireHead | null> {
    const head = await super.head(...asked)
    return head === null ? null : (this.#tricks.head?.(head) ?? head)
  }

  override async heads(peer: string, wanted: WantedHead[]): Promise<HeadsAnswer> {
    const answer = (): Promise<HeadsAnswer> => super.heads(peer, wanted)
    return await (this.#tricks.heads?.(answer) ?? answer())
  }

  override range(...asked: Parameters<SimNode['range']>): WireEntry[] | Promise<WireEntry[]> {
    const [, , from, count] = asked
    return this.#tricks.range?.(from, count, this.#entries) ?? super.range(...asked)
  }
}

function worldOfTwo(): World {
  const world = new World(1, { latency: [5, 20], loss: 0 })
  world.hubs = ['n0', 'x0']
  return world
}

/** The follower after the trickster was alone with it, and after the honest one came, too. */
async function meet(
  name: string,
  tricks: (entries: readonly Entry[]) => Tricks | Promise<Tricks>,
  options: { rotates?: boolean } = {}
): Promise<{ follower: SimNode; ledger: string; entries: readonly Entry[]; world: World; soon: () => void }> {
  const { ledger, entries } = await history(name, LENGTH, options)
  const world = worldOfTwo()
  const trickster = new Trickster(world, ledger, entries, await tricks(entries))
  const follower = new SimNode(world, 'n0', [ledger])
  const author = new SimNode(world, 'a0', [])
  author.publish({ ledger, entries: [...entries], forkAt: entries.length, branch: [] }, entries.length)
  trickster.start()
  follower.start()
  await world.run(SOON_S * 1000)
  const soon = (): void => {
    author.start()
  }
  return { follower, ledger, entries, world, soon }
}

/** The trickster is dropped, and nothing of it is left: the follower ends with what the author signed. */
async function isDropped(name: string, tricks: (entries: readonly Entry[]) => Tricks | Promise<Tricks>): Promise<void> {
  const { follower, ledger, entries, world, soon } = await meet(name, tricks)
  assert.deepEqual([...new Set(follower.dropped)], ['x0'], `${name}: who makes it up is dropped`)
  soon()
  await world.run(LATER_S * 1000)
  const { size, frozenAt, shown } = follower.store(ledger)
  assert.deepEqual([size, frozenAt, shown], [entries.length, null, null], `${name}: the author's ledger is whole`)
  assert.equal(follower.runner.sync.status(ledger, world.now)?.status, 'synced')
  assert.deepEqual([...new Set(follower.dropped)], ['x0'])
}

/** Nobody is dropped, and the follower is synced with what the author signed. */
async function isForgiven(
  name: string,
  tricks: (entries: readonly Entry[]) => Tricks | Promise<Tricks>,
  options: { rotates?: boolean } = {}
): Promise<void> {
  const { follower, ledger, entries, world, soon } = await meet(name, tricks, options)
  soon()
  await world.run(LATER_S * 1000)
  assert.deepEqual(follower.dropped, [], `${name}: that is nobody's fault`)
  const { size, frozenAt } = follower.store(ledger)
  assert.deepEqual([size, frozenAt], [entries.length, null], `${name}: the author's ledger is whole`)
  assert.equal(follower.runner.sync.status(ledger, world.now)?.status, 'synced', name)
}

function unsigned({ header, signature, payload }: RawEntry): RawEntry {
  const bytes = Uint8Array.from(signature)
  bytes[0]! ^= 1
  return { header, signature: bytes, payload }
}

/** By name; the mutation list gives their number, from 1. */
export const SCENES: [name: string, play: (name: string) => Promise<void>][] = [
  [
    'a head that its key did not sign',
    async (name) =>
      await isDropped(name, (entries) => ({
        head: (head) => ({ ...head, ...unsigned({ ...entries.at(-1)!.raw, payload: null }), ledger: head.ledger })
      }))
  ],
  [
    'a head of another ledger',
    async (name) => {
      const other = await history('another', LENGTH)
      await isDropped(name, () => ({
        head: (head) => ({
          ...head,
          header: other.entries.at(-1)!.raw.header,
          signature: other.entries.at(-1)!.raw.signature
        })
      }))
    }
  ],
  [
    'a range that starts elsewhere',
    async (name) =>
      await isDropped(name, () => ({
        range: (from, count, entries) =>
          (from === 0 ? entries.slice(0, PART) : entries.slice(from + 1, from + 1 + count)).map(({ raw }) => raw)
      }))
  ],
  [
    'a range whose end nobody signed, and nothing behind it',
    async (name) =>
      await isDropped(name, () => ({
        range: (from, count, entries) => {
          const range = entries.slice(from, Math.min(from + count, LENGTH)).map(({ raw }) => raw)
          if (range.length === 0)
            throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: LENGTH } })
          return [...range.slice(0, -1), unsigned(range.at(-1)!)]
        }
      }))
  ],
  [
    'a holder that fails three times before it answers is asked again',
    async (name) => {
      let failures = 3
      const { follower, ledger } = await meet(name, () => ({
        heads: async (answer) => {
          if (failures-- > 0) throw new WireError('UNAVAILABLE', 'not now')
          return await answer()
        }
      }))
      assert.deepEqual([follower.dropped, follower.store(ledger).size], [[], LENGTH], name)
    }
  ],
  [
    'a peer that has the same newest entry is written down (R1: settled)',
    async (name) => {
      const { follower, ledger, world } = await meet(name, () => ({}))
      await world.run(LATER_S * 1000)
      assert(follower.store(ledger).standing.facts.heard !== null, name)
    }
  ],
  [
    'what a retired key signs behind the newest entry is no claim',
    async (name) => {
      const { ledger, entries } = await history(name, LENGTH, { rotates: true })
      const [retired] = keysOf(name)
      const thief = await signEntry(retired!, { ledger, seq: LENGTH + 5, prev: entries.at(-1)!.hash, id: 'thief' })
      await isForgiven(
        name,
        () => ({ head: (head) => ({ ...head, header: thief.raw.header, signature: thief.raw.signature }) }),
        {
          rotates: true
        }
      )
    }
  ],
  [
    'an entry that its author left unsigned, at the end of a range',
    async (name) => {
      const { ledger, entries } = await history(name, UNSIGNED_AT)
      const [key] = keysOf(name)
      const all = [...entries]
      for (let seq = UNSIGNED_AT; seq < LENGTH; seq++)
        all.push(
          await signEntry(key!, {
            ledger,
            seq,
            prev: all.at(-1)!.hash,
            id: `more${seq}`,
            unsigned: seq === UNSIGNED_AT
          })
        )
      const world = worldOfTwo()
      const relay = new Trickster(world, ledger, all, {
        range: (from, count) =>
          all
            .slice(from, from <= UNSIGNED_AT ? Math.min(from + count, UNSIGNED_AT + 1) : from + count)
            .map(({ raw }) => raw)
      })
      const follower = new SimNode(world, 'n0', [ledger])
      relay.start()
      follower.start()
      await world.run(LATER_S * 1000)
      assert.deepEqual(follower.dropped, [], `${name}: whoever hands it over cannot know`)
      assert.equal(follower.store(ledger).frozenAt, UNSIGNED_AT, `${name}: it is its author's fault`)
    }
  ],
  [
    'another branch whose holder answers no question about the fork',
    async (name) => {
      const { ledger, entries, branch } = await history(name, LENGTH, { forkAt: UNSIGNED_AT })
      const world = worldOfTwo()
      const silent = new Trickster(world, ledger, branch, {
        range: (from, count) => {
          if (from < PUBLISHED) throw new WireError('UNAVAILABLE', 'not now')
          return branch.slice(from, from + count).map(({ raw }) => raw)
        }
      })
      const follower = new SimNode(world, 'n0', [ledger])
      const author = new SimNode(world, 'a0', [])
      const whole = { ledger, entries, forkAt: LENGTH, branch: [] }
      author.publish(whole, PUBLISHED)
      author.start()
      follower.start()
      await world.run(SOON_S * 1000)
      assert.equal(follower.store(ledger).size, PUBLISHED)
      silent.start()
      await world.run(SOON_S * 1000)
      author.publish(whole, LENGTH)
      await world.run(SOON_S * 1000)
      assert.deepEqual([follower.dropped, follower.store(ledger).size], [[], LENGTH], name)
    }
  ],
  [
    'evidence that is heard before anything is held counts with the first entries (R1)',
    async (name) => {
      const { ledger, entries, branch } = await history(name, LENGTH, { forkAt: UNSIGNED_AT })
      const world = worldOfTwo()
      const holder = new Trickster(world, ledger, entries, {})
      const shown: number[] = []
      class Follower extends SimNode {
        override stored(id: string, stored: Entry[]): void {
          shown.push(...stored.map(({ header }) => header.seq))
          super.stored(id, stored)
        }
      }
      const follower = new Follower(world, 'n0', [ledger])
      follower.start()
      const accused = { network: NETWORK, ledger, keyEntries: [{ ...entries[0]!.raw, seq: 0 }] }
      const [one, other] = [entries[UNSIGNED_AT]!.raw, branch[UNSIGNED_AT]!.raw]
      follower.told('x0', ledger, encodeEvidence(sameSeqEvidence(accused, UNSIGNED_AT, one, other)))
      await world.run(1000)
      holder.start()
      await world.run(SOON_S * 1000)
      assert.equal(follower.store(ledger).frozenAt, UNSIGNED_AT, name)
      assert.deepEqual([shown.length > 0, shown.filter((seq) => seq >= UNSIGNED_AT)], [true, []], name)
    }
  ],
  [
    'what was stored and not judged when the process ended is judged when it starts again (R1)',
    async (name) => {
      const { ledger, entries, branch } = await history(name, LENGTH, { forkAt: UNSIGNED_AT })
      const world = worldOfTwo()
      world.hubs = ['n0']
      const follower = new SimNode(world, 'n0', [ledger])
      const held = follower.store(ledger)
      held.add(entries)
      const accused = { network: NETWORK, ledger, keyEntries: [{ ...entries[0]!.raw, seq: 0 }] }
      const [one, other] = [entries[UNSIGNED_AT]!.raw, branch[UNSIGNED_AT]!.raw]
      const bytes = encodeEvidence(sameSeqEvidence(accused, UNSIGNED_AT, one, other))
      await held.decide({
        frozen: null,
        keep: [{ id: evidenceId(bytes), bytes }],
        row: { ...NO_STANDING, early: true }
      })
      follower.start()
      await world.run(SOON_S * 1000)
      assert.deepEqual([held.frozenAt, held.visible], [UNSIGNED_AT, UNSIGNED_AT], name)
    }
  ]
]

/** Throws what must not be. */
export async function scene(number: number): Promise<void> {
  const [name, play] = SCENES[number - 1]!
  await play(name)
}
