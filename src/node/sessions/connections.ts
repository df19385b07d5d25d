/** The connected peers that have introduced themselves, and dialling of new ones. */
import { LedgermeshError } from '../../core/errors.js'
import type { NodeRecord } from '../../core/node-record.js'
import type { Host } from '../../network/host.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { Admission } from '../access/admission.js'
import type { PeerStatus } from '../api/discovery.js'
import { dialAddress, dialRecord } from '../peers/dial-record.js'
import type { Directory } from '../peers/peer-directory.js'
import type { PeerSessions } from './peer-sessions.js'
import type { RecordDisclosure } from './record-disclosure.js'

export interface ConnectionsInit {
  host: () => Host
  sessions: Pick<PeerSessions, 'current' | 'greeted'>
  directory: Directory
  admission: Pick<Admission, 'dialled'>
  ledgers: Pick<Ledgers, 'get'>
  disclosure: () => RecordDisclosure
  clock: Clock
  log: Log
}

export class Connections {
  readonly #init: ConnectionsInit

  constructor(init: ConnectionsInit) {
    this.#init = init
  }

  isConnected(peer: string): boolean {
    return this.#init.sessions.current.has(peer)
  }

  peers(): PeerStatus[] {
    const { host, directory, ledgers } = this.#init
    return host()
      .peers()
      .filter(({ peer }) => this.isConnected(peer))
      .map(({ peer, addrs, direction, since }) => {
        const known = directory.get(peer)
        const node = known !== null && directory.isCredible(known) ? known : null
        return {
          peer,
          addrs,
          direction,
          since,
          ledger: node?.record.ledger ?? null,
          name: node?.name ?? null,
          access: node === null ? null : (ledgers.get(node.record.ledger)?.chain?.access ?? null),
          software: known?.software ?? null
        }
      })
  }

  /**
   * Dials a multiaddr or a peer id, and waits until both sides have introduced themselves. Throws UNREACHABLE,
   * BAD_ADDRESS or REFUSED.
   */
  async connect(address: string, signal: AbortSignal): Promise<string> {
    const { host, admission, disclosure, sessions } = this.#init
    admission.dialled(address)
    const peer = await dialAddress(host(), address, signal)
    // A peer that the operator dials may know of this node's ledger.
    disclosure().want(peer)
    disclosure().review()
    await sessions.greeted(peer, signal)
    return peer
  }

  /** Ends all connections with a peer, which is not kept out by this. Throws NOT_FOUND. */
  disconnect(peer: string): void {
    const host = this.#init.host()
    const connected = host.peers().some((one) => one.peer === peer)
    if (!connected) throw new LedgermeshError('NOT_FOUND', `the peer ${peer} is not connected`)
    host.drop(peer, 'the operator disconnected it', 0)
  }

  /**
   * Dials the addresses of a record, one after the other, and waits until its node has introduced itself. Throws
   * UNREACHABLE.
   */
  async connectTo(record: Pick<NodeRecord, 'peer_id' | 'addrs'>, signal: AbortSignal): Promise<void> {
    const { host, clock, sessions, directory } = this.#init
    try {
      await sessions.greeted(await dialRecord({ host: host(), clock }, record, signal), signal)
    } catch (error) {
      directory.unreachable(record.peer_id)
      throw error
    }
  }

  /** Waits until the dialled peers have introduced themselves; peers that do not, or were not reached, are logged. */
  async greetAll(dials: Promise<string | string[]>[], signal: AbortSignal): Promise<void> {
    const { sessions, log } = this.#init
    for (const result of await Promise.allSettled(dials)) {
      if (result.status === 'rejected')
        log.debug(
          { event: 'connections.unreachable', error: (result.reason as Error).message },
          'a node was unreachable'
        )
      else await Promise.allSettled([result.value].flat().map((peer) => sessions.greeted(peer, signal)))
    }
  }
}
