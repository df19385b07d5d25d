/**
 * Runs the effects of the signer's state (sync/signer): asks peers for the own head, dials witnesses, stores the
 * memory, and holds the key.
 */
import type { WireHead } from '../../../protocols/wire.js'
import type { Paths } from '../../config/paths.js'
import { decodeSigned, ledgerOf } from '../../core/entry.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { peerKeyOf } from '../../core/peer-key.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { Clock, Log, Random } from '../../ports.js'
import { ASK_AGAIN_MS, JUMP_MS } from '../../sync/signer/limits.js'
import { Signer } from '../../sync/signer/signer.js'
import type { IsNamed, Moment, SignerEffect, SignerEvent, SignerMemory, SignerState } from '../../sync/signer/types.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { CheckedRecord } from '../peers/check-record.js'
import type { PeerHandlers } from '../sessions/peer-handlers.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { IssuedRecords } from '../home/issued-records.js'
import { KeptFile } from '../home/kept-file.js'
import type { MachineIdentity } from '../home/machine-identity.js'
import { readMemory } from '../home/signer-memory.js'
import { holdOf } from './signer-words.js'
import { deadline } from '../runtime/deadline.js'

/** Time limit for asking a peer for its copy of the own ledger, and for examining the answer. */
const ASK_TIMEOUT_MS = 10_000
const SEEK_TIMEOUT_MS = 15_000
/**
 * Shortest interval between two proofs that this node holds its peer key, ms, because unknown peers can request them.
 */
const PROOF_EVERY_MS = 5_000

export interface SignerDriverInit {
  paths: Paths
  ledgers: Ledgers
  machine: MachineIdentity
  issued: IssuedRecords
  events: NetworkEvents
  clock: Clock
  /** Milliseconds of a monotonic clock. */
  steady: () => number
  log: Log
  random: Random
  isNamed: IsNamed
  offline: boolean
}

/** The sync plugin's handling of a head: a contradiction becomes evidence, a missing own entry stops the signer. */
export type LookAtHeads = (peer: string, heads: WireHead[], signal: AbortSignal) => Promise<unknown>

export class SignerDriver implements PeerHandlers {
  readonly #init: SignerDriverInit
  readonly #signer: Signer
  readonly #file: KeptFile<{ v: 1 } & SignerMemory>
  #peerNetwork: PeerNetwork | null = null
  #look: LookAtHeads = async (_, [head]) => await this.#own.sawOwnEntry(decodeSigned(head!))
  #last: Moment
  #shown = ''
  #since: number
  #provedAt = -Infinity
  #cancel: () => void = () => {}
  #stopped = false

  private constructor(init: SignerDriverInit, memory: SignerMemory, identity: 'boot' | 'same' | 'changed') {
    const { ledgers, offline, isNamed } = init
    this.#init = init
    this.#last = this.#now()
    this.#since = this.#last.wall
    this.#signer = new Signer({
      memory,
      identity,
      made: ledgers.madeOwn,
      offline,
      beganAt: this.#last.wall,
      isNamed,
      random: () => init.random.next()
    })
    this.#file = new KeptFile(init.paths.witnesses, () => ({ v: 1, ...this.#signer.memory }))
    this.#hold()
    this.#own.watchSigner({
      look: () => {
        this.#lookAtClocks()
      },
      lacking: (entry) => {
        this.#handle({ type: 'lacking', timestamp: entry.header.timestamp })
      },
      restored: () => {
        this.#handle({ type: 'restored' })
      }
    })
  }

  /** From now on the own ledger signs only when this allows it. Throws BAD_FILE. */
  static async open(init: SignerDriverInit): Promise<SignerDriver> {
    return new SignerDriver(init, await readMemory(init.paths.witnesses), await init.machine.compare())
  }

  get state(): SignerState {
    return this.#signer.state
  }

  /** Since when the state is so, ms since the epoch. */
  get since(): number {
    return this.#since
  }

  /** Time at which peers are asked again, ms since the epoch; null: not before someone acts. */
  get next(): number | null {
    return this.#signer.state.phase === 'confirming' ? this.#init.clock.now() + ASK_AGAIN_MS : null
  }

  /** Offline starts in a row. */
  get offlineStarts(): number {
    return this.#init.machine.offlineStarts
  }

  /** To be called before the network starts. Throws STORE_FAILED. */
  async attach(peerNetwork: PeerNetwork): Promise<void> {
    const { machine, offline, log } = this.#init
    await machine.countStart(offline)
    if (offline)
      log.warn(
        { event: 'signer.offline-start', inARow: machine.offlineStarts },
        'started with --offline: signing without asking peers first'
      )
    this.#peerNetwork = peerNetwork
    peerNetwork.use(this)
    peerNetwork.onRecordChecked((checked, from) => {
      this.#sawRecord(checked, from)
    })
  }

  /** Where heads of other ledgers are handled. */
  useHeads(look: LookAtHeads): void {
    this.#look = look
  }

  /** There is no network. */
  closed(): void {
    this.#handle({ type: 'started', reachable: null })
  }

  onReady(): void {
    const peerNetwork = this.#peerNetwork!
    const { peerId } = peerNetwork.host
    const reachable =
      peerNetwork.bootstrap.some((address) => !address.endsWith(`/p2p/${peerId}`)) ||
      peerNetwork.directory.list().some(({ record }) => record.peer_id !== peerId)
    this.#handle({ type: 'started', reachable })
  }

  onPeer(peer: string): void {
    this.#handle({ type: 'connected', peer })
  }
  onPeerGone(peer: string): void {
    this.#handle({ type: 'disconnected', peer })
  }

  async onStop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await Promise.resolve()
  }

  /** Resolves when everything to be stored is on the disk. */
  async stop(): Promise<void> {
    await this.onStop()
    await Promise.all([this.#file.idle(), this.#init.machine.idle(), this.#init.issued.idle()])
  }

  /** The operator declares that everything ever signed is stored, and that no other node signs. */
  async override(): Promise<void> {
    this.#init.log.warn(
      { event: 'signer.assumed-complete', state: this.#signer.state },
      'the operator confirmed that nothing is missing and no other node signs'
    )
    this.#handle({ type: 'word' })
    await this.#file.save()
  }

  get #own(): OwnLedger {
    return this.#init.ledgers.own
  }

  #now(): Moment {
    return { wall: this.#init.clock.now(), steady: this.#init.steady() }
  }

  #lookAtClocks(): void {
    const now = this.#now()
    const jumped = Math.abs(now.wall - this.#last.wall - (now.steady - this.#last.steady)) > JUMP_MS
    if (jumped) this.#handle({ type: 'tick' })
    else this.#last = now
  }

  #handle(event: SignerEvent): void {
    if (this.#stopped) return
    this.#last = this.#now()
    const effects = this.#signer.handle(event, this.#last)
    this.#hold()
    for (const effect of effects) this.#perform(effect)
  }

  #hold(): void {
    const state = this.#signer.state
    const hold = holdOf(state)
    this.#own.hold(hold)
    const { events, machine, log } = this.#init
    const shown = JSON.stringify(hold)
    if (shown === this.#shown) return
    this.#shown = shown
    this.#since = this.#last.wall
    const { signer } = this.#own
    if (hold === null) {
      log.info({ event: 'signer.ready', state }, 'the own ledger may be signed')
      // Opened without a network no peer could object, so this machine's identity is not stored: a start with a network
      // does that.
      if (this.#peerNetwork !== null || this.#init.ledgers.madeOwn)
        machine.note().catch((error: Error) => {
          log.error(
            { event: 'signer.machine-write-failed', error: error.message },
            "the signing machine's identity could not be stored; the next start waits longer"
          )
        })
    } else
      log[hold.code === 'TWIN' ? 'error' : 'warn'](
        { event: 'signer.held', state, code: hold.code, error: hold.message },
        'the own ledger must not be signed yet'
      )
    events.publish({ kind: 'signer', ledger: this.#own.id, state: signer, explanation: hold?.message ?? null })
  }

  #perform(effect: SignerEffect): void {
    switch (effect.type) {
      case 'ask':
        this.#run(this.#ask(effect.peer), 'ask peer')
        break
      case 'seek':
        this.#run(this.#seek(effect), 'dial witnesses')
        break
      case 'keep':
        this.#run(this.#file.save(), 'save state')
        break
      case 'call-out':
        this.#run(this.#callOut(), 'renew record')
        break
      case 'wake-at':
        this.#cancel()
        this.#cancel = this.#init.clock.after(Math.max(0, effect.at - this.#init.steady()), () => {
          this.#handle({ type: 'tick' })
        })
    }
  }

  #run(work: Promise<unknown>, step: string): void {
    work.catch((error: Error) => {
      if (!this.#stopped)
        this.#init.log.warn({ event: 'signer.step-failed', step, error: error.message }, 'a step of the signer failed')
    })
  }

  /**
   * By `heads` with size 0 and no hash: with our size and hash in the request, any unknown peer could answer `same`.
   */
  async #ask(peer: string): Promise<void> {
    const peerNetwork = this.#peerNetwork!
    const own = this.#own
    try {
      if (!peerNetwork.rights.mayHear(peer, own)) throw new Error('it may not hear of it')
      const signal = deadline(this.#init.clock, ASK_TIMEOUT_MS)
      const head = await peerNetwork.requests.askHeadBlind(peer, own.id, signal)
      this.#handle({
        type: 'answered',
        peer,
        ledger: peerNetwork.directory.provenLedger(peer),
        head: head === null ? null : await this.#judge(peer, own.id, head, signal)
      })
    } catch (error) {
      this.#init.log.debug(
        { event: 'signer.ask-failed', peer, error: (error as Error).message },
        'a peer did not report its copy of the own ledger'
      )
      this.#handle({ type: 'silent', peer })
    }
  }

  /** null: the peer has no entry of the own ledger. */
  async #judge(
    peer: string,
    id: LedgerId,
    head: WireHead,
    signal: AbortSignal
  ): Promise<{ seq: number; hash: Hash; held: boolean } | null> {
    const entry = decodeSigned(head)
    const {
      header: { seq },
      hash
    } = entry
    const isHeld = async (): Promise<boolean> =>
      ledgerOf(entry) === id && seq < this.#own.size && (await this.#own.heldHash(seq)) === hash
    // The hash covers the signature, and the held entry was checked.
    const held = await isHeld()
    if (!held || head.evidence !== null || head.checkpoint !== null) await this.#look(peer, [head], signal)
    return ledgerOf(entry) === id ? { seq, hash, held: held || (await isHeld()) } : null
  }

  async #seek({ witnesses, providers }: Extract<SignerEffect, { type: 'seek' }>): Promise<void> {
    const peerNetwork = this.#peerNetwork!
    const signal = deadline(this.#init.clock, SEEK_TIMEOUT_MS, peerNetwork.stopping)
    const records = witnesses
      .map((peer) => peerNetwork.directory.get(peer)?.record)
      .filter((record) => record !== undefined)
    const dials = [
      ...records.map((record) => peerNetwork.connections.connectTo(record, signal)),
      ...(providers ? [peerNetwork.finder.findLedger(this.#own.id)] : [])
    ]
    for (const result of await Promise.allSettled(dials)) {
      if (result.status === 'rejected')
        this.#init.log.debug(
          { event: 'signer.witness-unreachable', error: (result.reason as Error).message },
          'a witness was unreachable'
        )
    }
  }

  async #callOut(): Promise<void> {
    const peerNetwork = this.#peerNetwork!
    await peerNetwork.record.renewed()
    peerNetwork.disclosure.review()
  }

  /** R4. `from`: the peer that sent it. */
  #sawRecord({ record, hash }: CheckedRecord, from: string): void {
    const peerNetwork = this.#peerNetwork!
    if (this.#init.issued.has(hash)) return
    const ownKey = this.#own.chain?.key
    if (record.key === ownKey || record.key === peerKeyOf(peerNetwork.host.peerId)) {
      this.#handle({ type: 'foreign-record', hash, peer: from, issued: record.issued, expires: record.expires })
    } else if (record.peer_id === peerNetwork.host.peerId) this.#proveTo(from)
  }

  /**
   * The record names our peer id, which proves nothing. If there is another node with our peer key, a record by that
   * key shows it that this node exists.
   */
  #proveTo(peer: string): void {
    const now = this.#init.steady()
    if (now - this.#provedAt < PROOF_EVERY_MS || !this.#peerNetwork!.connections.isConnected(peer)) return
    this.#provedAt = now
    this.#run(
      this.#peerNetwork!.record.byPeerKey().then((record) => {
        this.#peerNetwork!.sessions.of(peer).tellRecord({ ...record, keyEntries: [] })
      }),
      'notify twin'
    )
  }
}
