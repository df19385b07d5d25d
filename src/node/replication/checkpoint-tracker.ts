/**
 * Keeps the newest checkpoint of a mirror that its own entries confirm. One that they do not lead to is examined: it
 * may be evidence (I4).
 */
import { BoundedMap } from '../../core/bounded.js'
import { readCheckpoint, verifyCheckpoint } from '../../core/checkpoint.js'
import { keyInForce } from '../../core/chain.js'
import { decodeSigned } from '../../core/entry.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Log } from '../../ports.js'
import { judged } from '../sessions/peer-fault.js'
import type { ForkTracker } from '../forks/fork-tracker.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { Verifier } from '../signatures/verifier.js'

/** Limit of peers of a ledger whose checkpoints wait for entries. */
const MAX_PENDING = 8
/** Limit of remembered checkpoints that a ledger's entries do not lead to: a second one of that size is evidence. */
const MAX_DISPUTED = 8

export interface CheckpointTrackerInit {
  peerNetwork: Pick<PeerRequests, 'network' | 'drop'>
  verifier: Pick<Verifier, 'forPeer'>
  forks: ForkTracker
  log: Log
}

interface Shown {
  note: string
  size: number
}

export class CheckpointTracker {
  readonly #init: CheckpointTrackerInit
  /**
   * By ledger and peer: the newest checkpoint beyond the held entries. Its signature is checked when its entries are
   * held, so a made-up one must not displace another peer's.
   */
  readonly #pending = new Map<LedgerId, Map<string, Shown>>()
  /** By ledger and size: signed checkpoints that the held entries do not lead to. */
  readonly #disputed = new Map<LedgerId, BoundedMap<number, string>>()
  /**
   * By ledger: checkpoints without a usable proof, and the peers that showed them. They are shown again with every
   * head.
   */
  readonly #unproven = new Map<LedgerId, string>()

  constructor(init: CheckpointTrackerInit) {
    this.#init = init
  }

  /** A peer showed the checkpoint with a head. Throws for one that no honest peer passes on. */
  async onCheckpoint(peer: string, ledger: HeldLedger, note: string): Promise<void> {
    if (ledger.own || note === ledger.checkpoint()) return
    const { size } = readCheckpoint(note, { network: this.#init.peerNetwork.network, ledger: ledger.id })
    if (size <= ledger.visible) await this.#compare(peer, ledger, note, size)
    else this.#wait(peer, ledger.id, { note, size })
  }

  /** More of the ledger is held. */
  async onGrown(ledger: HeldLedger): Promise<void> {
    const pending = this.#pending.get(ledger.id)
    if (pending === undefined) return
    for (const [peer, { note, size }] of pending) {
      if (size > ledger.visible) continue
      pending.delete(peer)
      try {
        await this.#compare(peer, ledger, note, size)
      } catch (error) {
        const { verdict, code } = judged(error, 'told')
        if (verdict === 'ours') throw error
        if (verdict === 'drop') this.#init.peerNetwork.drop(peer, code)
      }
    }
    if (pending.size === 0) this.#pending.delete(ledger.id)
  }

  #wait(peer: string, ledger: LedgerId, shown: Shown): void {
    let pending = this.#pending.get(ledger)
    if (pending === undefined) this.#pending.set(ledger, (pending = new Map()))
    pending.delete(peer)
    pending.set(peer, shown)
    if (pending.size <= MAX_PENDING) return
    const [farthest] = [...pending].sort(([, a], [, b]) => b.size - a.size)
    pending.delete(farthest![0])
  }

  async #compare(peer: string, ledger: HeldLedger, note: string, size: number): Promise<void> {
    const {
      peerNetwork: { network },
      verifier,
      log
    } = this.#init
    const expected = { network, ledger: ledger.id }
    const keys = (await ledger.keyEntries(size))
      .map((raw) => decodeSigned(raw).header)
      .map(({ seq, key }) => ({ from: seq, key }))
    const key = keyInForce({ keys }, size - 1)
    let root
    try {
      root = (await verifyCheckpoint(note, { ...expected, key }, verifier.forPeer(peer))).root
    } catch (error) {
      const { verdict } = judged(error, 'checkpoint')
      if (verdict === 'drop' || verdict === 'ours') throw error
      log.debug(
        { event: 'checkpoint.wrong-key', peer, ledger: ledger.id, size },
        'a checkpoint is not signed by the key in force'
      )
      return
    }
    const disputed = this.#disputed.get(ledger.id)?.get(size)
    if (
      disputed !== undefined &&
      readCheckpoint(disputed, expected).root !== root &&
      (await this.#init.forks.twoCheckpoints(ledger, key, disputed, note))
    )
      return
    // Evidence may have arrived during the signature check, so that fewer entries are visible: then the checkpoint
    // waits for entries.
    if (size > ledger.visible) return this.#wait(peer, ledger.id, { note, size })
    const held = ledger.checkpoint()
    const heldSize = held === null ? 0 : readCheckpoint(held, expected).size
    if (root === (await ledger.rootAt(size))) {
      if (size > heldSize) await ledger.putCheckpoint(note)
    } else if (held === null || heldSize !== size || !(await this.#init.forks.twoCheckpoints(ledger, key, held, note)))
      await this.#dispute(peer, ledger, key, note, size)
  }

  /** One such checkpoint alone proves nothing: the peer is asked for the entries below it. */
  async #dispute(peer: string, ledger: HeldLedger, key: string, note: string, size: number): Promise<void> {
    this.#remember(ledger.id, size, note)
    const shown = `${peer} ${note}`
    if (this.#unproven.get(ledger.id) === shown) return
    this.#init.log.warn(
      { event: 'checkpoint.contradicted', peer, ledger: ledger.id, size },
      'the author signed a checkpoint that the stored entries do not match'
    )
    try {
      if (!(await this.#init.forks.otherCheckpoint(peer, ledger, key, note))) this.#unproven.set(ledger.id, shown)
    } catch (error) {
      if (judged(error, 'asked').verdict === 'drop') throw error
      this.#init.log.debug(
        { event: 'checkpoint.fetch-failed', peer, ledger: ledger.id, size, error: (error as Error).message },
        'the entries of a checkpoint could not be fetched'
      )
    }
  }

  #remember(ledger: LedgerId, size: number, note: string): void {
    let disputed = this.#disputed.get(ledger)
    if (disputed === undefined) this.#disputed.set(ledger, (disputed = new BoundedMap(MAX_DISPUTED)))
    disputed.set(size, note)
  }
}
