/**
 * A node with a random history (appends, mirrors, payloads that come late, erasures, freezes that end or end in another
 * branch, cuts, removals) that is killed at a random write, also with the loss of what was not synced, and a consumer of
 * its feed that is killed as well. At every point at which the consumer has everything, its picture is the snapshot.
 */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeEvidence, sameSeqEvidence } from '../../../src/core/evidence.js'
import { isCoded } from '../../../src/core/errors.js'
import { keyHash } from '../../../src/core/chain.js'
import { verifySignature } from '../../../src/core/signature.js'
import { FeedReader } from '../../../src/ledger/feed-reader.js'
import { feedSnapshot } from '../../../src/ledger/feed-snapshot.js'
import { openLedgers, type Ledgers } from '../../../src/ledger/ledgers.js'
import { NO_STANDING } from '../../../src/ledger/read/standing-row.js'
import type { Entry } from '../../../src/core/entry.js'
import { openStore, type Store } from '../../../src/store/store.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { acceptBranch, freezeAt } from '../../helpers/freeze-at.js'
import { FaultyStore, type Flavour } from '../../store/faulty-store.js'
import { Author, NETWORK, TestClock, TestLog, testKey, testRandom } from '../support.js'
import { Picture } from './picture.js'

/** Steps of one life of the node, and lives. */
const STEPS = 14
const LIVES = 3
/** A life ends at a write below this one, or at its last step. */
const MOST_WRITES = 120

export interface Played {
  kills: number
  events: number
  resets: number
  kinds: Set<string>
}

interface World {
  author: Author
  forker: Author
  /** What the forker tells others, from seq 4 on. */
  branch: Entry[]
  evidence: Uint8Array
}

async function world(seed: number): Promise<World> {
  const author = await Author.create(`author ${seed}`)
  await author.addMany(10)
  await author.erase([author.entries[3]!.hash, author.entries[8]!.hash])
  await author.addMany(6)
  await author.erase([author.entries[5]!.hash, author.entries[14]!.hash])
  await author.addMany(4)
  const forker = await Author.create(`forker ${seed}`)
  await forker.addMany(3)
  const other = new Author(forker.name)
  other.chain = forker.chain
  await forker.addMany(5)
  await other.addMany(4, (seq) => ({ id: `other-${seq}` }))
  return {
    author,
    forker,
    branch: other.entries,
    evidence: encodeEvidence(
      sameSeqEvidence(
        { network: NETWORK, ledger: forker.id, keyEntries: [{ ...forker.entries[0]!.raw, seq: 0 }] },
        4,
        forker.entries[4]!.raw,
        other.entries[0]!.raw
      )
    )
  }
}

/** What is kept of the consumer when it is killed. */
interface Saved {
  picture: Picture
  position: string | null
}

class Consumer {
  readonly played: Played
  #now: Saved = { picture: new Picture(), position: null }
  #saved: Saved = { picture: new Picture(), position: null }
  /** Epoch and number → position and kind, as they were told first. */
  readonly #told = new Map<string, string>()

  constructor(played: Played) {
    this.played = played
  }

  /** Its disk has what it stored last. */
  kill(): void {
    this.#now = { picture: this.#saved.picture.copy(), position: this.#saved.position }
  }

  /** One page, or a new beginning; true: it has everything. */
  async step(ledgers: Ledgers, store: Store, roll: Dice): Promise<boolean> {
    const { picture, position } = this.#now
    try {
      if (position === null) {
        this.#now.position = await begin(ledgers, picture, roll)
        return false
      }
      const page = await new FeedReader(store, ledgers).read({ after: position, limit: 1 + Math.floor(roll() * 9) })
      let before = Number(position.split('.')[1])
      for (const event of page.events) {
        assert.ok(event.number > before, `number ${event.number} after ${before}`)
        before = event.number
        const [epoch] = event.position.split('.')
        const same = `${event.position} ${event.kind} ${event.ledger}`
        const first = this.#told.get(`${epoch}.${event.number}`) ?? same
        assert.equal(same, first, 'one number, two events')
        this.#told.set(`${epoch}.${event.number}`, same)
        picture.apply(event)
        this.played.events++
        this.played.kinds.add(event.kind)
      }
      assert.ok(before <= Number(page.last.split('.')[1]))
      this.#now.position = page.last
      if (roll() < 0.3) this.#saved = { picture: picture.copy(), position: page.last }
      return !page.hasMore
    } catch (error) {
      if (!isCoded(error, 'FEED_RESET')) throw error
      this.played.resets++
      this.#now.position = null
      return false
    }
  }

  async catchUp(ledgers: Ledgers, store: Store, roll: Dice): Promise<void> {
    while (!(await this.step(ledgers, store, roll)));
    const fresh = new Picture()
    await begin(ledgers, fresh, roll)
    assert.deepEqual(this.#now.picture.facts(), fresh.facts(), 'the picture is the snapshot')
  }
}

async function begin(ledgers: Ledgers, picture: Picture, roll: Dice): Promise<string> {
  const limit = 1 + Math.floor(roll() * 20)
  let page = await feedSnapshot(ledgers, { limit })
  picture.take(page, true)
  while (page.next !== null) {
    page = await feedSnapshot(ledgers, { cursor: page.next, limit })
    picture.take(page, false)
  }
  return page.position
}

/** Something that a node does; what does not fit its state is left out. */
async function act(ledgers: Ledgers, { author, forker, branch, evidence }: World, roll: Dice): Promise<void> {
  const { own } = ledgers
  const pick = Math.floor(roll() * 11)
  const mirror = await ledgers.mirror(author.id)
  const fork = await ledgers.mirror(forker.id)
  if (pick <= 1) {
    const one = (): { stream: string; type: string; payload: number } => ({ stream: 's', type: 't', payload: roll() })
    await Promise.all(Array.from({ length: 1 + Math.floor(roll() * 3) }, async () => await own.append(one())))
  } else if (pick === 2 && own.size > 2) {
    const entry = await own.get({ seq: 1 + Math.floor(roll() * (own.size - 1)) })
    await own.erase([entry!.hash])
  } else if (pick <= 4) {
    const entries = author.entries
      .slice(mirror.size, mirror.size + 1 + Math.floor(roll() * 6))
      .map((entry) => (roll() < 0.4 ? { ...entry, raw: { ...entry.raw, payload: null } } : structuredClone(entry)))
    if (entries.length > 0) await mirror.ingest(entries)
  } else if (pick === 5) {
    for (const seq of await mirror.missingPayloads(2)) {
      const payload = author.entries[seq]!.raw.payload
      if (payload !== null) await mirror.putPayload(seq, payload)
    }
  } else if (pick === 6) {
    for (const one of [mirror, fork]) if (one.size > 0) await one.setAudited(Math.floor(roll() * (one.size + 1)))
  } else if (pick === 7) {
    const end = fork.frozenAt ?? forker.entries.length
    const entries = forker.entries.slice(fork.size, Math.min(end, fork.size + 4))
    const isTheirs = (await fork.storedHash(4)) !== branch[0]!.hash
    if (entries.length > 0 && isTheirs) await fork.ingest(entries)
  } else if (pick === 8 && fork.size > 0) {
    await freezeAt(fork, 4, evidence)
  } else if (pick === 9 && fork.frozenAt !== null) {
    if (fork.size > 4 && roll() < 0.6 && (await fork.storedHash(4)) !== branch[0]!.hash)
      await acceptBranch(fork, branch)
    else await fork.decide({ frozen: null, keep: [], row: NO_STANDING })
  } else if (pick === 10) {
    if (roll() < 0.3) await ledgers.remove(roll() < 0.5 ? forker.id : author.id)
    else if (mirror.size > 1) await mirror.rewind(1 + Math.floor(roll() * (mirror.size - 1)))
  }
}

/** Throws, with the seed, at the first thing that is wrong. */
export async function playFeed(seed: number): Promise<Played> {
  const roll = dice(seed)
  const dir = await mkdtemp(join(tmpdir(), 'ledgermesh-feed-'))
  const played: Played = { kills: 0, events: 0, resets: 0, kinds: new Set() }
  const consumer = new Consumer(played)
  const clock = new TestClock()
  try {
    const at = await world(seed)
    for (let life = 0; life <= LIVES; life++) {
      const isLast = life === LIVES
      const flavour = (['lost', 'kept', 'power', 'power'] as const satisfies Flavour[])[Math.floor(roll() * 4)]!
      const fault = isLast ? null : { at: Math.floor(roll() * MOST_WRITES), flavour, survives: roll() }
      const log = new TestLog()
      const store = isLast
        ? await openStore(join(dir, 'db'), { log })
        : await FaultyStore.open(join(dir, 'db'), { log, fault })
      let ledgers: Ledgers | null = null
      try {
        ledgers = await openLedgers({
          store,
          clock,
          random: testRandom(`${seed} ${life}`),
          log,
          network: NETWORK,
          verify: verifySignature,
          signingKey: testKey('own'),
          genesis: { name: 'Own', access: 'public', nextKeyHash: keyHash(testKey('next').publicKey) },
          markFile: join(dir, 'signer.json')
        })
        for (let step = 0; step < STEPS; step++) {
          clock.pass(1000)
          const reading = roll() < 0.5 ? consumer.step(ledgers, store, roll) : Promise.resolve(true)
          const [acted, read] = await Promise.allSettled([act(ledgers, at, roll), reading])
          for (const one of [acted, read]) if (one.status === 'rejected') throw one.reason
          if (roll() < 0.2) await consumer.catchUp(ledgers, store, roll)
          if (roll() < 0.1) consumer.kill()
        }
        await consumer.catchUp(ledgers, store, roll)
      } catch (error) {
        if (!isCoded(error, 'STORE_FAILED')) throw error
        played.kills++
      } finally {
        await ledgers?.close()
        await store.close()
      }
    }
    return played
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).stack ?? String(error)}`, { cause: error })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
