/** A Signer under test, with two clocks that the test moves, and words for what peers show. */
import { Signer } from '../../../src/sync/signer/signer.js'
import type {
  Moment,
  SignerEffect,
  SignerEvent,
  SignerInit,
  SignerState,
  Witness
} from '../../../src/sync/signer/types.js'
import { hash, START } from '../desk.js'

export const LEDGER = `b${'a'.repeat(52)}`

export const witness = (peer: string, seq: number, more: Partial<Witness> = {}): Witness => ({
  peer,
  ledger: null,
  seq,
  hash: hash(seq),
  at: START,
  ...more
})

export class Bench {
  readonly signer: Signer
  now: Moment = { wall: START, steady: 1000 }
  readonly log: SignerEffect[] = []

  constructor(
    init: Partial<Omit<SignerInit, 'memory'>> & Partial<SignerInit['memory']> = {},
    { named = [] }: { named?: string[] } = {}
  ) {
    const { witnesses = [], twin = null, seen = [], ...rest } = init
    this.signer = new Signer({
      identity: 'same',
      made: false,
      offline: false,
      beganAt: START,
      random: () => 0.5,
      isNamed: (peer) => named.includes(peer),
      ...rest,
      memory: { witnesses, twin, seen }
    })
  }

  get phase(): SignerState['phase'] {
    return this.signer.state.phase
  }
  get by(): string | null {
    const { state } = this.signer
    return state.phase === 'ready' ? state.by : null
  }

  on(event: SignerEvent): SignerEffect[] {
    const effects = this.signer.handle(event, this.now)
    this.log.push(...effects)
    return effects
  }

  start(reachable: boolean | null = true): this {
    this.on({ type: 'started', reachable })
    return this
  }

  /** Both clocks go on, with a look every half second. */
  pass(ms: number): this {
    for (let left = ms; left > 0; left -= 500) {
      const step = Math.min(500, left)
      this.now = { wall: this.now.wall + step, steady: this.now.steady + step }
      this.on({ type: 'tick' })
    }
    return this
  }

  /** Only the wall clock. */
  jump(ms: number): this {
    this.now = { ...this.now, wall: this.now.wall + ms }
    return this
  }

  connect(...peers: string[]): this {
    for (const peer of peers) this.on({ type: 'connected', peer })
    return this
  }

  /** `seq` null: it shows none. */
  answer(peer: string, seq: number | null, held = true): this {
    this.on({ type: 'answered', peer, ledger: null, head: seq === null ? null : { seq, hash: hash(seq), held } })
    return this
  }

  foreign(
    issued: number,
    { id = issued, expires = issued + 43_200_000, peer = 'p9' }: { id?: number; expires?: number; peer?: string } = {}
  ): this {
    this.on({ type: 'foreign-record', hash: hash(id, 'f'), peer, issued, expires })
    return this
  }

  asked(peer: string): number {
    return this.log.filter((effect) => effect.type === 'ask' && effect.peer === peer).length
  }
  count(type: SignerEffect['type']): number {
    return this.log.filter((effect) => effect.type === type).length
  }
}
