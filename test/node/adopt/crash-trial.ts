/**
 * One home that adopts from two authors, on a real disk: killed again and again at a random write (before it, after it,
 * or with the power), while the authors write and erase, payloads come late, and the home appends of its own. Throws
 * when a copy is lost, doubled or wrong, or has what was erased (S2, S3), and when an acknowledged append is gone (I1).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { isCoded } from '../../../src/core/errors.js'
import { Listeners } from '../../../src/core/listeners.js'
import { syncMarkOf } from '../../../src/core/reference.js'
import { verifySignature } from '../../../src/core/signature.js'
import { runFsck } from '../../../src/ledger/fsck/run-fsck.js'
import { openLedgers, type Ledgers } from '../../../src/ledger/ledgers.js'
import { Adopter, type AdopterInit } from '../../../src/node/adopt/adopter.js'
import { StoredAdoptions } from '../../../src/node/adopt/adoption-book.js'
import { silentLog } from '../../../src/node/runtime/system.js'
import type { AdoptSettings } from '../../../src/sync/adopt/types.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { Author, NETWORK, TestClock, testKey, testRandom } from '../../ledger/support.js'
import { FaultyStore, type Fault, type Flavour } from '../../store/faulty-store.js'

export interface CrashFigures {
  kills: number
  copies: number
  erased: number
}

interface Life {
  store: FaultyStore
  ledgers: Ledgers
  adopter: Adopter
  clock: TestClock
}

const ADOPT: AdoptSettings = { filters: { types: ['diploma'] }, from: 0, acceptReaders: false }
const FLAVOURS: Flavour[] = ['lost', 'kept', 'power']
/** Writes of one life, at most, and what happens in it. */
const WRITES = 24
const STEPS = 30
/** Turns of the event loop in which all must be adopted. */
const WAIT_TURNS = 200_000

export async function crashTrial(seed: number, lives: number): Promise<CrashFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-crash-'))
  try {
    return await new CrashTrial(folder, seed).run(lives)
  } catch (error) {
    throw new Error(`adopt, seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

class CrashTrial {
  readonly #folder: string
  readonly #seed: number
  readonly #dice: Dice
  readonly #authors: Author[] = []
  readonly #erased = new Set<string>()
  /** Own appends that were answered. */
  readonly #acknowledged: string[] = []
  #count = 0
  #kills = 0

  constructor(folder: string, seed: number) {
    this.#folder = folder
    this.#seed = seed
    this.#dice = dice(seed)
  }

  async run(lives: number): Promise<CrashFigures> {
    for (const name of ['a', 'b']) this.#authors.push(await Author.create(`${name} ${this.#seed}`))
    for (let life = 0; life < lives; life++)
      await this.#live({
        at: this.#below(WRITES),
        flavour: FLAVOURS[this.#below(FLAVOURS.length)]!,
        survives: this.#dice()
      })
    return await this.#end()
  }

  /** Ends at the fault, or after some steps as a clean stop. */
  async #live(fault: Fault): Promise<void> {
    const life = await this.#open(fault)
    if (life === null) return
    try {
      for (let step = 0; step < STEPS && !life.store.failed; step++) {
        await this.#step(life)
        for (let i = this.#below(20); i > 0; i--) {
          life.clock.pass(1)
          await turn()
        }
      }
    } catch (error) {
      if (!life.store.failed || !isCoded(error)) throw error
    }
    await this.#close(life)
  }

  async #step({ ledgers }: Life): Promise<void> {
    const author = this.#authors[this.#below(this.#authors.length)]!
    const mirror = await ledgers.mirror(author.id)
    const chance = this.#dice()
    if (chance < 0.2) await this.#write(author)
    else if (chance < 0.55) {
      const to = Math.min(author.entries.length, mirror.size + 1 + this.#below(12))
      const late = this.#dice() < 0.4
      const found = author.entries
        .slice(mirror.size, to)
        .map((entry) =>
          this.#erased.has(entry.hash) || (late && this.#dice() < 0.3)
            ? { ...entry, raw: { ...entry.raw, payload: null } }
            : entry
        )
      if (found.length > 0) await mirror.ingest(found)
      await mirror.setAudited(mirror.size)
    } else if (chance < 0.8) await this.#fill(ledgers, author, 3)
    else {
      const id = `own-${this.#count++}`
      await ledgers.own.append({ id, stream: 's', type: 't', payload: id })
      this.#acknowledged.push(id)
    }
  }

  /** Entries, and now and then the erasure of some that are there. */
  async #write(author: Author): Promise<void> {
    await author.addMany(1 + this.#below(8), () => ({ type: this.#dice() < 0.8 ? 'diploma' : 'note' }))
    if (this.#dice() < 0.5) return
    const some = author.entries.filter(
      ({ header, hash }) => header.payload_hash !== null && !this.#erased.has(hash) && this.#dice() < 0.1
    )
    if (some.length === 0) return
    await author.erase(some.map(({ hash }) => hash))
    for (const { hash } of some) this.#erased.add(hash)
  }

  /** Payloads come that were missing. */
  async #fill(ledgers: Ledgers, author: Author, most: number): Promise<number> {
    const mirror = await ledgers.mirror(author.id)
    const missing = await mirror.missingPayloads(most)
    for (const seq of missing) await mirror.putPayload(seq, author.entries[seq]!.raw.payload!)
    return missing.length
  }

  async #end(): Promise<CrashFigures> {
    const life = (await this.#open(null))!
    const { ledgers, adopter, clock } = life
    for (const author of this.#authors) {
      const mirror = await ledgers.mirror(author.id)
      if (mirror.size < author.entries.length) await mirror.ingest(author.entries.slice(mirror.size))
      await mirror.setAudited(mirror.size)
      while ((await this.#fill(ledgers, author, 100)) > 0);
    }
    const figures: CrashFigures = { kills: this.#kills, copies: 0, erased: 0 }
    for (let turns = 0; ; turns++) {
      if (this.#authors.every(({ id }) => adopter.stateOf(id)?.code === null) && (await this.#isSettled(ledgers))) break
      if (turns > WAIT_TURNS) {
        const wrong = await this.#wrong(ledgers, figures)
        throw new Error(
          `it did not end: ${JSON.stringify([this.#authors.map(({ id }) => adopter.stateOf(id)), wrong])}`
        )
      }
      clock.pass(1)
      await turn()
    }
    const wrong = await this.#wrong(ledgers, figures)
    const verified = await ledgers.own.verifyChain()
    if (!verified.valid) wrong.push(`the own ledger: ${JSON.stringify(verified)}`)
    const found = await ledgers.own.findIds(this.#acknowledged)
    wrong.push(...this.#acknowledged.filter((_, i) => found[i] === null).map((id) => `${id} was answered and is gone`))
    await this.#close(life)
    const { damage } = (
      await runFsck(join(this.#folder, 'db'), {
        log: silentLog,
        markFile: join(this.#folder, 'signer.json'),
        rebuild: false
      })
    ).found
    if (damage.length > 0) wrong.push(`fsck: ${JSON.stringify(damage.slice(0, 3))}`)
    if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join('; '))
    return figures
  }

  /** Every wanted payload that stands has its copy: what else is wrong is not a matter of time. */
  async #isSettled(ledgers: Ledgers): Promise<boolean> {
    return (await this.#wrong(ledgers, { kills: 0, copies: 0, erased: 0 })).length === 0
  }

  async #wrong(ledgers: Ledgers, figures: CrashFigures): Promise<string[]> {
    const copies = new Map<string, string[]>()
    for (let start: number | null = 0; start !== null;) {
      const page: Awaited<ReturnType<typeof ledgers.own.page>> = await ledgers.own.page(
        { adopted: true, limit: 1000 },
        start
      )
      for (const { meta, payload, payload_state: state } of page.entries) {
        const { originalHash } = syncMarkOf(meta)!
        const said = state === 'present' ? JSON.stringify(payload) : state
        copies.set(originalHash, [...(copies.get(originalHash) ?? []), said])
      }
      start = page.next
    }
    figures.copies = copies.size
    return this.#authors.flatMap((author) =>
      author.entries.flatMap(({ header, hash }) => {
        const said = (copies.get(hash) ?? []).join(' ')
        if (said === 'erased') figures.erased++
        const expected =
          header.type !== 'diploma'
            ? ['']
            : this.#erased.has(hash)
              ? ['', 'erased']
              : [JSON.stringify({ seq: header.seq })]
        return expected.includes(said) ? [] : [`${header.id} of ${author.name}: ${said || 'no copy'}`]
      })
    )
  }

  /** null: it was killed at its start. */
  async #open(fault: Fault | null): Promise<Life | null> {
    const store = await FaultyStore.open(join(this.#folder, 'db'), { log: silentLog, fault })
    const clock = new TestClock()
    try {
      const ledgers = await openLedgers({
        store,
        clock,
        random: testRandom(`${this.#seed} ${this.#count++}`),
        log: silentLog,
        network: NETWORK,
        verify: verifySignature,
        signingKey: testKey('own'),
        genesis: { name: 'own', access: 'public', nextKeyHash: null },
        markFile: join(this.#folder, 'signer.json')
      })
      for (const { id } of this.#authors) await ledgers.mirror(id)
      const adopter = await this.#adopter(store, ledgers, clock)
      return { store, ledgers, adopter, clock }
    } catch (error) {
      if (!store.failed || !isCoded(error)) throw error
      this.#kills++
      await store.close()
      return null
    }
  }

  async #adopter(store: FaultyStore, ledgers: Ledgers, clock: TestClock): Promise<Adopter> {
    const nothing = new Listeners<[]>(() => undefined)
    const adopter = new Adopter({
      ledgers,
      book: await StoredAdoptions.load({ store, ledgers, log: silentLog }),
      follows: {
        list: () => this.#authors.map(({ id }) => id),
        has: (id: string) => this.#authors.some((one) => one.id === id),
        get: () => ({ filters: null, adopt: ADOPT }),
        onChange: (listener: () => void) => nothing.add(listener)
      },
      rule: { heldBack: () => null },
      load: { level: 'normal' },
      runtime: { status: () => ({ status: 'synced' }), onChange: (listener: () => void) => nothing.add(listener) },
      events: { subscribe: (_kinds: string[], listener: () => void) => nothing.add(listener) },
      clock,
      log: silentLog
    } as unknown as AdopterInit)
    adopter.start()
    return adopter
  }

  async #close({ store, ledgers, adopter }: Life): Promise<void> {
    await adopter.stop()
    try {
      await ledgers.close()
    } catch (error) {
      if (!store.failed || !isCoded(error)) throw error
    }
    if (store.failed) this.#kills++
    await store.close()
  }

  #below(count: number): number {
    return Math.floor(this.#dice() * count)
  }
}
