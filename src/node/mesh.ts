/**
 * A node's place on the network: the host, one hello session per peer, who is who, and what this node answers. What it all means for
 * ledgers is the handlers' business.
 */
import { hello, openHello, type HeadsAnswer, type HelloSession, type HelloSource } from '../../protocols/hello/index.js'
import { fetchKeyEntries, fetchPayloads, fetchRange, pull, type PayloadItem } from '../../protocols/pull/index.js'
import type { SignedRecord, WireEntry, WireKeyEntry } from '../../protocols/wire.js'
import { LedgermeshError, type ErrorCode } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { NodeRecord } from '../core/node-record.js'
import type { Ledger } from '../ledger/ledger.js'
import { createHost, mount, type Host, type Mount } from '../network/host.js'
import type { PeerStatus, SyncFilters } from './api.js'
import { askHeads } from './ask-heads.js'
import { dialAddress, dialKnown, dialRecord } from './dial-record.js'
import { Directory } from './directory.js'
import { Finder } from './finder.js'
import { headOf, HelloAnswers } from './hello-answers.js'
import { capabilitiesOf, ownRecordOf, recordKeyEntries, spokenFor } from './identity.js'
import type { MeshHandlers, MeshInit } from './mesh-init.js'
import { NodeAuthority } from './node-authority.js'
import type { OwnRecord } from './own-record.js'
import { PullAnswers } from './pull-source.js'
import { ReadingRights } from './reading-rights.js'
import { SOFTWARE } from './version.js'
import type { Verifier } from './verifier.js'

/** How long a peer that sent what it could prove to be wrong stays out. */
const BAN_MS = 10 * 60_000
/** Entries that travel on the hello stream instead of a stream of their own (DESIGN §5). */
const MAX_GAP = 64
const HELLO_TIMEOUT_MS = 15_000

export type { MeshHandlers, MeshInit } from './mesh-init.js'

export class Mesh {
  readonly network: string
  readonly verifier: Verifier
  readonly authority: NodeAuthority
  readonly directory: Directory
  /** All capabilities in the own record. */
  readonly capabilities: string[]
  readonly rights: ReadingRights
  readonly #init: MeshInit
  readonly #answers: HelloAnswers
  readonly #sessions = new Map<string, HelloSession>()
  readonly #handlers: MeshHandlers[] = []
  readonly #mounts: Mount[] = []
  readonly #stopping = new AbortController()
  #host: Host | null = null
  #finder: Finder | null = null
  #record: OwnRecord | null = null

  constructor (init: MeshInit) {
    this.#init = init
    this.network = init.network
    this.verifier = init.verifier
    this.authority = new NodeAuthority(init.ledgers, init.feed)
    this.directory = new Directory({ ...init, authority: this.authority })
    this.capabilities = capabilitiesOf(init)
    this.rights = new ReadingRights(this.directory)
    this.#answers = new HelloAnswers(init.ledgers, this.rights)
  }

  /** To be called before `start`. */
  use (handlers: MeshHandlers): void {
    this.#handlers.push(handlers)
  }

  /** One more protocol, and the capability that says so, if it has one. To be called before `start`. */
  serve (protocol: Mount, capability?: string): void {
    this.#mounts.push(protocol)
    if (capability !== undefined && !this.capabilities.includes(capability)) this.capabilities.push(capability)
  }

  async start (): Promise<void> {
    const { network, listen, bootstrap, peerKey, datastore, log, clock, random, dht } = this.#init
    await this.authority.load()
    await this.directory.load()
    const host = this.#host = await createHost({
      network, listen, bootstrap, peerKey, datastore, log, clock, random, dht,
      agent: SOFTWARE,
      protocols: [mount(hello, this.#helloSource()), mount(pull, new PullAnswers(this.#answers)), ...this.#mounts],
      callbacks: {
        // Exactly one side opens the hello stream, also when both have dialled at once.
        onConnect: (peer, { initiator }) => { if (initiator) this.#greet(peer) },
        onDisconnect: (peer) => { this.#forget(peer) }
      }
    })
    this.#finder = new Finder({ host, network, clock, random, log, directory: this.directory })
    this.#record = ownRecordOf(this.#init, host, this.capabilities)
    await host.start()
    for (const capability of this.capabilities) this.#finder.provideCapability(capability)
    for (const handlers of this.#handlers) handlers.onReady()
  }

  async stop (): Promise<void> {
    if (this.#finder !== null) await Promise.allSettled(this.#handlers.map(async ({ onStop }) => { await onStop?.() }))
    this.#stopping.abort()
    this.#finder?.stop()
    await this.#host?.stop()
    await this.directory.close()
  }

  get host (): Host { return started(this.#host) }
  get finder (): Finder { return started(this.#finder) }
  /** Multiaddrs that this node joins through. */
  get bootstrap (): string[] { return this.#init.bootstrap }
  /** Fires when the node stops. */
  get stopping (): AbortSignal { return this.#stopping.signal }
  get record (): OwnRecord { return started(this.#record) }

  /** The ledger that this node's record names; null: not held yet. */
  spokenFor (): Ledger | null { return spokenFor(this.#init) }

  /** This node's description of itself, as it is shown to peers. */
  async ownRecord (): Promise<SignedRecord> {
    return { ...await this.record.current(), keyEntries: await recordKeyEntries(this.#init) }
  }

  isConnected (peer: string): boolean {
    return this.#sessions.has(peer)
  }

  /** Peers that have introduced themselves. */
  peers (): PeerStatus[] {
    return this.host.peers().filter(({ peer }) => this.#sessions.has(peer)).map(({ peer, addrs, direction, since }) => {
      const known = this.directory.get(peer)
      const proven = known !== null && known.proof !== 'claimed'
      return { peer, addrs, direction, since, ledger: proven ? known.record.ledger : null, name: proven ? known.name : null, software: known?.software ?? null }
    })
  }

  /** Dials the addresses of a record, one after the other, and waits until its node has introduced itself. Throws UNREACHABLE. */
  async connectTo (record: Pick<NodeRecord, 'peer_id' | 'addrs'>, signal: AbortSignal): Promise<void> {
    try {
      await this.#greeted(await dialRecord(this.host, record, signal), signal)
    } catch (error) {
      this.directory.unreachable(record.peer_id)
      throw error
    }
  }

  /** Dials a multiaddr or a peer id, and waits until both sides have introduced themselves. Throws UNREACHABLE, BAD_ADDRESS or REFUSED. */
  async connect (address: string, signal: AbortSignal): Promise<string> {
    const peer = await dialAddress(this.host, address, signal)
    await this.#greeted(peer, signal)
    return peer
  }

  /** Looks the ledger's nodes up, among those known and in the DHT, and connects to them. */
  async findLedger (ledger: LedgerId): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    await this.#greetAll([...dialKnown(this.host, this.directory.nodesOf(ledger), signal), this.finder.findLedger(ledger)], signal)
  }

  /** The peers that the DHT names and that could be dialled. */
  async findCapability (capability: string): Promise<string[]> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    const found = await this.finder.findCapability(capability)
    await this.#greetAll(found.map((peer) => Promise.resolve(peer)), signal)
    return found
  }

  async askHeads (peer: string, wanted: { ledger: LedgerId, size: number }[], signal: AbortSignal): Promise<HeadsAnswer> {
    return await askHeads(this.#session(peer), this.#init.ledgers, wanted, signal)
  }

  /** Entries from `from` on: at least one, at most `count`. Small gaps travel on the hello stream. */
  async fetchRange (peer: string, request: { ledger: LedgerId, from: number, count: number, filters: SyncFilters | null }, signal: AbortSignal): Promise<WireEntry[]> {
    const { ledger, from, count, filters } = request
    if (count <= MAX_GAP && filters === null) return await this.#session(peer).askEntries(ledger, from, count, { signal })
    const stream = await this.host.open(peer, pull, signal)
    return await fetchRange(stream, { ledger, from, count, ...(filters === null ? { want: 'full' } : { want: 'filtered', filter: filters }) }, { signal })
  }

  async fetchPayloads (peer: string, ledger: LedgerId, seqs: number[], signal: AbortSignal): Promise<PayloadItem[]> {
    return await fetchPayloads(await this.host.open(peer, pull, signal), { ledger, seqs }, { signal })
  }

  async fetchKeyEntries (peer: string, ledger: LedgerId, signal: AbortSignal): Promise<WireKeyEntry[]> {
    return await fetchKeyEntries(await this.host.open(peer, pull, signal), ledger, { signal })
  }

  /** Tells the head to every peer that may read the ledger. */
  tellHead (ledger: Ledger): void {
    headOf(ledger).then((head) => {
      if (head !== null) this.#tell(ledger, (session) => { session.tellHeads([head]) })
    }).catch((error: Error) => { this.#init.log.error({ ledger: ledger.id, error: error.message }, 'a head was not told') })
  }

  /** Tells evidence to every peer that may read the ledger. */
  tellEvidence (ledger: Ledger, evidence: Uint8Array): void {
    this.#tell(ledger, (session) => { session.tellEvidence(ledger.id, evidence) })
  }

  /** Shows the own record to every peer: the earlier one expires. */
  tellRecord (record: SignedRecord): void {
    for (const session of this.#sessions.values()) session.tellRecord(record)
  }

  /** The peer sent what it could prove to be wrong. */
  drop (peer: string, code: ErrorCode): void {
    this.#init.log.warn({ peer, code }, 'a peer is dropped')
    this.host.drop(peer, code, BAN_MS)
  }

  #tell (ledger: Ledger, say: (session: HelloSession) => void): void {
    for (const [peer, session] of this.#sessions) {
      this.rights.mayRead(peer, ledger).then((may) => { if (may) say(session) }).catch((error: Error) => {
        this.#init.log.warn({ peer, error: error.message }, 'a peer was not told')
      })
    }
  }

  #greet (peer: string): void {
    const signal = this.#stopping.signal
    this.host.open(peer, hello, AbortSignal.any([signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])).then((stream) => openHello(stream, this.#helloSource(), peer, signal)).catch((error: Error) => {
      this.#init.log.debug({ peer, error: error.message }, 'a peer does not say hello')
    })
  }

  async #greetAll (dials: Promise<string | string[]>[], signal: AbortSignal): Promise<void> {
    for (const result of await Promise.allSettled(dials)) {
      if (result.status === 'rejected') this.#init.log.debug({ error: (result.reason as Error).message }, 'a node was not reached')
      else await Promise.allSettled([result.value].flat().map((peer) => this.#greeted(peer, signal)))
    }
  }

  /** Resolves when the peer has introduced itself. */
  async #greeted (peer: string, signal: AbortSignal): Promise<void> {
    while (!this.#sessions.has(peer)) {
      if (signal.aborted) throw new LedgermeshError('UNREACHABLE', `${peer} does not speak ledgermesh of network ${this.network}`)
      if (!this.host.isConnected(peer)) throw new LedgermeshError('REFUSED', `${peer} closed the connection: it may belong to another network`)
      await new Promise<void>((resolve) => { this.#init.clock.after(GREET_LOOK_MS, resolve) })
    }
  }

  #helloSource (): HelloSource {
    return {
      intro: async () => ({
        network: this.network,
        software: SOFTWARE,
        features: [],
        clockMs: this.#init.clock.now(),
        record: await this.ownRecord()
      }),
      onIntro: async (session) => { await this.#welcome(session) },
      onError: (peer, error) => { this.#init.log.error({ peer, error: (error as Error).message }, 'answering a peer failed') },
      heads: (peer, wanted) => this.#answers.heads(peer, wanted),
      entries: (peer, ledger, from, count) => this.#answers.entries(peer, ledger, from, count),
      keyEntries: (peer, ledger) => this.#answers.keyEntries(peer, ledger),
      onHeads: async (peer, heads) => { for (const handlers of this.#handlers) await handlers.onHeads(peer, heads) },
      onEvidence: async (peer, ledger, evidence) => { for (const handlers of this.#handlers) await handlers.onEvidence(peer, ledger, evidence) },
      onRecord: async (peer, record) => { await this.directory.shown(peer, record, null, this.verifier.forPeer(peer)) }
    }
  }

  /** Throws what costs the peer the session: a record that cannot be true, another network. */
  async #welcome (session: HelloSession): Promise<void> {
    const { peer, intro } = session
    if (intro.network !== this.network) throw new LedgermeshError('WRONG_NETWORK', `${peer} belongs to network ${intro.network}`)
    if (intro.record !== null) await this.directory.shown(peer, intro.record, intro.software, this.verifier.forPeer(peer))
    const known = this.#sessions.has(peer)
    this.#sessions.set(peer, session)
    this.directory.connected(peer)
    session.closed.then(() => { if (this.#sessions.get(peer) === session) this.#forget(peer) }).catch((error: Error) => {
      this.#init.log.error({ peer, error: error.message }, 'a session ended badly')
    })
    if (!known) for (const handlers of this.#handlers) handlers.onPeer(peer)
  }

  #forget (peer: string): void {
    if (!this.#sessions.delete(peer)) return
    this.directory.gone(peer)
    for (const handlers of this.#handlers) handlers.onPeerGone(peer)
  }

  #session (peer: string): HelloSession {
    const session = this.#sessions.get(peer)
    if (session === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} is not connected`)
    return session
  }
}

/** Between two looks whether a peer has introduced itself. */
const GREET_LOOK_MS = 20

function started<T> (part: T | null): T {
  if (part === null) throw new LedgermeshError('OFFLINE', 'the network is not started yet')
  return part
}
