/** A node behind NAT: it dials one other, lives for seconds, and hands its ledger over by the plan of src/sync/push. */
import { PushPlan, type PushEffect, type PushEvent } from '../../../src/sync/push/push-plan.js'
import type { Flow } from '../../../src/sync/push/types.js'
import type { History } from '../histories.js'
import { SimNode } from '../sim-node.js'
import type { World } from '../world.js'
import type { BackupNode, Said } from './backup-node.js'

/** A session in which nothing is heard ends so, in ms. */
const STALL_MS = 30_000

export class PushingNode extends SimNode {
  readonly history: History
  readonly remote: string
  /** Entries that it has signed. */
  size = 1
  /** What is on its disk of what was confirmed. */
  flow: Flow
  #plan: PushPlan | null = null
  #session = 0
  #heardAt = 0
  readonly #frames = new Map<number, { ledger: string; said: Said | null }>()
  #next = 0
  #dials = false
  #wakes = 0

  constructor(world: World, id: string, history: History, remote: string) {
    super(world, id, [])
    this.history = history
    this.remote = remote
    this.flow = {
      ledger: history.ledger,
      remote,
      durable: 0,
      store: null,
      code: 'NO_CONNECTION',
      attempts: 0,
      last: null,
      next: null
    }
  }

  /** Nobody reaches it but over the connection that it opened. */
  override refuses(peer: string): boolean {
    return !this.#dials || super.refuses(peer)
  }

  /** On for so many ms. */
  live(ms: number): void {
    this.start()
    this.publish(this.history, this.size)
    this.#plan = new PushPlan(this.world)
    this.#event({ type: 'flow', flow: this.flow })
    this.#event({ type: 'size', ledger: this.history.ledger, size: this.size })
    this.#dial()
    this.world.after(ms, () => {
      this.stop()
    })
  }

  append(): void {
    if (this.size === this.history.entries.length) return
    this.size++
    if (!this.alive) return
    this.publish(this.history, this.size)
    this.#event({ type: 'size', ledger: this.history.ledger, size: this.size })
  }

  /** What overtook another frame waits for it: a stream that has lost one is silent until it is given up. */
  heard(session: number, place: number, ledger: string, said: Said | null): void {
    if (session !== this.#session) return
    this.#frames.set(place, { ledger, said })
    for (
      let next = this.#frames.get(this.#next);
      next !== undefined && session === this.#session;
      next = this.#frames.get(this.#next)
    ) {
      this.#next++
      this.#heardAt = this.world.now
      if (next.said === null) this.ended(session, null)
      else this.#word(next.ledger, next.said)
    }
  }

  #word(ledger: string, { hash, ...word }: Said): void {
    const ours = hash === null ? undefined : this.history.entries[word.size - 1]?.hash
    this.#event({
      type: 'word',
      remote: this.remote,
      ledger,
      word: { ...word, isOurs: ours === undefined ? null : ours === hash }
    })
  }

  ended(session: number, code: 'FAILED' | null): void {
    if (session !== this.#session) return
    this.#session++
    this.#event({ type: 'ended', remote: this.remote, code })
  }

  override connected(peer: string): void {
    super.connected(peer)
    if (peer === this.remote) this.#event({ type: 'connected', remote: peer })
  }

  override disconnected(peer: string): void {
    super.disconnected(peer)
    if (peer !== this.remote) return
    this.ended(this.#session, 'FAILED')
    this.#event({ type: 'disconnected', remote: peer })
  }

  /** As node/push/remote-dialer.ts. */
  #dial(): void {
    const { runner } = this
    if (!this.alive || runner.stopped) return
    this.#dials = true
    this.world.connect(this.id, this.remote)
    this.#dials = false
    this.world.after(2_000, () => {
      if (runner === this.runner) this.#dial()
    })
  }

  #event(event: PushEvent): void {
    if (this.#plan === null) return
    for (const effect of this.#plan.handle(event, this.world.now)) this.#act(effect)
  }

  #act(effect: PushEffect): void {
    switch (effect.type) {
      case 'changed':
        this.flow = effect.flow
        break
      case 'leave': {
        const session = this.#session
        this.world.after(0, () => {
          this.ended(session, null)
        })
        break
      }
      case 'differs':
        throw new Error('a branch where there is none')
      case 'wake-at': {
        const wake = ++this.#wakes
        this.world.after(effect.at - this.world.now, () => {
          if (wake === this.#wakes && this.alive) this.#event({ type: 'tick' })
        })
        break
      }
      case 'offer': {
        const session = ++this.#session
        this.#frames.clear()
        this.#next = 0
        const head = this.history.entries[this.size - 1]!
        this.#heardAt = this.world.now
        this.world.send(this.id, this.remote, (node) => {
          ;(node as BackupNode).offered(this.id, this.history.ledger, head.raw, session)
        })
        this.#lookAfter(session)
      }
    }
  }

  #lookAfter(session: number): void {
    this.world.after(STALL_MS, () => {
      if (session !== this.#session || !this.alive) return
      if (this.world.now - this.#heardAt >= STALL_MS) this.ended(session, 'FAILED')
      else this.#lookAfter(session)
    })
  }
}
