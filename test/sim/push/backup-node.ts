/**
 * A node that takes what is offered, as node/push/push-desk.ts: decides, follows, and says how far it is on its disk.
 * The pull is sync's own.
 */
import type { RawEntry } from '../../../src/core/entry.js'
import { decideOffer } from '../../../src/sync/push/offer-policy.js'
import type { Word } from '../../../src/sync/push/receipt.js'
import { decode } from '../histories.js'
import { SimNode } from '../sim-node.js'
import type { PushingNode } from './pushing-node.js'

/** A word, and the hash of the last entry that it counts. */
export type Said = Omit<Word, 'isOurs'> & { hash: string | null }

/** Between two looks at what an accepted ledger has become, ms. */
const LOOK_MS = 500

export class BackupNode extends SimNode {
  /** As a store's incarnation. */
  incarnation = 'store-0'
  /** Ledgers that may come by push. */
  places = Infinity
  #wipes = 0
  /** Frames that were sent in each session. */
  readonly #said = new Map<string, number>()

  offered(from: string, ledger: string, raw: RawEntry, session: number): void {
    const entry = decode(raw)
    const target = entry.header.seq + 1
    const store = this.store(ledger)
    const followed = this.holds(ledger)
    const verdict = decideOffer({
      known: true,
      rule: 'anyone',
      token: 'none',
      trusted: false,
      member: false,
      fromOwner: true,
      fromRemote: false,
      own: null,
      asked: 'mirror',
      inbox: 'none',
      keys: 'in-force',
      allowed: true,
      room: this.follows.length < this.places,
      held:
        store.size === 0 && !followed
          ? null
          : {
              isSame: store.visible > entry.header.seq && store.entries[entry.header.seq]?.hash === entry.hash,
              frozen: store.frozenAt !== null,
              follow: followed ? { headers: false, adopts: false, stalled: null } : null
            }
    })
    const size = Math.min(store.visible, target)
    const held = {
      size,
      hash: size === 0 ? null : store.entries[size - 1]!.hash,
      store: size === 0 && verdict.kind === 'refused' ? null : this.incarnation
    }
    if (verdict.kind === 'held') store.sync()
    if (verdict.kind === 'held' || verdict.kind === 'accepted')
      this.#say(from, session, ledger, { kind: verdict.kind, ...held })
    else
      this.#say(from, session, ledger, {
        kind: 'refused',
        reason: verdict.kind === 'refused' ? verdict.reason : 'NOT_WANTED',
        ...held
      })
    if (verdict.kind !== 'accepted') {
      this.#say(from, session, ledger, null)
      return
    }
    const { runner } = this
    if (!followed) {
      this.follows.push(ledger)
      runner.follow(store)
    }
    runner.noticed(from, {
      ledger,
      header: raw.header,
      signature: raw.signature,
      checkpoint: null,
      evidence: null,
      earliest: 0
    })
    this.#watch(from, session, ledger, target)
  }

  /** Its disk is another one, and empty. */
  wipe(): void {
    this.stop()
    this.stores.clear()
    this.#said.clear()
    this.follows.length = 0
    this.incarnation = `store-${++this.#wipes}`
    this.start()
  }

  #watch(from: string, session: number, ledger: string, target: number): void {
    const { runner } = this
    this.world.after(LOOK_MS, () => {
      if (runner.stopped || !this.world.linked(this.id, from)) return
      const store = this.store(ledger)
      if (store.size >= target) store.sync()
      const { durable } = store
      this.#say(from, session, ledger, {
        kind: 'progress',
        size: durable,
        hash: durable === 0 ? null : store.entries[durable - 1]!.hash
      })
      if (durable < target) this.#watch(from, session, ledger, target)
      else this.#say(from, session, ledger, null)
    })
  }

  /** `word` null: there is no more. In the order in which they were said, as on a stream. */
  #say(to: string, session: number, ledger: string, word: Said | null): void {
    const stream = `${to} ${session}`
    const place = this.#said.get(stream) ?? 0
    if (word === null) this.#said.delete(stream)
    else this.#said.set(stream, place + 1)
    this.world.send(this.id, to, (node) => {
      ;(node as PushingNode).heard(session, place, ledger, word)
    })
  }
}
