/**
 * A running node, as far as its signer goes. What decides is what the daemon runs: Signer, SignerGuard, holdOf and
 * countsForOwn.
 */
import { continuesHistory, countsForOwn } from '../../../src/core/own-word.js'
import { keyHash } from '../../../src/core/chain.js'
import { isCoded } from '../../../src/core/errors.js'
import { SignerGuard, type OwnState, type OwnStored } from '../../../src/ledger/signer/signer-guard.js'
import { holdOf } from '../../../src/node/signer/signer-words.js'
import { Signer } from '../../../src/sync/signer/signer.js'
import type { IdentityNow, Moment, SignerEffect, SignerEvent, SignerState } from '../../../src/sync/signer/types.js'
import type { SimHome } from './sim-home.js'
import type { SimMirror } from './sim-mirror.js'
import { keyNumber, LEDGER, SILENT, type SimEntry, type Stage } from './stage.js'

export interface SimRecord {
  hash: string
  key: string
  peer: string
  issued: number
  expires: number
}

const RECORD_LIFE_MS = 12 * 60 * 60_000
const RENEW_MS = 10 * 60_000

export interface SimProcessOptions {
  identity?: IdentityNow
  made?: boolean
  offline?: boolean
  named?: string[]
}

export class SimProcess {
  readonly home: SimHome
  readonly guard: SignerGuard
  readonly signer: Signer
  readonly signed: SimEntry[] = []
  readonly name: string
  /** When a record or an entry of another node with these keys reached this one first; null: never. Virtual time. */
  foreignAt: number | null = null
  /** What was signed after that. */
  readonly afterForeign: SimEntry[] = []
  twinAt: number | null = null
  readonly mirrors = new Set<SimMirror>()
  /** Who is dialled when witnesses are sought, and found in a moment when it runs. */
  dialable: SimMirror[] = []
  readonly #records: SimRecord[] = []
  /** Peers that were asked something. */
  readonly #asked = new Set<string>()
  readonly #stage: Stage
  readonly #beganAt: number
  #stoppedFor = 0
  #pausedAt: number | null = null
  #wakes = 0
  #alive = true

  constructor(
    stage: Stage,
    name: string,
    home: SimHome,
    { identity, made = false, offline = false, named = [] }: SimProcessOptions = {}
  ) {
    this.#stage = stage
    this.name = name
    this.home = home
    const file = {
      path: 'mark',
      get mark() {
        return home.mark
      },
      write: async (mark: NonNullable<SimHome['mark']>) => {
        home.mark = await Promise.resolve(mark)
      }
    }
    this.guard = new SignerGuard(file, SILENT)
    this.#beganAt = stage.now
    this.signer = new Signer({
      memory: home.memory,
      made,
      offline,
      beganAt: stage.now,
      random: () => stage.dice(),
      isNamed: (peer) => named.includes(peer),
      identity: identity ?? (home.noted === home.machine ? 'same' : 'changed')
    })
    this.guard.onLook(() => {
      this.dispatch({ type: 'tick' })
    })
    this.guard.hold(holdOf(this.signer.state))
  }

  get state(): OwnState {
    return this.guard.state
  }
  get phase(): SignerState['phase'] {
    return this.signer.state.phase
  }

  async start(reachable = true): Promise<void> {
    if (this.home.chain.length > 0) await this.guard.check(this.#stored())
    this.#issue()
    this.#renew()
    this.dispatch({ type: 'started', reachable })
  }

  stop(): void {
    this.#alive = false
    for (const mirror of [...this.mirrors]) this.disconnect(mirror)
  }

  connect(mirror: SimMirror): void {
    this.#stage.after(this.#stage.latency(), () => {
      if (!this.#runs || this.mirrors.has(mirror)) return
      this.mirrors.add(mirror)
      mirror.joined(this)
      for (const record of this.#records) mirror.shown(this, record)
      this.dispatch({ type: 'connected', peer: mirror.id })
      if (this.state === 'ready' && !this.home.elsewhere) mirror.offered(this.home.chain, this)
    })
  }

  disconnect(mirror: SimMirror): void {
    if (!this.mirrors.delete(mirror)) return
    mirror.left(this)
    if (this.#runs) this.dispatch({ type: 'disconnected', peer: mirror.id })
  }

  /** The machine is saved: the process stands still, its connections die. */
  pause(): void {
    for (const mirror of [...this.mirrors]) {
      this.mirrors.delete(mirror)
      mirror.left(this)
    }
    this.#pausedAt = this.#stage.now
  }

  /** It goes on as if nothing had happened; the wall clock is right again, the steady one stood still. */
  resume(): void {
    this.#stoppedFor += this.#stage.now - this.#pausedAt!
    this.#pausedAt = null
    this.#schedule(this.#now().steady)
    // its sockets turn out to be dead
    for (const peer of this.#asked)
      this.#stage.after(this.#stage.below(5_000), () => {
        if (![...this.mirrors].some(({ id }) => id === peer)) this.dispatch({ type: 'disconnected', peer })
      })
  }

  dispatch(event: SignerEvent): void {
    if (!this.#runs) return
    const effects = this.signer.handle(event, this.#now())
    this.guard.hold(holdOf(this.signer.state))
    if (this.phase === 'ready' && this.state === 'ready') this.home.noted = this.home.machine
    if (this.phase === 'twin') this.twinAt ??= this.#stage.now
    for (const effect of effects) this.#perform(effect)
  }

  /** Null: it does not sign now. `rotate`: by the next key. */
  async append(rotate = false): Promise<SimEntry | null> {
    if (!this.#runs) return null
    const { chain, keys } = this.home
    try {
      this.guard.assertReady()
    } catch (error) {
      if (!isCoded(error)) throw error
      return null
    }
    const last = chain.at(-1)
    const key = keyNumber(rotate ? keys.next : keys.ledger)
    // The chain rule: a key file that is not the key in force signs nothing.
    if (last !== undefined && (rotate ? keyHash(key) !== this.#inForce().nextKeyHash : key !== this.#inForce().key))
      return null
    const sets = rotate || last === undefined
    const entry: SimEntry = {
      seq: chain.length,
      hash: this.#stage.hash(),
      prev: last?.hash ?? null,
      key,
      next: sets ? keyHash(keyNumber(rotate ? keys.next + 1 : keys.next)) : null,
      timestamp: this.#now().wall,
      by: this.name
    }
    chain.push(entry)
    await this.guard.signed(LEDGER, entry.seq, entry.hash)
    if (rotate) this.home.keys = { ledger: keys.next, next: keys.next + 1 }
    this.signed.push(entry)
    if (this.foreignAt !== null) this.afterForeign.push(entry)
    if (this.home.elsewhere) return entry
    for (const mirror of this.mirrors)
      this.#stage.after(this.#stage.latency(), () => {
        if (this.mirrors.has(mirror)) mirror.offered(chain, this)
      })
    return entry
  }

  /** An announcement. */
  async heard(mirror: SimMirror, entry: SimEntry): Promise<void> {
    if (!this.#runs || this.home.elsewhere || this.#holds(entry)) return
    await this.#saw(mirror, entry)
  }

  sawRecord(mirror: SimMirror, record: SimRecord): void {
    if (!this.#runs || this.home.issued.has(record.hash)) return
    if (record.key === this.#inForce().key || record.key === this.home.peerKey) {
      this.foreignAt ??= this.#stage.now
      this.dispatch({
        type: 'foreign-record',
        hash: record.hash,
        peer: mirror.id,
        issued: record.issued,
        expires: record.expires
      })
    } else if (record.peer === this.home.peerKey) mirror.shown(this, this.#make(this.home.peerKey))
  }

  get #runs(): boolean {
    return this.#alive && this.#pausedAt === null
  }

  #now(): Moment {
    return { wall: this.#stage.now, steady: this.#stage.now - this.#stoppedFor }
  }

  #holds({ seq, hash }: SimEntry): boolean {
    return this.home.chain[seq]?.hash === hash
  }

  #stored(): OwnStored {
    return {
      id: LEDGER,
      size: this.home.chain.length,
      hashAt: async (seq) => await Promise.resolve(this.home.chain[seq]?.hash ?? null)
    }
  }

  #inForce(): { key: string; nextKeyHash: string | null } {
    const last = this.home.chain.findLast(({ next }) => next !== null)
    return { key: last?.key ?? keyNumber(this.home.keys.ledger), nextKeyHash: last?.next ?? null }
  }

  #perform(effect: SignerEffect): void {
    if (effect.type === 'wake-at') this.#schedule(effect.at)
    else if (effect.type === 'keep') this.home.memory = structuredClone(this.signer.memory)
    else if (effect.type === 'call-out') this.#issue()
    else if (effect.type === 'seek') for (const mirror of this.dialable) this.connect(mirror)
    else if (effect.type === 'ask') this.#ask(effect.peer)
  }

  #schedule(steady: number): void {
    const wake = ++this.#wakes
    this.#stage.after(steady - this.#now().steady, () => {
      if (wake === this.#wakes) this.dispatch({ type: 'tick' })
    })
  }

  #ask(peer: string): void {
    const mirror = [...this.mirrors].find(({ id }) => id === peer)
    this.#asked.add(peer)
    // A question into a dead connection, and some of the others, are never answered.
    if (mirror === undefined || this.#stage.chance(this.#stage.loss)) {
      this.#stage.after(10_000, () => {
        this.dispatch({ type: 'silent', peer })
      })
      return
    }
    this.#stage.after(this.#stage.latency(), () => {
      const head = this.home.elsewhere ? null : mirror.head
      this.#stage.after(this.#stage.latency(), async () => {
        if (!this.#runs) return
        if (head !== null && !this.#holds(head)) await this.#saw(mirror, head)
        this.dispatch({
          type: 'answered',
          peer,
          ledger: null,
          head: head === null ? null : { seq: head.seq, hash: head.hash, held: this.#holds(head) }
        })
      })
    })
  }

  /** As OwnLedger.sawOwnEntry. The mirror shows the key entries of what it holds. */
  async #saw(mirror: SimMirror, entry: SimEntry): Promise<void> {
    const bytes = (chain: readonly SimEntry[]) =>
      chain
        .filter(({ next }) => next !== null)
        .map(({ hash }) => ({ header: Buffer.from(hash), signature: Buffer.alloc(0) }))
    const epochs = (chain: readonly SimEntry[]) =>
      chain.filter(({ next }) => next !== null).map(({ seq, key }) => ({ from: seq, key }))
    const { chain } = this.home
    if (chain.length === 0) return
    const shown = continuesHistory(bytes(chain), bytes(mirror.chain)) ? { keys: epochs(mirror.chain) } : null
    if (!countsForOwn(entry, { keys: epochs(chain), nextKeyHash: this.#inForce().nextKeyHash }, shown)) return
    const lacking = entry.seq < chain.length ? await this.guard.contradicted(LEDGER, entry) : this.guard.lacks(entry)
    if (!lacking) return
    if (entry.by !== this.name && entry.timestamp >= this.#beganAt) this.foreignAt ??= this.#stage.now
    this.dispatch({ type: 'lacking', timestamp: entry.timestamp })
    this.#stage.after(this.#stage.latency(), () => this.#pull(mirror))
  }

  async #pull(mirror: SimMirror): Promise<void> {
    const { chain } = this.home
    if (!this.#runs || this.state !== 'restoring') return
    for (const entry of mirror.chain.slice(chain.length)) {
      if (entry.prev !== (chain.at(-1)?.hash ?? null)) return
      chain.push(entry)
      if (await this.guard.restored(this.#stored())) this.dispatch({ type: 'restored' })
    }
  }

  #make(key: string): SimRecord {
    const { wall } = this.#now()
    const record = {
      hash: this.#stage.hash(),
      key,
      peer: this.home.peerKey,
      issued: wall,
      expires: wall + RECORD_LIFE_MS
    }
    this.home.issued.add(record.hash)
    return record
  }

  #issue(): void {
    const record = this.#make(this.#inForce().key)
    this.#records.splice(0, this.#records.length, record)
    for (const mirror of this.mirrors)
      this.#stage.after(this.#stage.latency(), () => {
        mirror.shown(this, record)
      })
  }

  #renew(): void {
    this.#stage.after(RENEW_MS, () => {
      if (!this.#alive) return
      if (this.#runs) this.#issue()
      this.#renew()
    })
  }
}
