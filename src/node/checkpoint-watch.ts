/** Keeps the newest checkpoint of a mirror that its own entries confirm. One that they do not lead to is looked into: it may be evidence (I4). */
import { readCheckpoint, verifyCheckpoint } from '../core/checkpoint.js'
import { keyInForce } from '../core/chain.js'
import { decodeEntry } from '../core/entry.js'
import { isCoded } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Log } from '../ports.js'
import { isLie } from './failure.js'
import type { ForkWatch } from './fork-watch.js'
import type { Mesh } from './mesh.js'
import type { Verifier } from './verifier.js'

/** Peers of a ledger whose checkpoint waits for entries. */
const MAX_PENDING = 8
/** Checkpoints of a ledger that its entries do not lead to, and that are remembered: a second one of that size is evidence. */
const MAX_DISPUTED = 8

export interface CheckpointWatchInit { mesh: Pick<Mesh, 'network' | 'drop'>, verifier: Verifier, forks: ForkWatch, log: Log }

interface Shown { note: string, size: number }

export class CheckpointWatch {
  readonly #init: CheckpointWatchInit
  /** By ledger and peer: the newest that goes beyond what is held. Its signature is checked when its entries are here, so one that is made up must not be in the way of another peer's. */
  readonly #pending = new Map<LedgerId, Map<string, Shown>>()
  /** By ledger and size: signed, and not over the entries that are held. */
  readonly #disputed = new Map<LedgerId, Map<number, string>>()
  /** By ledger: who showed which one that nothing could be proven with. It is shown again with every head. */
  readonly #unproven = new Map<LedgerId, string>()

  constructor (init: CheckpointWatchInit) {
    this.#init = init
  }

  /** A peer showed it beside a head. Throws what no honest peer passes on. */
  async saw (peer: string, ledger: Mirror, note: string): Promise<void> {
    if (ledger.own || note === ledger.checkpoint()) return
    const { size } = readCheckpoint(note, { network: this.#init.mesh.network, ledger: ledger.id })
    if (size <= ledger.visible) await this.#compare(peer, ledger, note, size)
    else this.#wait(peer, ledger.id, { note, size })
  }

  /** More of the ledger is here. */
  async grown (ledger: Mirror): Promise<void> {
    const pending = this.#pending.get(ledger.id)
    if (pending === undefined) return
    for (const [peer, { note, size }] of pending) {
      if (size > ledger.visible) continue
      pending.delete(peer)
      try {
        await this.#compare(peer, ledger, note, size)
      } catch (error) {
        if (!isLie(error)) throw error
        this.#init.mesh.drop(peer, error.code)
      }
    }
    if (pending.size === 0) this.#pending.delete(ledger.id)
  }

  #wait (peer: string, ledger: LedgerId, shown: Shown): void {
    let pending = this.#pending.get(ledger)
    if (pending === undefined) this.#pending.set(ledger, pending = new Map())
    pending.delete(peer)
    pending.set(peer, shown)
    if (pending.size <= MAX_PENDING) return
    const [farthest] = [...pending].sort(([, a], [, b]) => b.size - a.size)
    pending.delete(farthest![0])
  }

  async #compare (peer: string, ledger: Mirror, note: string, size: number): Promise<void> {
    const { mesh: { network }, verifier, log } = this.#init
    const of = { network, ledger: ledger.id }
    const keys = (await ledger.keyEntries(size)).map((raw) => decodeEntry({ ...raw, payload: null }).header).map(({ seq, key }) => ({ from: seq, key }))
    const key = keyInForce({ keys }, size - 1)
    let root
    try {
      root = (await verifyCheckpoint(note, { ...of, key }, verifier.forPeer(peer))).root
    } catch (error) {
      // By a key that our chain has retired, or by none: it proves nothing against anybody.
      if (!isCoded(error, 'BAD_SIGNATURE') && !isCoded(error, 'OVERLOADED') && !isCoded(error, 'CLOSED')) throw error
      log.debug({ peer, ledger: ledger.id, size }, 'a checkpoint that is not signed by the key in force')
      return
    }
    const disputed = this.#disputed.get(ledger.id)?.get(size)
    if (disputed !== undefined && readCheckpoint(disputed, of).root !== root && await this.#init.forks.twoCheckpoints(ledger, key, disputed, note)) return
    const held = ledger.checkpoint()
    const heldSize = held === null ? 0 : readCheckpoint(held, of).size
    if (root === await ledger.rootAt(size)) {
      if (size > heldSize) await ledger.putCheckpoint(note)
    } else if (held === null || heldSize !== size || !await this.#init.forks.twoCheckpoints(ledger, key, held, note)) await this.#dispute(peer, ledger, key, note, size)
  }

  /** One such checkpoint alone proves nothing: the peer is asked for the entries that it is over. */
  async #dispute (peer: string, ledger: Mirror, key: string, note: string, size: number): Promise<void> {
    this.#remember(ledger.id, size, note)
    const shown = `${peer} ${note}`
    if (this.#unproven.get(ledger.id) === shown) return
    this.#init.log.warn({ peer, ledger: ledger.id, size }, 'its author signed a checkpoint that the entries held here do not lead to')
    try {
      if (!await this.#init.forks.otherCheckpoint(peer, ledger, key, note)) this.#unproven.set(ledger.id, shown)
    } catch (error) {
      if (isLie(error)) throw error
      this.#init.log.debug({ peer, ledger: ledger.id, size, error: (error as Error).message }, 'the entries of a checkpoint could not be had')
    }
  }

  #remember (ledger: LedgerId, size: number, note: string): void {
    let disputed = this.#disputed.get(ledger)
    if (disputed === undefined) this.#disputed.set(ledger, disputed = new Map())
    disputed.delete(size)
    disputed.set(size, note)
    if (disputed.size > MAX_DISPUTED) disputed.delete(disputed.keys().next().value!)
  }
}
