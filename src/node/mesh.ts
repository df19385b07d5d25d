/**
 * A node's place on the network: the host, one hello session per peer, who is who, and what this node answers. What it all means for
 * ledgers is the handlers' business.
 */
import type { HeadsResult, HelloSession, HelloSource } from '../../protocols/hello/index.js'
import { fetchKeyEntries, fetchPayloads, fetchRange, pull, type PayloadItem } from '../../protocols/pull/index.js'
import { WireError, type WireEntry, type WireKeyEntry } from '../../protocols/wire.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../core/errors.js'
import type { SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Ledgers } from '../ledger/ledgers.js'
import { createHost, mount, NetworkError, type Datastore, type Host, type Mount } from '../network/host.js'
import type { Clock, Log, Random } from '../ports.js'
import type { PeerStatus } from './api.js'
import { Admission, type AdmissionConfig } from './admission.js'
import { Directory, type ShownRecord } from './directory.js'
import { isLie } from './failure.js'
import type { Wanted } from './filters.js'
import { Finder } from './finder.js'
import { Greeter, helloMount } from './greeter.js'
import { HelloAnswers, wantedHead } from './hello-answers.js'
import { helloDesk } from './hello-desk.js'
import type { MeshHandlers } from './mesh-handlers.js'
import { OwnRecord } from './own-record.js'
import { PullAnswers } from './pull-source.js'
import { Introductions } from './introductions.js'
import { ReadingRights, type TrustLevelMilli } from './reading-rights.js'
import { Refusals } from './refusals.js'
import { Teller } from './teller.js'
import { SOFTWARE, VERSION } from './version.js'
import type { Verifier } from './verifier.js'

/** How long a peer that sent what it could prove to be wrong stays out. */
const BAN_MS = 10 * 60_000
/** Entries that travel on the hello stream instead of a stream of their own (DESIGN §5). */
const MAX_GAP = 64
const HELLO_TIMEOUT_MS = 15_000
export const CAPABILITIES = ['sync', 'query', 'cross-ref']

export interface MeshInit extends AdmissionConfig {
  network: string
  ledgers: Ledgers
  signingKey: SigningKey
  peerKey: Uint8Array
  listen: string[]
  bootstrap: string[]
  datastore: Datastore
  verifier: Verifier
  clock: Clock
  random: Random
  log: Log
  /** How much an owner trusts a reader, 0–1000; for private ledgers that say `trust_milli`. */
  trustLevelMilli?: TrustLevelMilli | undefined
  /** Peers that are to know which private ledger this node speaks for. */
  introduceTo?: string[] | undefined
  /** 32 bytes that all nodes of a hidden network share. */
  psk?: Uint8Array | undefined
}

export class Mesh {
  readonly #mounts: Mount[] = []
  readonly network: string
  readonly verifier: Verifier
  readonly directory: Directory
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
    this.#init = init
    this.network = init.network
    this.verifier = init.verifier
    this.directory = new Directory(init)
    this.refusals = new Refusals(init)
    this.admission = new Admission({ ...init, directory: this.directory, refusals: this.refusals })
    this.rights = new ReadingRights({ ...init, directory: this.directory, refusals: this.refusals, isAdmitted: (peer, ledger) => this.admission.allows(peer, ledger) })
    this.#answers = new HelloAnswers(this.rights)
    this.#teller = new Teller({ sessions: this.#sessions, rights: this.rights, log: init.log })
    this.introductions = new Introductions({
      ...init, rights: this.rights, introduceTo: init.introduceTo ?? [], sessions: this.#sessions,
      record: async () => ({ ...await started(this.#record).current(), keyEntries: await init.ledgers.own.keyEntries() })
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

  /** Both to be called before `start`. */
  use (handlers: MeshHandlers): void { this.#handlers.push(handlers) }
  serve (protocol: Mount): void { this.#mounts.push(protocol) }

  async start (): Promise<void> {
    const { network, listen, bootstrap, peerKey, psk, datastore, log, clock, random, ledgers, signingKey } = this.#init
    await this.admission.members.refresh()
    const host = this.#host = await createHost({
      network, listen, bootstrap, peerKey, psk, datastore, log, clock, random, agent: SOFTWARE,
      protocols: [helloMount(this.#desk, () => this.host), mount(pull, new PullAnswers(this.#answers)), ...this.#mounts],
      callbacks: {
        // One side opens the hello stream, the other serves it. Who dialled does not decide: when both do, each may think that it was the other.
        onConnect: (peer, { initiator }) => { if (initiator) this.#greeter?.add(peer) },
        refuses: (peer) => this.admission.refuses(peer),
        onDisconnect: (peer) => {
          this.#greeter?.remove(peer)
          this.#forget(peer)
        }
      }
    })
    this.#greeter = new Greeter({ host, source: () => this.#desk, isGreeted: (peer) => this.#sessions.has(peer), clock, random, log, stopping: this.#stopping.signal })
    this.#finder = new Finder({ host, network, clock, random, log })
    this.#record = new OwnRecord({
      network, ledger: ledgers.own.id, peerId: host.peerId, signingKey, capabilities: CAPABILITIES, version: VERSION, addrs: () => host.addrs(), clock
    })
    await host.start()
    for (const capability of CAPABILITIES) this.#finder.provideCapability(capability)
    for (const handlers of this.#handlers) handlers.onReady()
    this.introductions.review()
    await this.admission.watch(host, async (peer) => await this.#sessions.get(peer)?.dismiss())
  }

  async stop (): Promise<void> {
    this.#stopping.abort()
    this.introductions.stop()
    this.admission.stop()
    this.#finder?.stop()
    await this.#host?.stop()
  }

  get host (): Host { return started(this.#host) }
  get finder (): Finder { return started(this.#finder) }

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
    try {
      this.admission.dialled(address)
      const peer = await this.host.dial(address, signal)
      // The operator dials whom he wants to be known to.
      this.introductions.want(peer)
      this.introductions.review()
      await this.#greeted(peer, signal)
      return peer
    } catch (error) {
      if (isCoded(error)) throw error
      const bad = error instanceof NetworkError && error.code === 'BAD_ADDRESS'
      throw new LedgermeshError(bad ? 'BAD_ADDRESS' : 'UNREACHABLE', `${address}: ${(error as Error).message}`, undefined, { cause: error })
    }
  }

  /** Looks the ledger's nodes up, among those known and in the DHT, and connects to them. */
  async findLedger (ledger: LedgerId): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    const known = this.directory.nodesOf(ledger).slice(-MAX_KNOWN_DIALS).flatMap(({ record }) => record.addrs.slice(0, 1))
    // Nobody says in the DHT that it has a private ledger, so nobody there needs to hear of it.
    const isPrivate = this.#init.ledgers.get(ledger)?.chain?.access === 'private'
    await this.#greetAll([...known.map((addr) => this.host.dial(addr, signal)), ...(isPrivate ? [] : [this.finder.findLedger(ledger)])], signal)
  }

  async findCapability (capability: string): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(HELLO_TIMEOUT_MS)])
    await this.#greetAll([this.finder.findCapability(capability)], signal)
  }

  /** As much as the peer answers at once; the rest is `unanswered`. */
  async askHeads (peer: string, wanted: { ledger: LedgerId, size: number }[], signal: AbortSignal): Promise<HeadsResult> {
    return await this.session(peer).askHeads(wanted.map(({ ledger, size }) => wantedHead(ledger, size, this.#init.ledgers.get(ledger))), { signal })
  }

  /** Entries from `from` on: at least one, at most `count`. Small gaps travel on the hello stream. */
  async fetchRange (peer: string, request: { ledger: LedgerId, from: number, count: number, filters: Wanted }, signal: AbortSignal): Promise<WireEntry[]> {
    const { ledger, from, count, filters } = request
    if (count <= MAX_GAP && filters === null) return await this.session(peer).askEntries(ledger, from, count, { signal })
    const stream = await this.host.open(peer, pull, signal)
    return await fetchRange(stream, { ledger, from, count, ...(filters === null ? { want: 'full' } : filters === 'headers' ? { want: 'headers' } : { want: 'filtered', filter: filters }) }, { signal })
  }

  async fetchPayloads (peer: string, ledger: LedgerId, seqs: number[], signal: AbortSignal): Promise<PayloadItem[]> {
    return await fetchPayloads(await this.host.open(peer, pull, signal), { ledger, seqs }, { signal })
  }

  async fetchKeyEntries (peer: string, ledger: LedgerId, signal: AbortSignal): Promise<WireKeyEntry[]> {
    return await fetchKeyEntries(await this.host.open(peer, pull, signal), ledger, { signal })
  }

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
    const known = this.#sessions.has(peer)
    this.#sessions.set(peer, session)
    session.closed.then(() => {
      if (session.error?.code === 'DENIED') this.refusals.refusedBy(peer)
      if (this.#sessions.get(peer) !== session) return
      this.#forget(peer)
      this.#greeter?.again(peer)
    }).catch((error: Error) => {
      this.#init.log.error({ peer, error: error.message }, 'a session ended badly')
    })
    this.rights.prepare(peer)
    if (!known) for (const handlers of this.#handlers) handlers.onPeer(peer, intro)
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
    for (const handlers of this.#handlers) handlers.onPeerGone(peer)
  }

  /** Throws UNREACHABLE for a peer that has not introduced itself. */
  session (peer: string): HelloSession {
    const session = this.#sessions.get(peer)
    if (session === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} is not connected`)
    return session
  }
}

/** Nodes that say they have a ledger, dialled in one search; the DHT names others. */
const MAX_KNOWN_DIALS = 16
/** Between two looks whether a peer has introduced itself. */
const GREET_LOOK_MS = 20

function started<T> (part: T | null): T {
  if (part === null) throw new LedgermeshError('OFFLINE', 'the network is not started yet')
  return part
}
