/** A node's place on the network: the host, one hello session per peer, who is who, and what this node answers. What it all means for ledgers is the handlers' business. */
import type { HelloSession, HelloSource } from '../../protocols/hello/index.js'
import { pull } from '../../protocols/pull/index.js'
import { WireError, type SignedRecord } from '../../protocols/wire.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { NodeRecord } from '../core/node-record.js'
import type { Ledger } from '../ledger/ledger.js'
import { createHost, mount, type Host, type LoadWatch, type Mount } from '../network/host.js'
import type { PeerStatus } from './api.js'
import { Admission } from './admission.js'
import { dialAddress, dialKnown, dialRecord } from './dial-record.js'
import { Directory, type ShownRecord } from './directory.js'
import { isLie } from './failure.js'
import { Finder } from './finder.js'
import { forwardClock } from './forward-clock.js'
import { Greeter, helloMount } from './greeter.js'
import { HelloAnswers } from './hello-answers.js'
import { helloDesk } from './hello-desk.js'
import { capabilitiesOf, ownRecordOf, spokenFor } from './identity.js'
import type { MeshHandlers } from './mesh-handlers.js'
import type { MeshInit } from './mesh-init.js'
import { NodeAuthority } from './node-authority.js'
import type { OwnRecord } from './own-record.js'
import { PeerRequests } from './peer-requests.js'
import { PullAnswers } from './pull-source.js'
import { Introductions } from './introductions.js'
import { ReadingRights } from './reading-rights.js'
import { Refusals } from './refusals.js'
import { Teller } from './teller.js'
import { SOFTWARE } from './version.js'
import type { Verifier } from './verifier.js'
import { worthOf } from './worth.js'

/** How long a peer that sent what it could prove to be wrong stays out. */
const BAN_MS = 10 * 60_000
const HELLO_TIMEOUT_MS = 15_000

export class Mesh extends PeerRequests {
  readonly #mounts: Mount[] = []
  readonly network: string
  readonly verifier: Verifier
  readonly load: LoadWatch
  readonly authority: NodeAuthority
  readonly directory: Directory
  /** All capabilities in the own record. */
  readonly capabilities: string[]
  readonly rights: ReadingRights
  readonly refusals: Refusals
  readonly introductions: Introductions
  readonly admission: Admission
  readonly #init: MeshInit
  readonly #answers: HelloAnswers
  readonly #desk: HelloSource
  readonly #teller: Teller
  readonly #sessions = new Map<string, HelloSession>()
  readonly #handlers: MeshHandlers[] = []
  readonly #stopping = new AbortController()
  #host: Host | null = null
  #finder: Finder | null = null
  #greeter: Greeter | null = null
  #record: OwnRecord | null = null

  constructor (init: MeshInit) {
    super(init.ledgers)
    this.#init = init
    this.network = init.network
    this.verifier = init.verifier
    this.load = init.load
    this.authority = new NodeAuthority(init.ledgers, init.feed)
    this.directory = new Directory({ ...init, authority: this.authority })
    this.capabilities = capabilitiesOf(init)
    this.refusals = new Refusals(init)
    this.admission = new Admission({ ...init, directory: this.directory, refusals: this.refusals })
    this.rights = new ReadingRights({ ...init, directory: this.directory, refusals: this.refusals, isAdmitted: (peer, ledger) => this.admission.allows(peer, ledger) })
    this.#answers = new HelloAnswers(this.rights)
    this.#teller = new Teller({ sessions: this.#sessions, rights: this.rights, log: init.log })
    this.introductions = new Introductions({
      ...init, rights: this.rights, introduceTo: init.introduceTo ?? [], sessions: this.#sessions,
      spokenFor: () => this.spokenFor(),
      record: () => this.ownRecord()
    })
    this.#desk = helloDesk({
      ...init, rights: this.rights, answers: this.#answers, introductions: this.introductions,
      onIntro: async (session) => { await this.#welcome(session) },
      onAsked: (peer, wanted) => { for (const handlers of this.#handlers) handlers.onAsked?.(peer, wanted) },
      onHeads: async (peer, heads) => { for (const handlers of this.#handlers) await handlers.onHeads(peer, heads) },
      onEvidence: async (peer, ledger, evidence) => { for (const handlers of this.#handlers) await handlers.onEvidence(peer, ledger, evidence) },
      onRecord: async (peer, record) => { await this.#recordShown(peer, record) }
    })
  }

  /** To be called before `start`. */
  use (handlers: MeshHandlers): void { this.#handlers.push(handlers) }

  /** One more protocol, and the capability that says so, if it has one. To be called before `start`. */
  serve (protocol: Mount, capability?: string): void {
    this.#mounts.push(protocol)
    if (capability !== undefined && !this.capabilities.includes(capability)) this.capabilities.push(capability)
  }

  async start (): Promise<void> {
    const { network, listen, bootstrap, peerKey, psk, datastore, log, clock, random, dht } = this.#init
    await this.admission.members.refresh()
    await this.authority.load()
    await this.directory.load()
    const host = this.#host = await createHost({
      network, listen, bootstrap, peerKey, psk, datastore, log, clock: forwardClock(clock), random, dht, load: this.load, agent: SOFTWARE,
      protocols: [helloMount(this.#desk, () => this.host), mount(pull, new PullAnswers(this.#answers, this.load)), ...this.#mounts],
      callbacks: {
        // One side opens the hello stream, the other serves it. Who dialled does not decide: when both do, each may think that it was the other.
        onConnect: (peer, { initiator }) => { if (initiator) this.#greeter?.add(peer) },
        refuses: (peer) => this.admission.refuses(peer),
        worthOf: worthOf({ ...this.#init, directory: this.directory, isGreeted: (peer) => this.#sessions.has(peer) }),
        onDisconnect: (peer) => {
          this.#greeter?.remove(peer)
          this.#forget(peer)
        }
      }
    })
    this.#greeter = new Greeter({ host, source: () => this.#desk, isGreeted: (peer) => this.#sessions.has(peer), clock, random, log, stopping: this.#stopping.signal })
    this.#finder = new Finder({ host, network, clock, random, log, directory: this.directory })
    this.#record = ownRecordOf(this.#init, host, this.capabilities)
    await host.start()
    this.load.start()
    for (const capability of this.capabilities) this.#finder.provideCapability(capability)
    for (const handlers of this.#handlers) handlers.onReady()
    this.introductions.review()
    await this.admission.watch(host, async (peer) => await this.#sessions.get(peer)?.dismiss())
  }

  async stop (): Promise<void> {
    if (this.#finder !== null) await Promise.allSettled(this.#handlers.map(async ({ onStop }) => { await onStop?.() }))
    this.#stopping.abort()
    this.introductions.stop()
    this.admission.stop()
    this.#finder?.stop()
    this.load.stop()
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

  /** This node's description of itself. Whom it is shown to is `introductions`' to say. */
  async ownRecord (): Promise<SignedRecord> {
    return { ...await this.record.current(), keyEntries: await this.spokenFor()?.keyEntries() ?? [] }
  }

  isConnected (peer: string): boolean { return this.#sessions.has(peer) }

  /** Peers that have introduced themselves. */
  peers (): PeerStatus[] {
    return this.host.peers().filter(({ peer }) => this.#sessions.has(peer)).map(({ peer, addrs, direction, since }) => {
      const known = this.directory.get(peer)
      const node = known !== null && this.directory.isCredible(known) ? known : null
      return { peer, addrs, direction, since, ledger: node?.record.ledger ?? null, name: node?.name ?? null, software: known?.software ?? null }
    })
  }

  /** Dials a multiaddr or a peer id, and waits until both sides have introduced themselves. Throws UNREACHABLE, BAD_ADDRESS or REFUSED. */
  async connect (address: string, signal: AbortSignal): Promise<string> {
    this.admission.dialled(address)
    const peer = await dialAddress(this.host, address, signal)
    // The operator dials whom he wants to be known to.
    this.introductions.want(peer)
    this.introductions.review()
    await this.#greeted(peer, signal)
    return peer
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

  /** Looks the ledger's nodes up, among those known and in the DHT, and connects to them. */
  async findLedger (ledger: LedgerId, more?: number): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    // Nobody says in the DHT that it has a private ledger, so nobody there needs to hear of it.
    const isPrivate = this.#init.ledgers.get(ledger)?.chain?.access === 'private'
    await this.#greetAll([...dialKnown(this.host, this.directory.nodesOf(ledger), signal), ...(isPrivate ? [] : [this.finder.findLedger(ledger, more)])], signal)
  }

  /** The peers that the DHT names and that could be dialled. */
  async findCapability (capability: string): Promise<string[]> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    const found = await this.finder.findCapability(capability)
    await this.#greetAll(found.map((peer) => Promise.resolve(peer)), signal)
    return found
  }

  /** Shows the own record again where it changed, to those who may see it: the earlier one expires. */
  showRecord (): void { this.introductions.review() }

  /** To every peer that may have it. */
  tellHead (ledger: Ledger): void { this.#teller.head(ledger) }
  tellEvidence (ledger: Ledger, evidence: Uint8Array): void { this.#teller.evidence(ledger, evidence) }

  /** The peer sent what it could prove to be wrong. */
  drop (peer: string, code: ErrorCode): void {
    this.#init.log.warn({ peer, code }, 'a peer is dropped')
    this.host.drop(peer, code, BAN_MS)
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
      if (!this.host.isConnected(peer)) throw new LedgermeshError('REFUSED', `${peer} closed the connection: it belongs to another network, or does not admit this node`)
      await new Promise<void>((resolve) => { this.#init.clock.after(GREET_LOOK_MS, resolve) })
    }
  }

  async #recordShown (peer: string, record: ShownRecord): Promise<void> {
    await this.#shown(peer, record, null)
    this.rights.prepare(peer)
    this.introductions.review()
    for (const handlers of this.#handlers) handlers.onRecord?.(peer)
  }

  /** Throws what costs the peer the session: a record that cannot be true, another network. */
  async #welcome (session: HelloSession): Promise<void> {
    const { peer, intro } = session
    if (intro.network !== this.network) throw new LedgermeshError('WRONG_NETWORK', `${peer} belongs to network ${intro.network}`)
    if (intro.record !== null) await this.#shown(peer, intro.record, intro.software)
    // It came back before its old connection was found dead: what was asked there is lost, and what happened since was not heard.
    this.#forget(peer)
    this.#sessions.set(peer, session)
    this.directory.connected(peer)
    session.closed.then(() => {
      if (session.error?.code === 'DENIED') this.refusals.refusedBy(peer)
      if (this.#sessions.get(peer) !== session) return
      this.#forget(peer)
      this.#greeter?.again(peer)
    }).catch((error: Error) => {
      this.#init.log.error({ peer, error: error.message }, 'a session ended badly')
    })
    this.rights.prepare(peer)
    for (const handlers of this.#handlers) handlers.onPeer(peer, intro)
    this.introductions.review()
  }

  /** A record that cannot be true costs the peer its connection. Throws BAD_RECORD, WRONG_NETWORK, OVERLOADED, … */
  async #shown (peer: string, record: ShownRecord, software: string | null): Promise<void> {
    try {
      await this.directory.shown(peer, record, software, this.verifier.forPeer(peer))
    } catch (error) {
      if (isLie(error) || isCoded(error, 'WRONG_NETWORK')) {
        this.drop(peer, error.code)
        throw new WireError('INVALID', error.message, { cause: error })
      }
      throw error
    }
  }

  #forget (peer: string): void {
    this.introductions.forget(peer)
    if (!this.#sessions.delete(peer)) return
    this.directory.gone(peer)
    for (const handlers of this.#handlers) handlers.onPeerGone(peer)
  }

  /** Throws UNREACHABLE for a peer that has not introduced itself. */
  session (peer: string): HelloSession {
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
