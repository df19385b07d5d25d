/**
 * One trial of a restore: a node writes, mirrors copy it, its database is put back at a random age (or is gone),
 * mirrors are dead or withhold what they have, and the node is killed at any step. Throws when the key signs a second
 * entry for a seq that any mirror holds.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyHash, verifyRange } from '../../src/core/chain.js'
import { decodeEntry, type Entry } from '../../src/core/entry.js'
import { isCoded } from '../../src/core/errors.js'
import { verifySignature } from '../../src/core/signature.js'
import { openLedgers, type Ledgers } from '../../src/ledger/ledgers.js'
import { readMark, type SignerMark } from '../../src/ledger/signer/signer-mark.js'
import { blockMark } from './block-mark.js'
import type { Clock, Log } from '../../src/ports.js'
import { keyAt } from '../helpers/key-at.js'
import { dice, type Dice } from '../helpers/dice.js'
import { FaultyStore, type Fault, type Flavour } from '../store/faulty-store.js'

export interface TrialResult {
  disaster: 'old' | 'gone' | 'old-no-mark' | 'gone-no-mark'
  kills: number
  /** Entries that the node was asked to sign while it might not, and refused. */
  refused: number
  /** Ready again when it ended. */
  ready: boolean
}

interface Peer {
  entries: Entry[]
  dead: boolean
  /** Serves only so many. */ shows: number
}
interface Life {
  store: FaultyStore
  ledgers: Ledgers
}

const DISASTERS = ['old', 'old', 'old', 'gone', 'gone', 'old-no-mark', 'gone-no-mark'] as const
const FLAVOURS: Flavour[] = ['lost', 'kept', 'power']
const LOG: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const START_MS = 1_700_000_000_000
const RANGE = { bytes: 1e9 }

export async function restoreTrial(seed: number): Promise<TrialResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-restore-'))
  const trial = new Trial(folder, dice(seed))
  try {
    return await trial.run()
  } catch (error) {
    throw new Error(`restore trial, seed ${seed}: ${(error as Error).message}`, { cause: error })
  } finally {
    await trial.end()
    await rm(folder, { recursive: true, force: true })
  }
}

class Trial {
  readonly #folder: string
  readonly #dice: Dice
  readonly #peers: Peer[] = []
  /** Hash of each entry that anybody outside has, or was told of. */
  readonly #left = new Map<number, string>()
  #time = START_MS
  #key = 0
  #count = 0
  #kills = 0
  #life: Life | null = null

  constructor(folder: string, next: Dice) {
    this.#folder = folder
    this.#dice = next
  }

  get #own(): Ledgers['own'] {
    return this.#life!.ledgers.own
  }

  get #markFile(): string {
    return join(this.#folder, 'signer.json')
  }

  async run(): Promise<TrialResult> {
    const peers = 1 + this.#below(4)
    for (let i = 0; i < peers; i++) this.#peers.push({ entries: [], dead: false, shows: Infinity })
    await this.#open(null)
    const ledger = this.#own.id
    const copies = await this.#write()
    if (this.#dice() < 0.3) await this.#failMark() // the disk goes with the process
    const mark = (await readMark(this.#markFile))!
    const disaster = DISASTERS[this.#below(DISASTERS.length)]!
    await this.end()
    await rm(join(this.#folder, 'db'), { recursive: true })
    if (disaster.startsWith('old'))
      await cp(copies[this.#below(copies.length)]!, join(this.#folder, 'db'), { recursive: true })
    if (disaster.endsWith('no-mark')) await rm(this.#markFile)
    for (const peer of this.#peers) {
      peer.dead = this.#dice() < 0.3
      if (this.#dice() < 0.4) peer.shows = this.#below(peer.entries.length + 1)
    }
    return disaster === 'gone-no-mark' ? await this.#anew(ledger) : await this.#restored(disaster, mark)
  }

  async end(): Promise<void> {
    const life = this.#life
    this.#life = null
    await life?.ledgers.close()
    await life?.store.close()
  }

  /**
   * Without database and mark nobody knows of the old ledger: the key begins another one, which can contradict nothing.
   */
  async #anew(ledger: string): Promise<TrialResult> {
    await this.#open(null)
    if (this.#own.id === ledger) throw new Error('a new ledger has the id of the lost one')
    await this.#own.append(this.#input())
    return { disaster: 'gone-no-mark', kills: this.#kills, refused: 0, ready: true }
  }

  /** The answer is the folders of the copies that were made on the way. */
  async #write(): Promise<string[]> {
    const copies: string[] = []
    const steps = 3 + this.#below(6)
    for (let i = 0; i < steps; i++) {
      const chance = this.#dice()
      if (copies.length === 0 || chance < 0.2) copies.push(await this.#copy())
      else if (chance < 0.3) await this.#failMark()
      else if (chance < 0.4) await this.#kill()
      else if (chance < 0.45 && this.#key < 2) await this.#rotate()
      await this.#appendSome()
      if (this.#dice() < 0.6) await this.#mirror(this.#pick())
      if (this.#dice() < 0.2) await this.#checkpoint()
    }
    return copies
  }

  async #restored(disaster: TrialResult['disaster'], mark: SignerMark): Promise<TrialResult> {
    let refused = 0
    await this.#open(null)
    const step = async (): Promise<void> => {
      const chance = this.#dice()
      if (chance < 0.2) await this.#kill()
      else if (chance < 0.7) await this.#meet(this.#pick())
      else if (!(await this.#appendOne())) refused++
      await this.#checkReady(disaster, mark)
    }
    for (let i = 6 + this.#below(14); i > 0; i--) await step()
    for (const peer of this.#peers) Object.assign(peer, { dead: false, shows: Infinity })
    await this.#reopen(null)
    for (const peer of this.#peers) await this.#meet(peer, Infinity)
    await this.#checkReady(disaster, mark)
    const ready = this.#own.signer === 'ready'
    const held = this.#peers.some(({ entries }) => entries[mark.seq]?.hash === mark.hash)
    if (disaster !== 'old-no-mark' && held && !ready)
      throw new Error('a mirror has the entry of the mark and shows it, but the node is not ready')
    if (ready && !(await this.#appendOne())) throw new Error('ready, but it refuses to sign')
    if (!(await this.#own.verifyChain()).valid && this.#own.size > 0) throw new Error('the chain does not verify')
    return { disaster, kills: this.#kills, refused, ready }
  }

  async #checkReady(disaster: string, mark: SignerMark): Promise<void> {
    if (this.#own.signer !== 'ready') return
    if (disaster === 'old-no-mark') throw new Error('ready without a mark, and without the operator')
    if ((await this.#own.hashAt(mark.seq)) !== mark.hash)
      throw new Error(`ready without entry ${mark.seq}, which the mark names`)
  }

  async #open(fault: Fault | null): Promise<void> {
    const store = await FaultyStore.open(join(this.#folder, 'db'), { log: LOG, fault })
    const clock: Clock = { now: () => this.#time++, after: () => () => undefined }
    const random = { bytes: (length: number) => Uint8Array.from({ length }, () => this.#below(256)), next: this.#dice }
    let ledgers: Ledgers
    try {
      ledgers = await openLedgers({
        store,
        clock,
        random,
        log: LOG,
        network: 'test',
        verify: verifySignature,
        markFile: this.#markFile,
        signingKey: keyAt(this.#key),
        genesis: { name: 'own', access: 'public', nextKeyHash: keyHash(keyAt(this.#key + 1).publicKey) }
      })
    } catch (error) {
      await store.close()
      throw error
    }
    this.#life = { store, ledgers }
    ledgers.on('stored', (_ledger, { entries, signed }) => {
      if (signed) for (const entry of entries) this.#leaves(entry)
    })
  }

  async #reopen(fault: Fault | null): Promise<void> {
    await this.end()
    await this.#open(fault)
  }

  /** A write soon fails, and the process with it. */
  async #kill(): Promise<void> {
    const fault: Fault = {
      at: this.#below(6),
      flavour: FLAVOURS[this.#below(FLAVOURS.length)]!,
      survives: this.#dice()
    }
    this.#kills++
    try {
      await this.#reopen(fault)
      for (let i = 0; i < 4; i++) {
        if (this.#own.signer === 'restoring') await this.#meet(this.#pick())
        else await this.#own.append(this.#input())
      }
    } catch (error) {
      if (!isCoded(error, 'STORE_FAILED')) throw error
    }
    // what a failed node still serves has left it too
    if (this.#life !== null) await this.#mirror(this.#pick())
    await this.#reopen(null)
  }

  /** The disk takes the entry, but not the mark. */
  async #failMark(): Promise<void> {
    const unblock = await blockMark(this.#markFile)
    try {
      await this.#own.append(this.#input())
      throw new Error('acknowledged without a mark')
    } catch (error) {
      if (!isCoded(error, 'STORE_FAILED')) throw error
    }
    await this.#mirror(this.#pick())
    await unblock()
    await this.#reopen(null)
  }

  async #rotate(): Promise<void> {
    const next = this.#key + 1
    await this.#own.rotateKey(keyAt(next), keyHash(keyAt(next + 1).publicKey))
    this.#key = next
  }

  async #copy(): Promise<string> {
    const path = join(this.#folder, `copy-${this.#count++}`)
    await this.end()
    await cp(join(this.#folder, 'db'), path, { recursive: true })
    await this.#open(null)
    return path
  }

  async #checkpoint(): Promise<void> {
    this.#time += 61_000
    await this.#own.checkpoints.maybeCheckpoint(this.#time)
  }

  /** Mirrors ask while the commit runs. */
  async #appendSome(): Promise<void> {
    const peer = this.#pick()
    let ended = false
    const appends = Promise.all(
      Array.from({ length: 1 + this.#below(3) }, async () => await this.#own.append(this.#input()))
    ).finally(() => {
      ended = true
    })
    const asks = this.#dice() < 0.3
    while (asks && !ended) {
      await this.#mirror(peer, 30) // how often is a matter of timing: no dice here
      await new Promise(setImmediate)
    }
    await appends
  }

  /** False: it does not sign now. */
  async #appendOne(): Promise<boolean> {
    try {
      const {
        entry: { seq, hash }
      } = await this.#own.append(this.#input())
      this.#leaves({ hash, header: { seq } })
      return true
    } catch (error) {
      if (isCoded(error, 'RESTORING')) return false
      throw error
    }
  }

  /** A mirror pulls from the node what is new. */
  async #mirror(peer: Peer, count = 1 + this.#below(30)): Promise<void> {
    for (const raw of await this.#own.range(peer.entries.length, { count, ...RANGE })) {
      const entry = decodeEntry(raw)
      this.#leaves(entry)
      peer.entries.push(entry)
    }
  }

  /** The node meets a mirror: hears of its head, and pulls some if it restores; then the mirror pulls. */
  async #meet(peer: Peer, most = 1 + this.#below(10)): Promise<void> {
    if (peer.dead) return
    const own = this.#own
    const shown = peer.entries.slice(0, peer.shows)
    const head = shown.at(-1)
    if (head !== undefined && own.chain !== null) {
      const verdict = await own.sawOwnEntry(head)
      if (verdict === 'conflict')
        throw new Error(`entry ${head.header.seq} of a mirror is another one than the stored one`)
    }
    const wanted = shown.slice(own.size, own.size + most)
    if (own.signer === 'restoring' && wanted.length > 0) {
      await verifyRange(own.id, wanted, verifySignature)
      await own.ingest(wanted)
    }
    if (own.signer === 'ready' && peer.entries.length <= own.visible) await this.#mirror(peer)
  }

  #leaves({ hash, header: { seq } }: { hash: string; header: { seq: number } }): void {
    if ((this.#left.get(seq) ?? hash) !== hash)
      throw new Error(`FORK: a second entry ${seq} was signed and left the node`)
    this.#left.set(seq, hash)
  }

  #input(): { id: string; stream: string; type: string; payload: number } {
    const count = this.#count++
    return { id: `entry-${count}`, stream: 's', type: 't', payload: count }
  }

  #pick(): Peer {
    return this.#peers[this.#below(this.#peers.length)]!
  }

  #below(end: number): number {
    return Math.floor(this.#dice() * end)
  }
}
