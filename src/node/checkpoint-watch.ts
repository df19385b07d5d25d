/** Keeps the newest checkpoint of a mirror that its own entries confirm. Two of one size with other roots are evidence (I4). */
import { readCheckpoint, verifyCheckpoint } from '../core/checkpoint.js'
import { keyInForce } from '../core/chain.js'
import { decodeEntry } from '../core/entry.js'
import { isCoded } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Log } from '../ports.js'
import type { ForkWatch } from './fork-watch.js'
import type { Verifier } from './verifier.js'

export interface CheckpointWatchInit { network: string, verifier: Verifier, forks: ForkWatch, log: Log }

interface Pending { peer: string, note: string, size: number }

export class CheckpointWatch {
  readonly #init: CheckpointWatchInit
  /** The largest one that goes beyond what is held, per ledger; its signature is checked when its entries are here. */
  readonly #pending = new Map<LedgerId, Pending>()

  constructor (init: CheckpointWatchInit) {
    this.#init = init
  }

  /** A peer showed it beside a head. Throws MALFORMED, TOO_LARGE or WRONG_LEDGER for what no honest peer passes on. */
  async saw (peer: string, ledger: Mirror, note: string): Promise<void> {
    if (ledger.own || note === ledger.checkpoint()) return
    const { size } = readCheckpoint(note, { network: this.#init.network, ledger: ledger.id })
    if (size <= ledger.visible) await this.#compare(peer, ledger, note, size)
    else if (size > (this.#pending.get(ledger.id)?.size ?? 0)) this.#pending.set(ledger.id, { peer, note, size })
  }

  /** More of the ledger is here. */
  async grown (ledger: Mirror): Promise<void> {
    const pending = this.#pending.get(ledger.id)
    if (pending === undefined || pending.size > ledger.visible) return
    this.#pending.delete(ledger.id)
    await this.#compare(pending.peer, ledger, pending.note, pending.size)
  }

  async #compare (peer: string, ledger: Mirror, note: string, size: number): Promise<void> {
    const { network, verifier, forks, log } = this.#init
    const keys = (await ledger.keyEntries(size)).map((raw) => decodeEntry({ ...raw, payload: null }).header).map(({ seq, key }) => ({ from: seq, key }))
    const key = keyInForce({ keys }, size - 1)
    try {
      const { root } = await verifyCheckpoint(note, { network, ledger: ledger.id, key }, verifier.forPeer(peer))
      const held = ledger.checkpoint()
      const heldSize = held === null ? 0 : readCheckpoint(held, { network, ledger: ledger.id }).size
      if (root === await ledger.rootAt(size)) {
        if (size > heldSize) await ledger.putCheckpoint(note)
      } else if (held !== null && heldSize === size) await forks.twoCheckpoints(ledger, key, held, note)
      else log.warn({ ledger: ledger.id, size, root }, 'its author signed a checkpoint that the entries held here do not lead to')
    } catch (error) {
      // By a key that our chain has retired, or by none: it proves nothing against anybody.
      if (!isCoded(error, 'BAD_SIGNATURE') && !isCoded(error, 'OVERLOADED') && !isCoded(error, 'CLOSED')) throw error
      log.debug({ peer, ledger: ledger.id, size }, 'a checkpoint that is not signed by the key in force')
    }
  }
}
