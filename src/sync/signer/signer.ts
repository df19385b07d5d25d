/**
 * May the own key sign? Pure: events in, effects out, no clock of its own. The daemon and the simulator drive this same
 * object (FAULTS R3, R4). It forbids signing only for its own reasons; RESTORING (the mark, or an own entry that is not
 * here) is the signer guard's, and comes first.
 */
import * as limits from './limits.js'
import type {
  Moment,
  ReadyBy,
  SeenRecord,
  SignerEffect,
  SignerEvent,
  SignerInit,
  SignerMemory,
  SignerState,
  TwinSeen,
  Witness
} from './types.js'
import { WitnessBook } from './witness-book.js'

interface Confirming {
  wall: number
  steady: number
  identity: SignerInit['identity']
  /** Witnesses noted before: a peer does not become a witness of this start by answering now. */
  noted: Map<string, Witness>
  confirmedAt: number | null
  /** Peers of the first moments that owe an answer; null: those moments last. */
  first: Set<string> | null
  soughtAt: number
  seekMs: number
}

/** `askedAt`: steady ms; null: never. */
interface Asked {
  askedAt: number | null
  open: boolean
}

export class Signer {
  readonly #init: SignerInit
  readonly #book: WitnessBook
  readonly #peers = new Map<string, Asked>()
  #seen: SeenRecord[]
  #twin: TwinSeen | null
  #phase: 'starting' | 'confirming' | 'ready' | 'twin' | 'closed' = 'starting'
  #by: ReadyBy = 'made'
  #confirming: Confirming | null = null
  /** Is a witness known that could be dialled? */
  #reachable = false
  #last: Moment | null = null
  /** Steady ms: when a twin is called again, until when it is, and until when a confirmation is not enough. */
  #nextCall = -Infinity
  #callUntil = -Infinity
  #holdUntil = -Infinity
  #effects: SignerEffect[] = []

  constructor(init: SignerInit) {
    this.#init = init
    this.#book = new WitnessBook(init.memory.witnesses, init.isNamed)
    this.#seen = init.memory.seen
    this.#twin = init.memory.twin
    if (this.#twin !== null) this.#phase = 'twin'
    else if (init.made) this.#phase = 'ready'
  }

  handle(event: SignerEvent, now: Moment): SignerEffect[] {
    this.#effects = []
    this.#lookAtClocks(now)
    this.#take(event, now)
    this.#decide(now)
    const at = this.#next(now)
    if (at !== null) this.#effects.push({ type: 'wake-at', at })
    return this.#effects
  }

  get state(): SignerState {
    const confirming = this.#confirming
    switch (this.#phase) {
      case 'ready':
        return { phase: 'ready', by: this.#by }
      case 'twin':
        return { phase: 'twin', twin: this.#twin! }
      case 'confirming':
        return {
          phase: 'confirming',
          since: confirming!.wall,
          until: this.#until(confirming!),
          changed: confirming!.identity === 'changed',
          named: this.#hasNamed(confirming!),
          witnesses: confirming!.noted.size,
          confirmed: confirming!.confirmedAt !== null
        }
      default:
        return { phase: this.#phase }
    }
  }

  get memory(): SignerMemory {
    return { witnesses: this.#book.list(), twin: this.#twin, seen: this.#seen }
  }

  /** R3: "Wall clock against monotonic clock jumps > 60 s (a resumed snapshot has no start): CONFIRMING again." */
  #lookAtClocks(now: Moment): void {
    const last = this.#last
    this.#last = now
    if (last === null || Math.abs(now.wall - last.wall - (now.steady - last.steady)) <= limits.JUMP_MS) return
    if (this.#phase === 'confirming') this.#begin(this.#confirming!.identity === 'changed' ? 'changed' : 'same', now)
    else if (this.#phase === 'ready' && (this.#reachable || this.#book.current(now.wall).length > 0))
      this.#begin('same', now)
  }

  #take(event: SignerEvent, now: Moment): void {
    switch (event.type) {
      case 'started':
        this.#start(event.reachable, now)
        break
      case 'tick':
        break
      case 'connected':
        this.#reachable = true
        this.#ask(event.peer, now)
        break
      case 'disconnected':
        this.#peers.delete(event.peer)
        this.#confirming?.first?.delete(event.peer)
        break
      case 'answered':
        this.#answered(event, now)
        break
      case 'silent':
        this.#closeQuestion(event.peer)
        break
      case 'lacking':
        this.#lacking(event.timestamp, now)
        break
      case 'restored':
        if (this.#phase === 'confirming') for (const peer of this.#peers.keys()) this.#ask(peer, now)
        break
      case 'foreign-record':
        this.#foreign(event, now)
        break
      case 'word':
        this.#word()
    }
  }

  #start(reachable: boolean | null, now: Moment): void {
    const { identity, made, offline } = this.#init
    this.#reachable ||= reachable === true
    const witnesses = this.#book.current(now.wall)
    if (this.#phase === 'twin') return
    if (made) this.#ready('made')
    else if (offline) this.#ready('word')
    else if (reachable === null) {
      if (witnesses.length === 0) this.#ready('alone')
      else this.#phase = 'closed'
    } else if (!reachable && witnesses.length === 0) this.#ready('alone')
    else this.#begin(identity, now)
  }

  #begin(identity: SignerInit['identity'], now: Moment): void {
    this.#phase = 'confirming'
    const noted = new Map(this.#book.current(now.wall).map((witness) => [witness.peer, witness]))
    this.#confirming = {
      ...now,
      identity,
      noted,
      confirmedAt: null,
      first: null,
      soughtAt: -Infinity,
      seekMs: limits.SEEK_MS.first
    }
    for (const peer of this.#peers.keys()) this.#ask(peer, now)
  }

  #ready(by: ReadyBy): void {
    this.#phase = 'ready'
    this.#by = by
    this.#confirming = null
    if (this.#twin === null) return
    this.#twin = null
    this.#effects.push({ type: 'keep' })
  }

  #answered({ peer, ledger, head }: Extract<SignerEvent, { type: 'answered' }>, now: Moment): void {
    this.#closeQuestion(peer)
    if (head === null || !head.held) return
    const noted = this.#confirming?.noted.get(peer)
    if (noted !== undefined && head.seq >= noted.seq) this.#confirming!.confirmedAt ??= now.steady
    if (this.#phase === 'ready' && this.#by === 'strangers' && this.#book.has(peer)) this.#by = 'witness'
    if (this.#book.note(peer, ledger, head, now.wall)) this.#effects.push({ type: 'keep' })
  }

  #closeQuestion(peer: string): void {
    const asked = this.#peers.get(peer)
    if (asked !== undefined) asked.open = false
    this.#confirming?.first?.delete(peer)
  }

  /**
   * An entry with a time after the start of this process, which could sign but did not make it: another node signs.
   * While this one is CONFIRMING, its clock may be the one that is wrong: then the other one is called, and has a while
   * to answer.
   */
  #lacking(timestamp: number, now: Moment): void {
    const recent = timestamp >= this.#init.beganAt
    if (this.#phase === 'ready' && recent) this.#setTwin({ issued: now.wall, peer: '' }, now)
    else if (this.#phase === 'ready' || (this.#phase === 'confirming' && recent)) {
      if (this.#phase === 'ready') this.#begin('changed', now)
      this.#awaitAnswer(now)
    }
  }

  /**
   * Another node may be running: it has to learn of this one, and answer with a new record, before anything is signed.
   */
  #awaitAnswer(now: Moment): void {
    this.#holdUntil = now.steady + limits.FOREIGN_HOLD_MS
    this.#call(now)
  }

  #foreign({ hash, peer, issued, expires }: Extract<SignerEvent, { type: 'foreign-record' }>, now: Moment): void {
    if (expires <= now.wall || this.#seen.some((one) => one.hash === hash)) return
    this.#seen = [...this.#seen.filter((one) => one.expires > now.wall), { hash, expires }]
    if (this.#seen.length > limits.MAX_SEEN) this.#seen = this.#seen.toSorted((a, b) => a.expires - b.expires).slice(1)
    this.#effects.push({ type: 'keep' })
    if (issued >= this.#init.beganAt) this.#setTwin({ issued, peer }, now)
    // R4: "`issued` before this process began: not TWIN but CONFIRMING (an older copy of this home was used)."
    else if (this.#phase === 'ready' || this.#phase === 'confirming') {
      this.#begin('changed', now)
      this.#awaitAnswer(now)
    }
  }

  #setTwin({ issued, peer }: { issued: number; peer: string }, now: Moment): void {
    // The record may come from a clock that is ahead: it must not hold this node for longer than one of now.
    const counted = Math.min(issued, now.wall)
    const first = this.#phase !== 'twin'
    this.#twin =
      this.#twin === null
        ? { since: now.wall, issued: counted, peer }
        : { ...this.#twin, issued: Math.max(this.#twin.issued, counted) }
    this.#phase = 'twin'
    this.#confirming = null
    this.#effects.push({ type: 'keep' })
    if (first) this.#call(now)
  }

  /** Begins to call, at once unless that was just done. */
  #call(now: Moment): void {
    this.#callUntil = now.steady + limits.CALLING_MS
    this.#callOn(now)
  }

  #callOn(now: Moment): void {
    if (now.steady < this.#nextCall || now.steady >= this.#callUntil) return
    this.#nextCall =
      now.steady + limits.CALL_OUT_MS.least + this.#init.random() * (limits.CALL_OUT_MS.most - limits.CALL_OUT_MS.least)
    this.#effects.push({ type: 'call-out' })
  }

  #word(): void {
    this.#holdUntil = -Infinity
    if (this.#phase !== 'ready') this.#ready('word')
  }

  /** The effects of time alone. */
  #decide(now: Moment): void {
    if (this.#phase === 'twin') this.#decideTwin(now)
    if (this.#phase === 'confirming') this.#decideConfirming(this.#confirming!, now)
    if (this.#phase === 'ready') this.#refresh(now)
  }

  /** R4: "ends by the operator's word, or after CONFIRMING when no such record was issued for 12 h." */
  #decideTwin(now: Moment): void {
    if (now.wall - this.#twin!.issued >= limits.TWIN_QUIET_MS) this.#begin('changed', now)
    else this.#callOn(now)
  }

  #decideConfirming(confirming: Confirming, now: Moment): void {
    const held = now.steady < this.#holdUntil
    if (held) this.#callOn(now)
    if (!held && confirming.confirmedAt !== null && now.steady >= confirming.confirmedAt + limits.OTHERS_MS) {
      this.#ready('witness')
      return
    }
    if (
      confirming.noted.size === 0 &&
      confirming.identity !== 'changed' &&
      now.steady >= confirming.steady + limits.FIRST_PEERS_MS
    ) {
      confirming.first ??= new Set([...this.#peers].filter(([, { open }]) => open).map(([peer]) => peer))
      if (confirming.first.size === 0) {
        this.#ready('peers')
        return
      }
    }
    const until = this.#until(confirming)
    if (!held && until !== null && now.steady >= until) {
      this.#ready(confirming.noted.size === 0 ? 'peers' : 'strangers')
      return
    }
    if (now.steady >= confirming.soughtAt + (confirming.soughtAt === -Infinity ? 0 : confirming.seekMs)) {
      if (confirming.soughtAt !== -Infinity) confirming.seekMs = Math.min(2 * confirming.seekMs, limits.SEEK_MS.last)
      confirming.soughtAt = now.steady
      const witnesses = [...confirming.noted.keys()].filter((peer) => !this.#peers.has(peer))
      if (witnesses.length > 0 || confirming.identity === 'changed')
        this.#effects.push({ type: 'seek', witnesses, providers: confirming.identity === 'changed' })
    }
    for (const [peer, { askedAt, open }] of this.#peers)
      if (!open && now.steady - (askedAt ?? -Infinity) >= limits.ASK_AGAIN_MS) this.#ask(peer, now)
  }

  /** Latest end of the waiting, steady ms; null: a witness, or the operator. */
  #until(confirming: Confirming): number | null {
    if (confirming.noted.size === 0) return Math.max(confirming.steady + limits.CHANGED_MS, this.#holdUntil)
    if (confirming.identity === 'changed' || this.#hasNamed(confirming)) return null
    return confirming.steady + (confirming.identity === 'boot' ? limits.SAME_BOOT_MS : limits.STRANGERS_MS)
  }

  #hasNamed({ noted }: Confirming): boolean {
    return [...noted.values()].some((witness) => this.#book.isNamed(witness))
  }

  /** The notes have to stay accurate: peers that hold our ledger are asked now and then how much of it they hold. */
  #refresh(now: Moment): void {
    const due = [...this.#peers]
      .filter(([, { askedAt, open }]) => !open && now.steady - (askedAt ?? -Infinity) >= limits.REFRESH_MS)
      .sort(([, a], [, b]) => (a.askedAt ?? -Infinity) - (b.askedAt ?? -Infinity))
    for (const [peer] of due.slice(0, limits.MAX_REFRESHED)) this.#ask(peer, now)
  }

  #ask(peer: string, now: Moment): void {
    this.#peers.set(peer, { askedAt: now.steady, open: true })
    this.#effects.push({ type: 'ask', peer })
  }

  #next(now: Moment): number | null {
    const confirming = this.#confirming
    const call = now.steady < this.#callUntil && this.#nextCall > now.steady ? this.#nextCall : null
    if (this.#phase === 'twin') return call ?? now.steady + limits.CALLING_MS
    if (confirming === null) return this.#peers.size === 0 ? null : now.steady + limits.REFRESH_MS
    const times = [
      confirming.steady + limits.FIRST_PEERS_MS,
      this.#until(confirming),
      confirming.confirmedAt === null ? null : confirming.confirmedAt + limits.OTHERS_MS,
      confirming.soughtAt + confirming.seekMs,
      this.#holdUntil,
      call
    ]
    return Math.min(
      now.steady + limits.ASK_AGAIN_MS,
      ...(times.filter((at) => at !== null && at > now.steady) as number[])
    )
  }
}
