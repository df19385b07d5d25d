/**
 * Wires the network side of a node: the host, one hello session per peer, the peer directory, requests and answers.
 * Handlers give the messages their meaning for ledgers.
 */
import type { HelloSource } from '../../../protocols/hello/index.js'
import { pull } from '../../../protocols/pull/index.js'
import type { SignedRecord, WireHead } from '../../../protocols/wire.js'
import { LedgermeshError } from '../../core/errors.js'
import type { NodeRecord } from '../../core/node-record.js'
import { peerKeyOf } from '../../core/peer-key.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import { createHost, protocolHandler, type Host, type LoadMonitor, type ProtocolHandler } from '../../network/host.js'
import { Admission } from '../access/admission.js'
import type { CheckedRecord } from '../peers/check-record.js'
import { Directory } from '../peers/peer-directory.js'
import { DhtProviders } from './dht-providers.js'
import { forwardClock } from '../runtime/monotonic-clock.js'
import { HelloOpener, helloHandler } from './hello-opener.js'
import { Connections } from './connections.js'
import { LedgerFinder } from './ledger-finder.js'
import { ServeHello } from './serve-hello.js'
import { helloSource } from './hello-source.js'
import { capabilitiesOf, ownRecordOf, spokenFor } from '../peers/identity.js'
import { PeerEvents } from './peer-events.js'
import type { PeerHandlers } from './peer-handlers.js'
import type { PeerNetworkInit } from './peer-network-init.js'
import type { NodeAuthority } from '../peers/node-authority.js'
import type { OwnRecord } from '../peers/own-record.js'
import { PeerSessions } from './peer-sessions.js'
import { PeerRequests } from './peer-requests.js'
import { ServePull } from './serve-pull.js'
import { RecordDisclosure } from './record-disclosure.js'
import { ReadingRights } from '../access/read-access.js'
import { Refusals } from '../access/refusals.js'
import { TwinTracker } from './twin-tracker.js'
import { HelloNotices } from './hello-notices.js'
import { SOFTWARE } from '../runtime/version.js'
import type { Verifier } from '../signatures/verifier.js'
import { priorityOf } from './connection-priority.js'

export class PeerNetwork {
  readonly #handlers: ProtocolHandler[] = []
  readonly network: string
  readonly verifier: Verifier
  readonly load: LoadMonitor
  readonly authority: NodeAuthority
  readonly directory: Directory
  /** All capabilities in the own record. */
  readonly capabilities: string[]
  readonly rights: ReadingRights
  readonly refusals: Refusals
  readonly disclosure: RecordDisclosure
  readonly admission: Admission
  /** Requests to one peer. */
  readonly requests: PeerRequests
  /** The connected peers. */
  readonly connections: Connections
  /** Finds peers with a ledger or a capability. */
  readonly finder: LedgerFinder
  readonly sessions: PeerSessions
  readonly #init: PeerNetworkInit
  readonly #answers: ServeHello
  readonly #source: HelloSource
  readonly #notices: HelloNotices
  readonly #twins: TwinTracker
  readonly #events: PeerEvents
  readonly #stopping = new AbortController()
  readonly #ends: (() => void)[]
  #host: Host | null = null
  #providers: DhtProviders | null = null
  #opener: HelloOpener | null = null
  #record: OwnRecord | null = null
  #onChecked: (checked: CheckedRecord, from: string) => void = () => {}

  constructor(init: PeerNetworkInit) {
    this.#init = init
    this.#events = new PeerEvents(init.log)
    this.network = init.network
    this.verifier = init.verifier
    this.load = init.load
    this.authority = init.authority
    this.directory = new Directory({
      ...init,
      authority: this.authority,
      onChecked: (checked, from) => {
        this.recordChecked(checked, from)
      }
    })
    this.capabilities = capabilitiesOf(init)
    this.refusals = new Refusals(init)
    this.admission = new Admission({ ...init, directory: this.directory, refusals: this.refusals })
    this.rights = new ReadingRights({
      ...init,
      directory: this.directory,
      refusals: this.refusals,
      isAdmitted: (peer, ledger) => this.admission.allows(peer, ledger),
      onTrusted: () => {
        this.disclosure.review()
      }
    })
    this.#answers = new ServeHello(this.rights, () => this.#events.caps)
    const onHeads = async (peer: string, heads: WireHead[]): Promise<void> => {
      await this.#events.heads(peer, heads)
    }
    this.#twins = new TwinTracker({ ...init, rights: this.rights, onHeads })
    this.sessions = new PeerSessions({
      ...init,
      directory: this.directory,
      rights: this.rights,
      refusals: this.refusals,
      twins: this.#twins,
      events: this.#events,
      onChecked: (checked, from) => {
        this.recordChecked(checked, from)
      },
      host: () => this.host,
      disclosure: () => this.disclosure,
      drop: (peer, code) => {
        this.requests.drop(peer, code)
      },
      again: (peer) => {
        this.#opener?.again(peer)
      }
    })
    const host = (): Host => this.host
    this.requests = new PeerRequests({ ...init, host, sessions: this.sessions })
    this.connections = new Connections({
      ...init,
      host,
      sessions: this.sessions,
      directory: this.directory,
      admission: this.admission,
      disclosure: () => this.disclosure
    })
    this.finder = new LedgerFinder({
      ...init,
      host,
      directory: this.directory,
      providers: () => this.providers,
      connections: this.connections,
      stopping: this.stopping
    })
    const sessions = this.sessions.current
    this.#notices = new HelloNotices({ sessions, rights: this.rights, log: init.log })
    this.disclosure = new RecordDisclosure({
      ...init,
      rights: this.rights,
      introduceTo: init.introduceTo ?? [],
      sessions,
      spokenFor: () => this.spokenFor(),
      record: () => this.ownRecord(),
      ageingMs: () => this.#record?.ageingMs ?? 0
    })
    this.#ends = [
      init.authority.onChange(() => {
        this.disclosure.review()
        this.admission.look()
      }),
      // Peers that may now read a private ledger learn which ledger this node represents.
      init.ledgers.on('stored', (_ledger, { entries }) => {
        if (entries.some(({ header }) => header.type === 'ledger.access')) this.disclosure.review()
      }),
      init.onSignerChange(() => {
        this.admission.look()
      }),
      init.onTrustChange(() => {
        this.rights.trustChanged()
      })
    ]
    this.#source = helloSource({
      ...init,
      rights: this.rights,
      answers: this.#answers,
      disclosure: this.disclosure,
      onIntro: async (session) => {
        await this.sessions.welcome(session)
      },
      onAsked: (peer, wanted) => {
        this.#events.asked(peer, wanted)
      },
      onHeads,
      onEvidence: async (peer, ledger, evidence) => {
        await this.#events.evidence(peer, ledger, evidence)
      },
      onRecord: async (peer, record, intro) => {
        await this.sessions.recordShown(peer, record, intro)
      }
    })
  }

  /** To be called before `start`. */
  use(handlers: PeerHandlers): void {
    this.#events.add(handlers)
  }

  /** Adds a protocol, and its capability, if it has one. To be called before `start`. */
  serve(protocol: ProtocolHandler, capability?: string): void {
    this.#handlers.push(protocol)
    if (capability !== undefined && !this.capabilities.includes(capability)) this.capabilities.push(capability)
  }

  async start(): Promise<void> {
    const { network, listen, bootstrap, peerKey, psk, datastore, log, clock, random, dht, publicNetwork, metrics } =
      this.#init
    await this.admission.members.refresh()
    await this.authority.load()
    await this.directory.load()
    const host = (this.#host = await createHost({
      network,
      listen,
      bootstrap,
      peerKey,
      psk,
      datastore,
      log,
      clock: forwardClock(clock),
      random,
      dht,
      publicNetwork,
      metrics,
      load: this.load,
      agent: SOFTWARE,
      protocols: [
        helloHandler(this.#source, () => this.host),
        protocolHandler(pull, new ServePull(this.#answers, this.load, () => this.#events.caps)),
        ...this.#handlers
      ],
      callbacks: {
        // One side opens the hello stream, the other serves it. The dialler does not decide: when both dial, each may
        // take the other for the dialler.
        onConnect: (peer, { initiator }) => {
          if (initiator) this.#opener?.add(peer)
          this.admission.look()
        },
        onAnother: (peer, { initiator, id }) => {
          if (initiator) this.#opener?.also(peer, id)
        },
        onAddrs: () => {
          this.disclosure.review()
          this.#events.addrs()
        },
        onSubscribed: (topic) => {
          this.#events.subscribed(topic)
        },
        refuses: (peer) => this.admission.refuses(peer),
        priorityOf: priorityOf({
          ...this.#init,
          directory: this.directory,
          isGreeted: (peer) => this.connections.isConnected(peer)
        }),
        onDisconnect: (peer) => {
          this.#opener?.remove(peer)
          this.sessions.forget(peer)
        }
      }
    }))
    this.#opener = new HelloOpener({
      host,
      source: () => this.#source,
      isGreeted: (peer) => this.connections.isConnected(peer),
      clock,
      random,
      log,
      stopping: this.#stopping.signal
    })
    this.#providers = new DhtProviders({ host, network, clock, random, log, directory: this.directory })
    this.#record = ownRecordOf(
      {
        ...this.#init,
        onRenewed: () => {
          this.#events.renewed()
        }
      },
      host,
      this.capabilities
    )
    await host.start()
    this.load.start()
    for (const capability of this.capabilities) this.#providers.provideCapability(capability)
    this.#events.add({
      onPeer: () => {
        this.admission.look()
      },
      onRecord: () => {
        this.admission.look()
      }
    })
    this.#events.ready()
    this.disclosure.review()
    await this.admission.watch(host, async (peer) => await this.sessions.current.get(peer)?.dismiss())
  }

  async stop(): Promise<void> {
    if (this.#providers !== null) await this.#events.stop()
    this.#stopping.abort()
    for (const end of this.#ends) end()
    this.disclosure.stop()
    this.#twins.stop()
    this.admission.stop()
    this.#providers?.stop()
    this.load.stop()
    await this.#host?.stop()
    await this.directory.close()
  }

  get host(): Host {
    return started(this.#host)
  }
  /** Says in the DHT what this node serves. */
  get providers(): DhtProviders {
    return started(this.#providers)
  }
  /** Multiaddrs that this node joins through. */
  get bootstrap(): string[] {
    return this.#init.bootstrap
  }
  /** Fires when the node stops. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }
  get record(): OwnRecord {
    return started(this.#record)
  }

  /** The ledger that this node's record names; null: not held yet. */
  spokenFor(): LedgerReader | null {
    return spokenFor(this.#init)
  }

  /** This node's description of itself. Who may see it is decided by `disclosure`. */
  async ownRecord(): Promise<SignedRecord> {
    return { ...(await this.record.current()), keyEntries: (await this.spokenFor()?.keyEntries()) ?? [] }
  }

  /** Does the record name this node, or is it signed with its keys? Then it is the own record, or a twin's. */
  concernsOwnKeys({ peer_id: peer, key }: NodeRecord): boolean {
    return peer === this.host.peerId || key === this.#init.ledgers.own.chain?.key || key === peerKeyOf(this.host.peerId)
  }

  /**
   * Calls the listener for every valid record, from any source and for any peer: it may be a twin's (R4). To be called
   * before `start`.
   */
  onRecordChecked(listener: (checked: CheckedRecord, from: string) => void): void {
    this.#onChecked = listener
  }
  recordChecked(checked: CheckedRecord, from: string): void {
    this.#onChecked(checked, from)
  }

  /** Sends it to every peer that may have it. */
  tellHead(ledger: LedgerReader): void {
    this.#notices.head(ledger)
  }
  tellEvidence(ledger: LedgerReader, evidence: Uint8Array): void {
    this.#notices.evidence(ledger, evidence)
  }
}

function started<T>(part: T | null): T {
  if (part === null) throw new LedgermeshError('OFFLINE', 'the network is not started yet')
  return part
}
