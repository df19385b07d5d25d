/** One node: the real decisions (Sync, Announcer) and no I/O; what it holds is a size per ledger. */
import type { Verdict } from '../../../src/network/host.js'
import { Announcer } from '../../../src/node/replication/announcer.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { Ledger } from '../../../src/ledger/ledger.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import type { PeerNetwork } from '../../../src/node/sessions/peer-network.js'
import type { Verifier } from '../../../src/node/signatures/verifier.js'
import { Sync } from '../../../src/sync/sync.js'
import type { PeerHead, SyncEffect, SyncEvent } from '../../../src/sync/types.js'
import { NETWORK } from '../histories.js'
import { START_SIZE, type SimLedger } from './population.js'
import type { ScaleWorld } from './scale-world.js'

/** Milliseconds until a fetched entry is checked and on the disk. */
const STORE_MS = 5
const LOG = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: (fields: Record<string, unknown>, message: string) => {
    throw new Error(`${message}: ${JSON.stringify(fields)}`)
  }
}

interface Asked {
  ledger: string
  size: number
  checkpoint: number
}

export class ScaleNode {
  readonly index: number
  readonly sync: Sync
  readonly announcer: Announcer
  readonly links = new Set<number>()
  /** Entries held, by ledger, and entries that the newest checkpoint covers. */
  readonly held = new Map<string, number>()
  readonly checkpoints = new Map<string, number>()
  readonly #world: ScaleWorld
  readonly #validators = new Map<string, (peer: string, bytes: Uint8Array) => Promise<Verdict>>()
  readonly #fetched = new Map<number, number>()
  #wakeAt = Infinity

  constructor(world: ScaleWorld, index: number) {
    this.#world = world
    this.index = index
    this.sync = new Sync({ random: world.random })
    const host = {
      subscribe: (topic: string, validate: (peer: string, bytes: Uint8Array) => Promise<Verdict>) => {
        this.#validators.set(ledgerIn(topic), validate)
      },
      unsubscribe: (topic: string) => {
        this.#validators.delete(ledgerIn(topic))
      },
      publish: async (topic: string, bytes: Uint8Array) => ({
        recipients: world.gossip.publish(this, ledgerIn(topic), bytes)
      })
    }
    this.announcer = new Announcer({
      peerNetwork: { host } as unknown as PeerNetwork,
      network: NETWORK,
      ledgers: {
        get: (id: string) => (this.held.has(id) ? this.mirror(world.ledger(id)) : undefined)
      } as unknown as Ledgers,
      verifier: { forPeer: () => () => true } as unknown as Verifier,
      clock: world.timeline,
      log: LOG,
      onHead: async (peer, { id }, { header, hash }) => {
        this.dispatch({
          type: 'announced',
          peer,
          head: { ledger: id, size: header.seq + 1, hash, prevHash: header.prev_hash }
        })
      },
      onEvidence: async () => false,
      onBroken: async () => false
    })
  }

  /** Its author's ledger. */
  own({ id }: SimLedger): void {
    this.held.set(id, START_SIZE)
    this.checkpoints.set(id, START_SIZE)
    this.announcer.join(id)
  }

  follow({ id, hashes }: SimLedger): void {
    this.held.set(id, START_SIZE)
    this.checkpoints.set(id, START_SIZE)
    this.announcer.join(id)
    this.dispatch({ type: 'followed', ledger: id, size: START_SIZE, headHash: hashes.get(START_SIZE)! })
  }

  /** What the Announcer asks of a ledger. */
  mirror({ id, key, head, hashes }: SimLedger): Ledger {
    const size = this.held.get(id)!
    return {
      id,
      size,
      visible: size,
      frozenAt: null,
      chain: { key: key.publicKey },
      hashAt: async (seq: number) => hashes.get(seq + 1) ?? null,
      head: () => ({ header: head.raw.header, signature: head.raw.signature })
    } as unknown as Ledger
  }

  async judge(ledger: string, from: ScaleNode, bytes: Uint8Array): Promise<Verdict> {
    return (await this.#validators.get(ledger)?.(String(from.index), bytes)) ?? 'ignore'
  }

  dispatch(event: SyncEvent): void {
    for (const effect of this.sync.handle(event, this.#world.timeline.now())) this.#perform(effect)
  }

  #perform(effect: SyncEffect): void {
    switch (effect.type) {
      case 'fetch-head':
        this.#askHeads(effect)
        break
      case 'fetch-range':
        this.#askEntries(effect)
        break
      case 'store':
        this.#store(effect)
        break
      case 'discard':
        this.#fetched.delete(effect.fetch)
        break
      case 'dial':
        this.#world.find(this, effect.ledger, effect.more)
        break
      case 'wake-at':
        this.#wake(effect.at)
        break
      case 'find-fork':
      case 'drop':
        throw new LedgermeshError('MALFORMED', `nobody lies here: ${JSON.stringify(effect)}`)
    }
  }

  #wake(at: number): void {
    const { timeline } = this.#world
    if (at === this.#wakeAt) return
    this.#wakeAt = at
    timeline.after(at - timeline.now(), () => {
      if (this.#wakeAt !== at) return
      this.#wakeAt = Infinity
      this.dispatch({ type: 'tick' })
    })
  }

  #askHeads({ peer, ledgers }: Extract<SyncEffect, { type: 'fetch-head' }>): void {
    const { sizes } = this.#world
    const asked = ledgers.map(({ ledger, size }) => ({ ledger, size, checkpoint: this.checkpoints.get(ledger)! }))
    this.#world.send('hello', this.index, Number(peer), sizes.headsRequest(asked.length), (other) => {
      other.dispatch({
        type: 'asked',
        peer: String(this.index),
        ledgers: asked.filter(({ size }) => size > 0).map(({ ledger }) => ledger)
      })
      const shown = asked.map((one) => other.#headFor(one))
      const counts = { heads: 0, checkpoints: 0, listed: 0 }
      for (const head of shown)
        counts[head === null || head.same ? 'listed' : head.checkpoint > 0 ? 'checkpoints' : 'heads']++
      this.#world.send('hello', other.index, this.index, sizes.headsReply(counts), () => {
        this.#heard(peer, asked, shown)
      })
    })
  }

  #headFor({ ledger, size, checkpoint }: Asked): { size: number; same: boolean; checkpoint: number } | null {
    const held = this.held.get(ledger)
    if (held === undefined) return null
    const covered = this.checkpoints.get(ledger)!
    return { size: held, same: held === size && covered <= checkpoint, checkpoint: covered }
  }

  #heard(peer: string, asked: Asked[], shown: ({ size: number; checkpoint: number } | null)[]): void {
    const heads: PeerHead[] = []
    const none: string[] = []
    for (const [n, { ledger }] of asked.entries()) {
      const head = shown[n]!
      if (head === null) none.push(ledger)
      else {
        heads.push({ ledger, size: head.size, hash: this.#world.ledger(ledger).hashes.get(head.size)! })
        if (head.checkpoint > this.checkpoints.get(ledger)!) this.checkpoints.set(ledger, head.checkpoint)
      }
    }
    this.dispatch({ type: 'heads', peer, heads, none, denied: [] })
  }

  #askEntries({ fetch, ledger, peer, from, count }: Extract<SyncEffect, { type: 'fetch-range' }>): void {
    const { sizes } = this.#world
    this.#world.send('entries', this.index, Number(peer), sizes.entriesRequest, (other) => {
      const size = other.held.get(ledger) ?? 0
      const got = Math.min(count, size - from)
      this.#world.send('entries', other.index, this.index, got > 0 ? sizes.entriesReply(got) : sizes.refusal, () => {
        if (got <= 0)
          this.dispatch({
            type: 'batch-failed',
            fetch,
            code: 'NOT_FOUND',
            fault: 'none',
            available: { earliest: 0, size }
          })
        else {
          this.#fetched.set(fetch, from + got)
          this.dispatch({ type: 'batch-verified', fetch, count: got })
        }
      })
    })
  }

  #store({ fetch, ledger }: Extract<SyncEffect, { type: 'store' }>): void {
    const size = this.#fetched.get(fetch)!
    this.#fetched.delete(fetch)
    this.#world.timeline.after(STORE_MS, () => {
      this.held.set(ledger, size)
      this.#world.stored(this, ledger, size)
      this.dispatch({ type: 'stored', ledger, fetch, size, headHash: this.#world.ledger(ledger).hashes.get(size)! })
    })
  }
}

function ledgerIn(topic: string): string {
  return topic.slice(topic.lastIndexOf('/') + 1)
}
