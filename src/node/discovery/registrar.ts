/** Registers this node with registries: on request, whenever its record changes, and as offline when it stops. */
import { registerAt, registry, updateStatusAt } from '../../../protocols/registry/index.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { decodeNodeRecord } from '../../core/node-record.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { RegisteredAt } from '../api/node.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { asking, type RegistryClient } from './find-registered.js'
import { deadline } from '../runtime/deadline.js'
import { tryAgain } from './try-again.js'

/** Milliseconds for one registration (two dials of a busy registry, and its answer), and for the offline notice to all. */
const REGISTER_TIMEOUT_MS = 30_000
const GOODBYE_TIMEOUT_MS = 1_000

export class Registrar {
  readonly #peerNetwork: Pick<PeerNetwork, 'connections' | 'host' | 'ownRecord' | 'spokenFor' | 'stopping'>
  readonly #clock: Clock
  readonly #random: Random
  readonly #reader: RegistryClient
  readonly #log: Log
  /** Registries to be kept up to date: the address as given, and the peer id. */
  readonly #registered = new Map<string, string>()

  constructor({
    peerNetwork,
    reader,
    clock,
    random,
    log
  }: {
    peerNetwork: Pick<PeerNetwork, 'connections' | 'host' | 'ownRecord' | 'spokenFor' | 'stopping'>
    reader: RegistryClient
    clock: Clock
    random: Random
    log: Log
  }) {
    this.#peerNetwork = peerNetwork
    this.#clock = clock
    this.#random = random
    this.#reader = reader
    this.#log = log
  }

  /**
   * Throws INVALID_PARAMS without a registry or for a private ledger, UNREACHABLE, REFUSED, … when none accepts the
   * record.
   */
  async register(registryPeer?: string): Promise<RegisteredAt[]> {
    const registries = registryPeer === undefined ? this.#reader.known() : [registryPeer]
    if (registries.length === 0)
      throw new LedgermeshError('INVALID_PARAMS', 'no registry is known: name one by its address')
    if (this.#peerNetwork.spokenFor()?.chain?.access !== 'public')
      throw new LedgermeshError(
        'INVALID_PARAMS',
        'cannot register: the ledger is private or its genesis is not held yet'
      )
    const results = await Promise.allSettled(registries.map((one) => this.#registerAt(one)))
    const done = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
    if (done.length === 0) throw (results[0] as PromiseRejectedResult).reason
    return done
  }

  /** The record has changed. */
  async renew(): Promise<void> {
    for (const registryPeer of this.#registered.keys()) {
      try {
        await this.#registerAt(registryPeer)
      } catch (error) {
        this.#log.info(
          { event: 'discovery.register-failed', peer: registryPeer, error: (error as Error).message },
          'registering with a registry failed'
        )
      }
    }
  }

  async goodbye(): Promise<void> {
    const ledger = this.#peerNetwork.spokenFor()?.id
    if (ledger !== undefined)
      await Promise.allSettled(this.#tell(ledger, 'offline', deadline(this.#clock, GOODBYE_TIMEOUT_MS)))
  }

  /**
   * Tells all registries that list this node. Throws INVALID_PARAMS for another ledger than its own; UNREACHABLE,
   * REFUSED … when none of them accepted it.
   */
  async updateStatus(ledger: LedgerId, status: 'online' | 'offline'): Promise<void> {
    if (ledger !== this.#peerNetwork.spokenFor()?.id)
      throw new LedgermeshError('INVALID_PARAMS', 'the status of a ledger is for its own nodes to tell')
    const signal = deadline(this.#clock, REGISTER_TIMEOUT_MS, this.#peerNetwork.stopping)
    const told = await Promise.allSettled(this.#tell(ledger, status, signal))
    if (told.length === 0)
      throw new LedgermeshError('UNREACHABLE', 'no registry has this node on its list and is connected: register first')
    if (told.every((result) => result.status === 'rejected')) throw (told[0] as PromiseRejectedResult).reason
  }

  #tell(ledger: LedgerId, status: 'online' | 'offline', signal: AbortSignal): Promise<void>[] {
    return [...new Set(this.#registered.values())]
      .filter((peer) => this.#peerNetwork.connections.isConnected(peer))
      .map(
        async (peer) =>
          await asking(peer, async () => {
            await updateStatusAt(await this.#peerNetwork.host.open(peer, registry, signal), ledger, status, { signal })
          })
      )
  }

  async #registerAt(registryPeer: string): Promise<RegisteredAt> {
    const signal = deadline(this.#clock, REGISTER_TIMEOUT_MS, this.#peerNetwork.stopping)
    const attempt = async (): Promise<RegisteredAt> => {
      const peer = await this.#reader.reach(registryPeer, signal)
      const record = await this.#peerNetwork.ownRecord()
      await asking(peer, async () => {
        await registerAt(await this.#peerNetwork.host.open(peer, registry, signal), record, { signal })
      })
      return { registry: registryPeer, peer, expires: decodeNodeRecord(record.body).expires }
    }
    // Many register at once when a network starts, and a hub that shakes hands with all of them lets some wait.
    const registered = await tryAgain(attempt, { clock: this.#clock, random: this.#random, signal })
    this.#registered.set(registryPeer, registered.peer)
    return registered
  }
}
