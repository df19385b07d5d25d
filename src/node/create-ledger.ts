/** The library's front door: a ledger with its plugins. The daemon is the same composition plus the RPC server. */
import { existsSync } from 'node:fs'
import { LedgermeshError } from '../core/errors.js'
import type { Hash } from '../core/hash.js'
import { signingKeyFromSeed, type SigningKey } from '../core/keys.js'
import type { LedgerId } from '../core/ledger-id.js'
import { openLedgers, type Ledgers } from '../ledger/ledgers.js'
import { ownChain } from '../ledger/own-chain.js'
import { NetworkError } from '../network/host.js'
import type { Clock, Log, Random } from '../ports.js'
import { openDatastore } from '../store/datastore.js'
import { openStore, type Store } from '../store/store.js'
import { Feed } from './feed.js'
import { Follows } from './follows.js'
import { openHome, type Home } from './home.js'
import { LedgerFacade } from './ledger-facade.js'
import type { Identity } from './identity.js'
import { Mesh } from './mesh.js'
import { NetworkEvents } from './network-events.js'
import type { Plugin, PluginContext } from './plugin.js'
import { TrustService, trustStatements } from './trust-service.js'
import type { TrustLevelMilli } from './reading-rights.js'
import { finishRotation } from './rotate-keys.js'
import { silentLog, systemClock, systemRandom } from './system.js'
import { Verifier } from './verifier.js'

export interface CreateLedgerOptions<P extends readonly Plugin[]> extends Identity {
  /** The folder of this ledger: database, signer's mark, and the keys that are not given. */
  dataDir: string
  /** Default `main`. */
  network?: string
  /** The name in the genesis. Default `ledger`. */
  name?: string
  /** Default `public`. */
  access?: 'public' | 'private'
  /** 32 bytes, or a key that lives elsewhere. Default: made once and kept in `dataDir`. */
  signingKey?: Uint8Array | SigningKey
  /** SHA-256 of the only public key that may replace the signing key. Default: that of `dataDir`'s next.key; null with a signing key of one's own. */
  nextKeyHash?: Hash | null
  /** Multiaddrs. Default: a free port on loopback. */
  listen?: string[]
  /** Multiaddrs with /p2p/ to join through. */
  bootstrap?: string[]
  /** For private ledgers that admit by trust: how much an owner trusts a reader, 0–1000. Default: what the attestations say that are held here. */
  trustLevelMilli?: TrustLevelMilli
  /** Peer ids that are to know which private ledger this node speaks for; of those whom it dials by hand and of its readers it is known anyway. */
  introduceTo?: string[]
  /** 32 random bytes that all nodes of a hidden network share. */
  psk?: Uint8Array
  /** Peer ids and ledger ids that may be connected; given, even empty, nobody else may, but for members. */
  allow?: string[]
  /** Those may be connected to whom one of these ledgers gave a membership. Every node follows the issuers. */
  members?: { issuers: LedgerId[] }
  /** False: neither asks the DHT nor serves it. Default true. */
  dht?: boolean
  clock?: Clock
  random?: Random
  log?: Log
  plugins?: P
}

const DEFAULT_LISTEN = ['/ip4/127.0.0.1/tcp/0']

/** The methods of each plugin, by the plugin's id. */
export type PluginMethods<P extends readonly Plugin[]> = { [One in P[number] as One['id']]: NonNullable<One['methods']> }

/** An open ledger. What the daemon needs beside it is under `parts`. */
export class MeshLedger<P extends readonly Plugin[] = readonly Plugin[]> extends LedgerFacade {
  readonly plugins: PluginMethods<P>
  readonly parts: Parts

  constructor (parts: Parts, plugins: P) {
    super(parts.ledgers)
    this.parts = parts
    this.plugins = Object.fromEntries(plugins.map(({ id, methods }) => [id, methods ?? {}])) as PluginMethods<P>
  }

  /** Orderly: plugins in reverse order, the network, then the store. */
  async close (): Promise<void> {
    await this.parts.close()
  }
}

export interface Parts {
  home: Home
  network: string
  store: Store
  ledgers: Ledgers
  feed: Feed
  events: NetworkEvents
  verifier: Verifier
  trust: TrustService
  /** null: no plugin wanted the network. */
  mesh: Mesh | null
  close: () => Promise<void>
}

/** Opens the ledger in `dataDir`, or makes it; starts the plugins, then the network if one of them uses it. Throws ALREADY_RUNNING, STORE_TOO_NEW, BAD_FILE, BAD_ADDRESS, … */
export async function createLedger<const P extends readonly Plugin[] = readonly []> (options: CreateLedgerOptions<P>): Promise<MeshLedger<P>> {
  const { dataDir, network = 'main', clock = systemClock, random = systemRandom, log = silentLog, plugins = [] } = options
  const opened = new Opened(log)
  try {
    const given = keyOf(options.signingKey)
    const found = openHome(dataDir, random, given)
    const store: Store = await openStore(found.paths.db, { log })
    opened.onClose(() => store.close())
    const home = given === undefined ? await afterRotation(found, store, random) : found
    const { signingKey } = home
    const verifier = new Verifier(clock, log)
    opened.onClose(() => verifier.close())
    const ledgers: Ledgers = await openLedgers({
      store, clock, random, log, network, verify: verifier.verify, markFile: home.paths.signer, signingKey,
      genesis: {
        name: options.name ?? 'ledger',
        access: options.access ?? 'public',
        nextKeyHash: options.nextKeyHash ?? home.nextKeyHash
      }
    })
    opened.onClose(() => ledgers.close())
    const feed = new Feed(log)
    const events = new NetworkEvents(clock, log)
    const follows = await Follows.load(ledgers)
    const trust = await TrustService.load({ ledgers, clock, log })
    opened.onClose(() => trust.stop())
    trust.onChange(({ ledger }) => {
      events.publish({ kind: 'trust', ledger, subject: null })
      parts.mesh?.rights.trustChanged()
    })
    const parts: Parts = { home, network, store, ledgers, feed, events, verifier, trust, mesh: null, close: () => opened.close() }
    const ledger = new MeshLedger<P>(parts, plugins as P)
    let datastore: Awaited<ReturnType<typeof openDatastore>> | null = null
    if (plugins.some(({ start }) => start !== undefined)) {
      const open = datastore = await openDatastore(home.paths.libp2p, { clock, log })
      opened.onClose(() => open.close())
    }
    const host = (): Mesh => parts.mesh ??= new Mesh({
      speaksFor: options.speaksFor, capabilities: options.capabilities, region: options.region, streams: options.streams, dht: options.dht,
      network, ledgers, feed, store, signingKey, verifier, clock, random, log,
      peerKey: home.peerKey,
      listen: options.listen ?? DEFAULT_LISTEN,
      bootstrap: options.bootstrap ?? [],
      trustLevelMilli: options.trustLevelMilli ?? ((owner, reader) => trust.level(owner, reader).level_milli),
      introduceTo: options.introduceTo,
      psk: options.psk,
      allow: options.allow,
      members: options.members,
      datastore: datastore!
    })
    await startPlugins(plugins, { ledger, store: ledgers, feed, events, overview: { sync: null, trust: () => trustStatements(trust) }, follows, trust, host, clock, random, log }, opened)
    if (parts.mesh !== null) {
      const mesh: Mesh = parts.mesh
      opened.onClose(() => mesh.stop())
      await startMesh(mesh, options.listen ?? DEFAULT_LISTEN)
    }
    return ledger
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** A rotation that was interrupted is finished before the key is used. */
async function afterRotation (home: Home, store: Store, random: Random): Promise<Home> {
  if (!existsSync(home.paths.rotatingLedgerKey) && !existsSync(home.paths.rotatingNextKey)) return home
  const chain = await ownChain(store)
  if (chain === null) return home
  finishRotation(home.paths, chain)
  return openHome(home.paths.home, random)
}

async function startMesh (mesh: Mesh, listen: string[]): Promise<void> {
  try {
    await mesh.start()
  } catch (error) {
    if (!(error instanceof NetworkError) || error.code !== 'LISTEN_FAILED') throw error
    throw new LedgermeshError('LISTEN_FAILED', `cannot listen on ${listen.join(', ')}`, undefined, { cause: error })
  }
}

async function startPlugins (plugins: readonly Plugin[], context: PluginContext, opened: Opened): Promise<void> {
  for (const plugin of plugins) {
    if (plugin.hooks !== undefined) context.store.hooks.add(plugin.id, plugin.hooks, context.ledger)
    await plugin.start?.(context)
    if (plugin.stop !== undefined) opened.onClose(() => plugin.stop!())
  }
}

function keyOf (given: Uint8Array | SigningKey | undefined): SigningKey | undefined {
  return given instanceof Uint8Array ? signingKeyFromSeed(given) : given
}

/** What was opened, to be closed in reverse order: once, and all of it even when one part fails. */
class Opened {
  readonly #log: Log
  readonly #closers: (() => Promise<void>)[] = []
  #closing: Promise<void> | null = null

  constructor (log: Log) {
    this.#log = log
  }

  onClose (close: () => Promise<void>): void {
    this.#closers.push(close)
  }

  close (): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close (): Promise<void> {
    for (const close of this.#closers.toReversed()) {
      try {
        await close()
      } catch (error) {
        this.#log.error({ error: (error as Error).message }, 'a part did not close cleanly')
      }
    }
  }
}

