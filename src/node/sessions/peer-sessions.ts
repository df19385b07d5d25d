/** The hello sessions: one per connection. Of several with one peer, the newest that shows a new record is used. */
import { CLOSED_BY_PEER } from '../peers/dial-record.js'
import type { HelloIntro, HelloSession } from '../../../protocols/hello/index.js'
import { WireError } from '../../../protocols/wire.js'
import { LedgermeshError, type ErrorCode } from '../../core/errors.js'
import { Listeners } from '../../core/listeners.js'
import { decodeNodeRecord } from '../../core/node-record.js'
import type { Host } from '../../network/host.js'
import type { Log } from '../../ports.js'
import type { ReadingRights } from '../access/read-access.js'
import type { Refusals } from '../access/refusals.js'
import { checkRecord } from '../peers/check-record.js'
import type { Directory, DirectoryInit, ShownRecord } from '../peers/peer-directory.js'
import type { Verifier } from '../signatures/verifier.js'
import { judged } from './peer-fault.js'
import type { PeerEvents } from './peer-events.js'
import type { RecordDisclosure } from './record-disclosure.js'
import type { TwinTracker } from './twin-tracker.js'

export interface PeerSessionsInit {
  network: string
  host: () => Host
  directory: Directory
  rights: ReadingRights
  refusals: Refusals
  verifier: Verifier
  disclosure: () => RecordDisclosure
  twins: TwinTracker
  events: PeerEvents
  onChecked: DirectoryInit['onChecked']
  /** The peer sent what it could prove to be wrong. */
  drop: (peer: string, code: ErrorCode) => void
  /** The session ended; the connection may last. */
  again: (peer: string) => void
  log: Log
}

export class PeerSessions {
  /** The session in use for each peer. */
  readonly current = new Map<string, HelloSession>()
  readonly #init: PeerSessionsInit
  readonly #changes: Listeners<[peer: string]>

  constructor(init: PeerSessionsInit) {
    this.#init = init
    this.#changes = new Listeners((error) => {
      init.log.error({ event: 'hello.listener-failed', error: (error as Error).message }, 'a session listener failed')
    })
  }

  /** Throws UNREACHABLE for a peer that has not introduced itself. */
  of(peer: string): HelloSession {
    const session = this.current.get(peer)
    if (session === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} is not connected`)
    return session
  }

  /** Resolves when the peer has introduced itself. */
  async greeted(peer: string, signal: AbortSignal): Promise<void> {
    const { host, network } = this.#init
    while (!this.current.has(peer)) {
      if (signal.aborted)
        throw new LedgermeshError(
          'UNREACHABLE',
          `${peer} did not introduce itself in time: it is busy, or does not speak ledgermesh of network ${network}`
        )
      if (!host().isConnected(peer)) throw new LedgermeshError('REFUSED', `${peer} ${CLOSED_BY_PEER}`)
      await this.#changed(peer, signal)
    }
  }

  /** Resolves when the peer has a session, or its last one has ended, or `signal` fires. */
  async #changed(peer: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = this.#changes.add((changed) => {
      if (changed === peer) resolve()
    })
    const onAbort = (): void => {
      resolve()
    }
    signal.addEventListener('abort', onAbort)
    await promise
    signal.removeEventListener('abort', onAbort)
    end()
  }

  /** Throws an error that ends the peer's session: a record that cannot be true, another network. */
  async welcome(session: HelloSession): Promise<void> {
    const { network, twins, log } = this.#init
    const { peer, intro } = session
    if (intro.network !== network)
      throw new LedgermeshError('WRONG_NETWORK', `${peer} belongs to network ${intro.network}`)
    if (intro.record !== null) await this.#shown(peer, intro.record, intro.software)
    const second = this.current.has(peer) && twins.isKnown(session, intro.record)
    session.closed
      .then(() => {
        this.#ended(session)
      })
      .catch((error: Error) => {
        log.error({ event: 'hello.session-failed', peer, error: error.message }, 'a session ended with an error')
      })
    twins.joined(session, intro.record)
    if (!second) this.#talkTo(session)
  }

  /** `intro`: that of the session on which it was shown. */
  async recordShown(peer: string, record: ShownRecord, intro: HelloIntro): Promise<void> {
    const { host, rights, disclosure, twins, events } = this.#init
    let named = ''
    await this.#costly(peer, async () => {
      named = await Promise.resolve(decodeNodeRecord(record.body).peer_id)
    })
    if (named === host().peerId) {
      await this.#ownShown(peer, record)
      return
    }
    await this.#shown(peer, record, null)
    twins.showed(peer, intro, record)
    rights.prepare(peer)
    disclosure().review()
    events.record(peer)
  }

  forget(peer: string): void {
    const { disclosure, directory, events } = this.#init
    disclosure().forget(peer)
    if (this.current.delete(peer)) {
      directory.onDisconnected(peer)
      events.peerGone(peer)
    }
    this.#changes.emit(peer)
  }

  /**
   * A session after an earlier one that may not have been detected as dead yet. Requests on the earlier one are lost,
   * and events since then were not received.
   */
  #talkTo(session: HelloSession): void {
    const { directory, rights, events, disclosure } = this.#init
    const { peer, intro } = session
    this.forget(peer)
    this.current.set(peer, session)
    directory.connected(peer)
    rights.prepare(peer)
    events.peer(peer, intro)
    disclosure().review()
    this.#changes.emit(peer)
  }

  #ended(session: HelloSession): void {
    const { refusals, twins, again, host } = this.#init
    const { peer } = session
    if (session.error?.code === 'DENIED') refusals.refusedBy(peer)
    const other = twins.another(session)
    twins.left(session)
    if (this.current.get(peer) !== session) return
    this.forget(peer)
    if (other !== undefined && host().isConnected(peer)) this.#talkTo(other)
    else again(peer)
  }

  /**
   * R4: the peer knows another connection with our peer id; the record shows its ledger. A record that cannot be true
   * costs the peer that shows it its connection.
   */
  async #ownShown(peer: string, record: ShownRecord): Promise<void> {
    const { onChecked: saw, network, verifier } = this.#init
    await this.#costly(peer, async () => {
      saw(await checkRecord(record, { network, verify: verifier.forPeer(peer) }), peer)
    })
  }

  async #shown(peer: string, record: ShownRecord, software: string | null): Promise<void> {
    await this.#costly(peer, async () => {
      await this.#init.directory.addShown(peer, record, software, this.#init.verifier.forPeer(peer))
    })
  }

  /** A record that cannot be true costs the peer its connection. Throws BAD_RECORD, WRONG_NETWORK, OVERLOADED, … */
  async #costly(peer: string, check: () => Promise<void>): Promise<void> {
    try {
      await check()
    } catch (error) {
      const { verdict, code } = judged(error, 'told')
      if (verdict !== 'drop') throw error
      this.#init.drop(peer, code)
      throw new WireError('INVALID', (error as Error).message, { cause: error })
    }
  }
}
