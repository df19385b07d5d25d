/** The own ledger beside the followed ones: it is announced, and its status does not come from sync. */
import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { Clock } from '../../ports.js'
import type { Sync } from '../../sync/sync.js'
import type { SyncEvent, SyncStatus } from '../../sync/types.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { heldBack } from '../signer/own-state.js'
import type { SignerDriver } from '../signer/signer-driver.js'
import type { Announcer } from './announcer.js'

export interface OwnSideInit {
  own: OwnLedger
  signer: SignerDriver
  clock: Clock
  peerNetwork: Pick<PeerNetwork, 'tellHead'>
  announcer: Pick<Announcer, 'announceOwn' | 'has'>
  sync: Pick<Sync, 'status' | 'list'>
  dispatch: (event: SyncEvent) => void
}

export class OwnSide {
  readonly #init: OwnSideInit
  /** When evidence was first noticed in this run, ms since the epoch. */
  #frozenSince: number | null = null
  /**
   * Since when no peer could supply payloads of own entries that a mirror returned without them, ms since the epoch.
   */
  #lackingSince: number | null = null

  constructor(init: OwnSideInit) {
    this.#init = init
  }

  /** The newest visible entry. */
  tell(): void {
    const { own, announcer, peerNetwork } = this.#init
    announcer.announceOwn(own)
    // A private ledger has no topic: its readers get notices on their own streams.
    if (!announcer.has(own.id)) peerNetwork.tellHead(own)
  }

  /** A rotation has ended the freeze. */
  thawed(): void {
    this.#frozenSince = null
    this.#init.announcer.announceOwn(this.#init.own)
    this.#init.own.checkpoints.wake()
  }

  /** I2: pulls it back from its mirrors, until everything that its key has signed is stored. */
  restore(): void {
    const {
      own,
      own: { id, size, headHash },
      sync,
      dispatch
    } = this.#init
    if (own.signer !== 'restoring' || sync.list().includes(id)) return
    dispatch({ type: 'followed', ledger: id, size, headHash, stall: 'RESTORING' })
  }

  /** A round over the peers has ended, and this many own payloads are still missing. */
  lacks(payloads: number): void {
    this.#lackingSince = payloads === 0 ? null : (this.#lackingSince ?? this.#init.clock.now())
  }

  /**
   * The operator declares that everything ever signed is stored, and no other node signs. It is not pulled back any
   * more (I2).
   */
  async override(): Promise<void> {
    const { own, signer, dispatch } = this.#init
    await signer.override()
    await own.override()
    dispatch({ type: 'unfollowed', ledger: own.id })
  }

  /** Synced unless it waits for its mirrors, lacks payloads, or there is evidence against it (I6). */
  status(): SyncStatus {
    const {
      own,
      own: { id, size, frozen },
      signer,
      clock,
      sync
    } = this.#init
    const status = heldBack(own, signer) ?? sync.status(id, clock.now())
    if (status !== null) return status
    const stalled = (code: 'KEY_FORK' | 'FROZEN' | 'PAYLOADS_MISSING', since: number): SyncStatus => ({
      status: 'stalled',
      size,
      code,
      since,
      next: null
    })
    if (frozen !== null)
      return stalled(frozen.keyFork === true ? 'KEY_FORK' : 'FROZEN', (this.#frozenSince ??= clock.now()))
    return this.#lackingSince === null ? { status: 'synced', size } : stalled('PAYLOADS_MISSING', this.#lackingSince)
  }
}
