/** Temp folders, a clock to turn, seeded randomness, and authors that write entries in memory. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { keyHash, startChain, extendChain, type ChainState } from '../../src/core/chain.js'
import type { Json, JsonObject } from '../../src/core/canonical.js'
import type { Entry } from '../../src/core/entry.js'
import type { Header } from '../../src/core/header.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
import { ledgerIdOf, type LedgerId } from '../../src/core/ledger-id.js'
import { encodePayload, payloadHash } from '../../src/core/payload.js'
import { verifySignature } from '../../src/core/signature.js'
import { signEntry } from '../../src/ledger/append/draft.js'
import { openLedgers, type Ledgers, type LedgersOptions } from '../../src/ledger/ledgers.js'
import type { Clock, Log, Random } from '../../src/ports.js'
import { openStore, type Store } from '../../src/store/store.js'

export const NETWORK = 'test'
export const START_MS = 1_700_000_000_000

export class TestClock implements Clock {
  time = START_MS
  readonly #timers = new Set<{ at: number; callback: () => void }>()

  now(): number {
    return this.time
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.time + delayMs, callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  pass(ms: number): void {
    this.time += ms
    for (const timer of [...this.#timers]) {
      if (timer.at > this.time || !this.#timers.delete(timer)) continue
      timer.callback()
    }
  }
}

export class TestLog implements Log {
  readonly lines: { level: string; fields: Record<string, unknown>; message: string }[] = []
  debug = this.#line('debug')
  info = this.#line('info')
  warn = this.#line('warn')
  error = this.#line('error')

  #line(level: string): (fields: Record<string, unknown>, message: string) => void {
    return (fields, message) => {
      this.lines.push({ level, fields, message })
    }
  }
}

export function testRandom(seed = 'random'): Random {
  let count = 0
  const bytes = (length: number): Uint8Array =>
    createHash('shake256', { outputLength: length }).update(`${seed} ${count++}`).digest()
  return { bytes, next: () => new DataView(bytes(4).buffer).getUint32(0) / 2 ** 32 }
}

export function testKey(name: string): SigningKey {
  return signingKeyFromSeed(createHash('sha256').update(name).digest())
}

export async function temporaryFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ledgermesh-'))
  onTestFinished(async () => {
    await rm(dir, { recursive: true, force: true })
  })
  return dir
}

export interface Node {
  dir: string
  store: Store
  ledgers: Ledgers
  clock: TestClock
  log: TestLog
  close: () => Promise<void>
  reopen: (options?: Partial<LedgersOptions>) => Promise<Node>
}

const OWN = { name: 'Own', access: 'public', nextKeyHash: keyHash(testKey('next').publicKey) } as const

/** A node with its own ledger; closed when the test is over. */
export async function openNode(options: Partial<LedgersOptions> & { dir?: string } = {}): Promise<Node> {
  const dir = options.dir ?? (await temporaryFolder())
  const clock = (options.clock as TestClock | undefined) ?? new TestClock()
  const log = new TestLog()
  const store = options.store ?? (await openStore(join(dir, 'db'), { log }))
  let ledgers: Ledgers
  try {
    ledgers = await openLedgers({
      store,
      clock,
      random: testRandom(),
      log,
      network: NETWORK,
      verify: verifySignature,
      signingKey: testKey('own'),
      genesis: OWN,
      markFile: join(dir, 'signer.json'),
      ...options
    })
  } catch (error) {
    await store.close()
    throw error
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closed ??= ledgers.close().then(
      async () => {
        await store.close()
      },
      async (error: unknown) => {
        await store.close()
        throw error
      }
    ))
  onTestFinished(close)
  return {
    dir,
    store,
    ledgers,
    clock,
    log,
    close,
    reopen: async (changed = {}) => {
      await close()
      return await openNode({ ...options, dir, clock, ...changed })
    }
  }
}

/** Writes a ledger of its own in memory. */
export class Author {
  readonly entries: Entry[] = []
  chain!: ChainState
  key: SigningKey
  readonly name: string
  #salt = 0

  constructor(name: string) {
    this.name = name
    this.key = testKey(name)
  }

  static async create(name = 'author', network = NETWORK): Promise<Author> {
    const author = new Author(name)
    const entry = await author.sign({
      ledger: null,
      seq: 0,
      prev_hash: null,
      id: 'genesis',
      stream: 'ledger',
      type: 'ledger.genesis',
      meta: { network, name, access: 'public', next_key_hash: keyHash(testKey(`${name} next`).publicKey) }
    })
    author.chain = startChain(ledgerIdOf(entry.hash), entry)
    author.entries.push(entry)
    return author
  }

  get id(): LedgerId {
    return this.chain.ledger
  }

  async sign(header: Partial<Header>, payload: Json = null, key = this.key): Promise<Entry> {
    const bytes = payload === null ? null : encodePayload(payload, String(this.#salt++).padStart(32, '0'))
    return await signEntry(
      {
        v: 1,
        ledger: null,
        seq: 0,
        prev_hash: null,
        key: key.publicKey,
        id: 'x',
        stream: 'orders',
        type: 'order',
        issuer_oid: null,
        subject_oid: null,
        timestamp: START_MS,
        payload_hash: bytes === null ? null : payloadHash(bytes),
        payload_size: bytes?.length ?? 0,
        meta: {},
        ...header
      },
      bytes,
      key
    )
  }

  /** The next entry, not added. */
  async next(header: Partial<Header> = {}, payload: Json = null, key = this.key): Promise<Entry> {
    const { size, headHash, ledger } = this.chain
    return await this.sign(
      { ledger, seq: size, prev_hash: headHash, id: `entry-${size}`, timestamp: START_MS + size, ...header },
      payload,
      key
    )
  }

  async add(header: Partial<Header> = {}, payload: Json = null, key = this.key): Promise<Entry> {
    const entry = await this.next(header, payload, key)
    this.chain = extendChain(this.chain, entry)
    this.entries.push(entry)
    return entry
  }

  async addMany(
    count: number,
    header: (seq: number) => Partial<Header> = () => ({}),
    payload: (seq: number) => Json = (seq) => ({ seq })
  ): Promise<void> {
    for (let i = 0; i < count; i++) await this.add(header(this.chain.size), payload(this.chain.size))
  }

  async rotate(): Promise<Entry> {
    const key = testKey(`${this.name} next`)
    const entry = await this.add(
      { type: 'ledger.rotate-key', stream: 'ledger', meta: { next_key_hash: null } },
      null,
      key
    )
    this.key = key
    return entry
  }

  async erase(hashes: string[]): Promise<Entry> {
    return await this.add({ type: 'ledger.erase', stream: 'ledger', meta: { entries: hashes } as JsonObject })
  }
}
