/**
 * One history of two real daemons, of which one adopts what the other signs and erases, while kill -9 ends the one or the
 * other again and again. Throws when a copy is lost, doubled or wrong, or still has what was erased.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCoded } from '../../src/core/errors.js'
import type { SyncMark } from '../../src/core/reference.js'
import { dice, type Dice } from '../helpers/dice.js'
import { HistoryDaemons, type Daemon } from './history-daemons.js'

/** Longest time from when both serve to a kill, ms. */
const SERVING_MS = 1_500
/** How long the two may take until all is adopted, ms: a busy machine, and a minute of backoff. */
const ADOPT_MS = 120_000

export interface AdoptFigures {
  killsOfSource: number
  killsOfAdopter: number
  copies: number
  erased: number
}

interface Signed {
  hash: string
  payload: unknown
  erased: boolean
}

export async function adoptHistory(seed: number, kills: number): Promise<AdoptFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-adopt-'))
  const history = new AdoptHistory(folder, dice(seed))
  try {
    return await history.run(kills)
  } catch (error) {
    throw new Error(`adopt, seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await history.end()
    await rm(folder, { recursive: true, force: true })
  }
}

class AdoptHistory {
  readonly #folder: string
  readonly #dice: Dice
  readonly #daemons: HistoryDaemons
  readonly #figures: AdoptFigures = { killsOfSource: 0, killsOfAdopter: 0, copies: 0, erased: 0 }
  #source!: Daemon
  #adopter!: Daemon
  #count = 0
  /** Of the batch before. */
  readonly #older: string[] = []
  #working = false

  constructor(folder: string, next: Dice) {
    this.#folder = folder
    this.#daemons = new HistoryDaemons(folder)
    this.#dice = next
  }

  async run(kills: number): Promise<AdoptFigures> {
    await writeFile(join(this.#folder, 'bootstrap.json'), '{"main":[]}')
    for (const name of ['source', 'adopter']) {
      await mkdir(join(this.#folder, name), { recursive: true })
      await writeFile(
        join(this.#folder, name, 'config.json'),
        JSON.stringify({ name, dht: false, listen: ['/ip4/127.0.0.1/tcp/0'] })
      )
    }
    this.#source = await this.#daemons.start('source')
    this.#adopter = await this.#daemons.start('adopter')
    await this.#connect()
    await this.#adopter.client.call('sync.adopt', { ledger: this.#source.ledger, types: ['diploma'] })
    for (let done = 0; done < kills; done++) await this.#killOnce()
    await this.#write(20)
    await this.#check()
    return this.#figures
  }

  async end(): Promise<void> {
    await this.#daemons.end()
  }

  async #killOnce(): Promise<void> {
    const work = this.#work().then(
      () => null,
      (error: unknown) => error
    )
    await new Promise((resolve) => {
      setTimeout(resolve, Math.floor(this.#dice() * SERVING_MS))
    })
    const isSource = this.#dice() < 0.25
    await this.#daemons.kill(isSource ? this.#source : this.#adopter)
    this.#working = false
    const error = await work
    if (error !== null) throw new Error('an append failed', { cause: error })
    if (isSource) {
      this.#figures.killsOfSource++
      this.#source = await this.#daemons.start('source')
    } else {
      this.#figures.killsOfAdopter++
      this.#adopter = await this.#daemons.start('adopter')
    }
    await this.#connect()
  }

  async #connect(): Promise<void> {
    await this.#adopter.client.call('network.connect', { address: this.#source.addrs[0]! })
  }

  async #work(): Promise<void> {
    this.#working = true
    while (this.#working && (await this.#write(1 + Math.floor(this.#dice() * 60))));
  }

  /** Appends, and now and then an erasure. False: the source is gone. */
  async #write(count: number): Promise<boolean> {
    const entries = Array.from({ length: count }, () => ({
      id: `entry-${this.#count++}`,
      stream: 's',
      type: this.#dice() < 0.8 ? 'diploma' : 'note',
      payload: { n: this.#count, text: 'x'.repeat(200) }
    }))
    try {
      const { appended } = await this.#source.client.call('ledger.appendBatch', { entries })
      // Some at once, and some that were copied long ago.
      const hashes = appended.filter(() => this.#dice() < 0.02).map(({ entry }) => entry.hash)
      hashes.push(...this.#older.splice(0).filter(() => this.#dice() < 0.1))
      this.#older.push(...appended.map(({ entry }) => entry.hash).filter((hash) => !hashes.includes(hash)))
      if (hashes.length > 0) await this.#source.client.call('ledger.erase', { hashes })
      return true
    } catch (error) {
      if (isCoded(error, 'CLOSED') || isCoded(error, 'NODE_UNREACHABLE')) return false
      throw error
    }
  }

  async #check(): Promise<void> {
    const { own } = await this.#source.client.call('node.status', {})
    const until = Date.now() + ADOPT_MS
    for (;;) {
      const [one] = (await this.#adopter.client.call('sync.adoptions', {})).adoptions
      if (one!.status === 'adopted' && one!.looked === own.size && one!.erasuresTo === own.size) break
      if (Date.now() > until) throw new Error(`not adopted in the end: ${JSON.stringify(one)}, of ${own.size}`)
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
    const originals = await this.#signed(this.#source, { type: 'diploma' })
    const copies = await this.#signed(this.#adopter, { adopted: true })
    if (copies.doubled.length > 0) throw new Error(`twice: ${copies.doubled.slice(0, 3).join(', ')}`)
    for (const [hash, original] of originals.entries) {
      const copy = copies.entries.get(hash)
      // What was erased before it was looked at is not copied.
      if (copy === undefined && original.erased) continue
      if (copy === undefined) throw new Error(`no copy of ${hash}`)
      if (copy.erased !== original.erased) throw new Error(await this.#compare(hash))
      if (!copy.erased && JSON.stringify(copy.payload) !== JSON.stringify(original.payload))
        throw new Error(`${hash}: the copy says something else`)
      this.#figures.copies++
      if (copy.erased) this.#figures.erased++
    }
    if (copies.entries.size > originals.entries.size) throw new Error('there are copies of what nobody signed')
    const verified = await this.#adopter.client.call('ledger.verifyChain', {})
    if (!verified.valid) throw new Error(`the own ledger: ${JSON.stringify(verified)}`)
  }

  /** What both say of an entry. */
  async #compare(hash: string): Promise<string> {
    const said: string[] = []
    for (const [whose, { client }, params] of [
      ['the original', this.#source, { hash }],
      ["the adopter's mirror", this.#adopter, { hash, ledger: this.#source.ledger }],
      ['the copy', this.#adopter, { id: hash, ledger: this.#adopter.ledger }]
    ] as const) {
      const { entry } = await client.call('ledger.get', params)
      const { entries } = await client.call('ledger.query', { type: 'ledger.erase', limit: 1000, ledger: entry.ledger })
      const by = entries.filter(({ meta }) => (meta.entries as string[]).includes(entry.hash))
      said.push(`${whose}: seq ${entry.seq}, ${entry.payload_state}, by ${by.map(({ seq }) => seq).join(', ')}`)
    }
    const { adoptions } = await this.#adopter.client.call('sync.adoptions', {})
    return `${hash}: ${said.join('; ')}; ${JSON.stringify(adoptions)}`
  }

  /** By the hash of the original. */
  async #signed(
    daemon: Daemon,
    filter: { type?: string; adopted?: boolean }
  ): Promise<{ entries: Map<string, Signed>; doubled: string[] }> {
    const entries = new Map<string, Signed>()
    const doubled: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await daemon.client.call('ledger.query', {
        ...filter,
        limit: 500,
        ...(cursor !== undefined && { cursor })
      })
      for (const { hash: own, meta, payload, payload_state: state } of page.entries) {
        const hash = (meta.sync as SyncMark | undefined)?.originalHash ?? own
        if (entries.has(hash)) doubled.push(hash)
        entries.set(hash, { hash, payload, erased: state === 'erased' })
      }
      cursor = page.nextCursor
    }
    return { entries, doubled }
  }
}
