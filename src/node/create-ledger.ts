/** The library's entry point: a ledger with its plugins. The daemon is the same composition plus the RPC server. */
import { existsSync } from 'node:fs'
import { LedgermeshError } from '../core/errors.js'
import { signingKeyFromSeed, type SigningKey } from '../core/keys.js'
import { readOptions, type Members } from '../core/options.js'
import { openLedgers, type Ledgers } from '../ledger/ledgers.js'
import { ownChain } from '../ledger/own-chain.js'
import { eventLoopDelay, LoadMonitor, NetworkError } from '../network/host.js'
import type { Clock, Log, Metrics, Random } from '../ports.js'
import { openDatastore } from '../store/datastore.js'
import { openStore, type Store } from '../store/store.js'
import { MEMBERS_OPTIONS, OPTIONS, readReferences, type CreateLedgerOptions } from './create-ledger-options.js'
import type { FeedApi } from './api/feed.js'
import { Feed } from './events/entry-feed.js'
import { FeedFacade } from './events/feed-facade.js'
import { Follows } from './replication/follows.js'
import { deadline } from './runtime/deadline.js'
import type { Overview } from './api/overview.js'
import { ReferenceAsker } from './references/reference-asker.js'
import type { FetchRequired } from './references/require-references.js'
import { ReferenceTracker } from './references/reference-tracker.js'
import { forwardClock } from './runtime/monotonic-clock.js'
import { openHome, type Home } from './home/home.js'
import { LedgerFacade } from './plugins/ledger-facade.js'
import { NodeAuthority } from './peers/node-authority.js'
import { FAMILIES } from './metrics/families.js'
import { PeerNetwork } from './sessions/peer-network.js'
import { NetworkEvents } from './events/network-events.js'
import { isBuiltIn, WIRE, type NodeParts } from './plugins/built-in.js'
import type { Plugin, PluginContext } from './plugins/plugin.js'
import { IssuedRecords } from './home/issued-records.js'
import { MachineIdentity } from './home/machine-identity.js'
import { isNamedPeer } from './signer/named-peer.js'
import { SignerDriver } from './signer/signer-driver.js'
import { TrustService, trustStatements } from './trust/trust-service.js'
import { finishRotation } from './home/rotate-keys.js'
import { refuseOtherLedger } from './home/same-ledger.js'
import { noMetrics, silentLog, systemClock, systemRandom, systemSteady } from './runtime/system.js'
import { Verifier } from './signatures/verifier.js'

export type { CreateLedgerOptions } from './create-ledger-options.js'

/** Milliseconds that other nodes have to show an entry that a reference names. */
const SHOW_MS = 5_000
const DEFAULT_LISTEN = ['/ip4/127.0.0.1/tcp/0']

/** The methods of each plugin, by the plugin's id. */
export type PluginMethods<P extends readonly Plugin[]> = {
  [One in P[number] as One['id']]: NonNullable<One['methods']>
}

/** An open ledger. The further parts that the daemon needs are under `parts`. */
export class MeshLedger<P extends readonly Plugin[] = readonly Plugin[]> extends LedgerFacade {
  readonly plugins: PluginMethods<P>
  /** What became visible here, over all ledgers, in the order of its coming. */
  readonly feed: FeedApi
  /** @internal */
  readonly parts: Parts

  /** @internal */
  constructor(parts: Parts, plugins: P) {
    super(parts.ledgers, parts.feed, parts.onAppended, parts.references)
    this.parts = parts
    this.feed = parts.arrivalFeed
    this.plugins = Object.fromEntries(plugins.map(({ id, methods }) => [id, methods ?? {}])) as PluginMethods<P>
  }

  /** Closes in order: plugins in reverse order, the network, then the store. */
  async close(): Promise<void> {
    await this.parts.close()
  }
}

/** @internal */
export interface Parts {
  home: Home
  network: string
  clock: Clock
  store: Store
  ledgers: Ledgers
  feed: Feed
  arrivalFeed: FeedFacade
  /** For the metrics: the duration of an append, in seconds. */
  onAppended: (kind: 'single' | 'batch', seconds: number) => void
  events: NetworkEvents
  verifier: Verifier
  trust: TrustService
  /** The status of the references of entries. */
  references: ReferenceTracker
  /** Information shared between plugins. */
  overview: Overview
  /** Decides whether the own ledger may be signed. */
  signer: SignerDriver
  /** null: no plugin uses the network. */
  peerNetwork: PeerNetwork | null
  close: () => Promise<void>
}

/**
 * Opens the ledger in `dataDir`, or creates it; starts the plugins, then the network if one of them uses it. Throws
 * ALREADY_RUNNING, LEDGER_DIFFERS, STORE_TOO_NEW, BAD_FILE, BAD_ADDRESS, …
 */
export async function createLedger<const P extends readonly Plugin[] = readonly []>(
  given: CreateLedgerOptions<P>
): Promise<MeshLedger<P>> {
  const options = readOptions(given, OPTIONS as Members<CreateLedgerOptions<P>>)
  readOptions(options.members, MEMBERS_OPTIONS)
  const { atAppend, track } = readReferences(options.references)
  if (typeof options.dataDir !== 'string')
    throw new LedgermeshError('INVALID_PARAMS', 'dataDir is the path of a folder')
  const {
    dataDir,
    network = 'main',
    clock = systemClock,
    random = systemRandom,
    log = silentLog,
    metrics = noMetrics,
    plugins = []
  } = options
  const opened = new Opened(log)
  try {
    const given = keyOf(options.signingKey)
    const found = await openHome(dataDir, random, given)
    const store: Store = await openStore(found.paths.db, { log })
    opened.onClose(() => store.close())
    const home = given === undefined ? await afterRotation(found, store, random) : found
    const { signingKey } = home
    const verifier = new Verifier(forwardClock(clock), log)
    opened.onClose(() => verifier.close())
    const ledgers: Ledgers = await openLedgers({
      store,
      clock,
      random,
      log,
      network,
      verify: verifier.verify,
      markFile: home.paths.signer,
      signingKey,
      genesis: {
        name: options.name ?? 'ledger',
        access: options.access ?? 'public',
        nextKeyHash: options.nextKeyHash ?? home.nextKeyHash
      }
    })
    opened.onClose(() => ledgers.close())
    if (!ledgers.madeOwn) await refuseOtherLedger(ledgers.own, options)
    const own = (): SigningKey => ledgers.own.signingKey ?? signingKey
    const issued = await IssuedRecords.open(home.paths.ownRecords)
    const events = new NetworkEvents(clock, log)
    const follows = await Follows.load(ledgers, log)
    // State derived from the ledgers is updated before subscribers are told of a change, because they may query it.
    const authority = new NodeAuthority(ledgers, log)
    const trust = await TrustService.load({ ledgers, clock, log })
    opened.onClose(() => trust.stop())
    const feed = new Feed({ ledgers, filtersOf: (id) => follows.get(id)?.filters ?? null, log })
    const arrivalFeed = new FeedFacade({ ledgers, store, clock, log })
    opened.onClose(() => arrivalFeed.stop())
    trust.onChange(({ ledger }) => {
      events.publish({ kind: 'trust', ledger, subject: null })
    })
    const signer = await SignerDriver.open({
      paths: home.paths,
      ledgers,
      events,
      clock,
      random,
      log,
      issued,
      machine: await MachineIdentity.open(home.paths),
      steady: options.steady ?? (clock === systemClock ? systemSteady : () => clock.now()),
      isNamed: (peer, ledger) =>
        isNamedPeer(
          {
            allow: options.allow,
            introduceTo: options.introduceTo,
            isMember: (one) => parts.peerNetwork?.admission.members.stateOf(one) === 'member',
            isFollowed: (one) => follows.has(one),
            isTrusted: (one) => trust.level(ledgers.own.id, one).level_milli > 0
          },
          peer,
          ledger
        ),
      offline: options.offline === true
    })
    opened.onClose(() => signer.stop())
    const references = new ReferenceTracker({
      store,
      ledgers,
      clock,
      log,
      track,
      publish: (change) => {
        events.publish(change)
      }
    })
    opened.onClose(() => references.stop())
    const overview: Overview = { sync: null, trust: () => trustStatements(trust), entries: null, evidence: null }
    const parts: Parts = {
      references,
      overview,
      home,
      network,
      clock,
      store,
      ledgers,
      feed,
      arrivalFeed,
      onAppended: meterAppends(metrics),
      events,
      verifier,
      trust,
      signer,
      peerNetwork: null,
      close: () => opened.close()
    }
    const ledger = new MeshLedger<P>(parts, plugins as P)
    let datastore: Awaited<ReturnType<typeof openDatastore>> | null = null
    if (plugins.some(isBuiltIn)) {
      const open = (datastore = await openDatastore(home.paths.libp2p, { clock, log }))
      opened.onClose(() => open.close())
    }
    const host = (): PeerNetwork =>
      (parts.peerNetwork ??= new PeerNetwork({
        speaksFor: options.speaksFor,
        capabilities: options.capabilities,
        region: options.region,
        streams: options.streams,
        dht: options.dht,
        publicNetwork: options.publicNetwork,
        network,
        ledgers,
        authority,
        store,
        verifier,
        clock,
        random,
        log,
        signingKey: own,
        remember: (hash, expires) => issued.add(hash, expires, clock.now()),
        peerKey: home.peerKey,
        listen: options.listen ?? DEFAULT_LISTEN,
        bootstrap: options.bootstrap ?? [],
        trustLevelMilli: options.trustLevelMilli ?? ((owner, reader) => trust.level(owner, reader).level_milli),
        onTrustChange: (listener) => trust.onChange(listener),
        onSignerChange: (listener) => events.subscribe(['signer'], listener),
        introduceTo: options.introduceTo,
        psk: options.psk,
        allow: options.allow,
        deny: options.deny,
        members: options.members,
        datastore: datastore!,
        metrics: options.metrics,
        load: new LoadMonitor({ clock, log, gauge: options.delayGauge ?? eventLoopDelay() })
      }))
    const shared = { ledger, clock, random, log, metrics }
    await startPlugins(plugins, {
      opened,
      context: { ...shared, held: () => ledgers.list().map(({ id }) => id), onNetwork: events.subscribe.bind(events) },
      nodeParts: {
        ...shared,
        ledgers,
        store,
        folder: home.paths.home,
        events,
        overview,
        follows,
        trust,
        signer,
        host
      }
    })
    const shown: FetchRequired = async (id, wanted) => {
      const stopping = parts.peerNetwork === null ? [] : [parts.peerNetwork.stopping]
      return (await overview.entries?.(id, wanted, deadline(clock, SHOW_MS, ...stopping))) ?? []
    }
    if (atAppend === 'require') ledger.requireReferences(shown)
    if (overview.entries !== null) {
      const asker = new ReferenceAsker({ tracker: references, ledgers, clock, log, fetch: shown })
      // after the network: pending requests to peers have ended by then
      opened.onClose(() => asker.stop())
      asker.start()
    }
    if (parts.peerNetwork !== null) {
      const peerNetwork: PeerNetwork = parts.peerNetwork
      await signer.attach(peerNetwork)
      opened.onClose(() => peerNetwork.stop())
      await startMesh(peerNetwork)
    } else signer.closed()
    references.review()
    return ledger
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** A rotation that was interrupted is finished before the key is used. */
async function afterRotation(home: Home, store: Store, random: Random): Promise<Home> {
  if (!existsSync(home.paths.rotatingLedgerKey) && !existsSync(home.paths.rotatingNextKey)) return home
  const chain = await ownChain(store)
  if (chain === null) return home
  finishRotation(home.paths, chain)
  return await openHome(home.paths.home, random)
}

async function startMesh(peerNetwork: PeerNetwork): Promise<void> {
  try {
    await peerNetwork.start()
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    if (error.code === 'BAD_ADDRESS')
      throw new LedgermeshError('BAD_ADDRESS', error.message, undefined, { cause: error })
    if (error.code !== 'LISTEN_FAILED') throw error
    throw new LedgermeshError('LISTEN_FAILED', `cannot listen: ${error.message}`, undefined, { cause: error })
  }
}

async function startPlugins(
  plugins: readonly Plugin[],
  { context, nodeParts, opened }: { context: PluginContext; nodeParts: NodeParts; opened: Opened }
): Promise<void> {
  for (const plugin of plugins) {
    if (plugin.hooks !== undefined) nodeParts.ledgers.hooks.add(plugin.id, plugin.hooks, context.ledger)
    if (isBuiltIn(plugin)) await plugin[WIRE](nodeParts)
    await plugin.start?.(context)
    if (plugin.stop !== undefined) opened.onClose(() => plugin.stop!())
  }
}

function keyOf(given: Uint8Array | SigningKey | undefined): SigningKey | undefined {
  return given instanceof Uint8Array ? signingKeyFromSeed(given) : given
}

/** The opened parts, to be closed in reverse order: once, and all of them even when one fails. */
class Opened {
  readonly #log: Log
  readonly #closers: (() => Promise<void>)[] = []
  #closing: Promise<void> | null = null

  constructor(log: Log) {
    this.#log = log
  }

  onClose(close: () => Promise<void>): void {
    this.#closers.push(close)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const close of this.#closers.toReversed()) {
      try {
        await close()
      } catch (error) {
        this.#log.error(
          { event: 'node.close-failed', error: (error as Error).message },
          'a component did not close cleanly'
        )
      }
    }
  }
}

function meterAppends(metrics: Metrics): (kind: 'single' | 'batch', seconds: number) => void {
  const observe = metrics.histogram(FAMILIES.appending)
  return (kind, seconds) => {
    observe(seconds, { kind })
  }
}
