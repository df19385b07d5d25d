/** Tells registries of this node: when asked to, whenever its record changes, and that it goes offline when it stops. */
import { registerAt, registry, updateStatusAt } from '../../../protocols/registry/index.js'
import { LedgermeshError } from '../../core/errors.js'
import { decodeNodeRecord } from '../../core/node-record.js'
import type { Log } from '../../ports.js'
import type { RegisteredAt } from '../api.js'
import type { Mesh } from '../mesh.js'
import { asking, type RegistryReader } from './find-registered.js'

/** Milliseconds for one registration, and for saying goodbye to all registries. */
const REGISTER_TIMEOUT_MS = 15_000
const GOODBYE_TIMEOUT_MS = 1_000

export class Registrar {
  readonly #mesh: Mesh
  readonly #reader: RegistryReader
  readonly #log: Log
  /** Registries to be kept up to date: as given, and the peer id. */
  readonly #registered = new Map<string, string>()

  constructor ({ mesh, reader, log }: { mesh: Mesh, reader: RegistryReader, log: Log }) {
    this.#mesh = mesh
    this.#reader = reader
    this.#log = log
  }

  /** Throws INVALID_PARAMS without a registry or for a private ledger, UNREACHABLE, REFUSED, … when none takes the record. */
  async register (registryPeer?: string): Promise<RegisteredAt[]> {
    const registries = registryPeer === undefined ? this.#reader.known() : [registryPeer]
    if (registries.length === 0) throw new LedgermeshError('INVALID_PARAMS', 'no registry is known: name one by its address')
    if (this.#mesh.spokenFor()?.chain?.access !== 'public') throw new LedgermeshError('INVALID_PARAMS', 'a private ledger, or one that is not held yet, is on no list')
    const results = await Promise.allSettled(registries.map((one) => this.#registerAt(one)))
    const done = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
    if (done.length === 0) throw (results[0] as PromiseRejectedResult).reason
    return done
  }

  /** The record has changed. */
  async renew (): Promise<void> {
    for (const registryPeer of this.#registered.keys()) {
      try {
        await this.#registerAt(registryPeer)
      } catch (error) {
        this.#log.info({ registry: registryPeer, error: (error as Error).message }, 'a registry was not told of this node')
      }
    }
  }

  async goodbye (): Promise<void> {
    const ledger = this.#mesh.spokenFor()?.id
    if (ledger === undefined) return
    const signal = AbortSignal.timeout(GOODBYE_TIMEOUT_MS)
    await Promise.allSettled([...this.#registered.values()].filter((peer) => this.#mesh.isConnected(peer)).map(async (peer) => {
      await updateStatusAt(await this.#mesh.host.open(peer, registry, signal), ledger, 'offline', { signal })
    }))
  }

  async #registerAt (registryPeer: string): Promise<RegisteredAt> {
    const signal = AbortSignal.any([this.#mesh.stopping, AbortSignal.timeout(REGISTER_TIMEOUT_MS)])
    const peer = await this.#reader.reach(registryPeer, signal)
    const record = await this.#mesh.ownRecord()
    await asking(peer, async () => { await registerAt(await this.#mesh.host.open(peer, registry, signal), record, { signal }) })
    this.#registered.set(registryPeer, peer)
    return { registry: registryPeer, peer, expires: decodeNodeRecord(record.body).expires }
  }
}

