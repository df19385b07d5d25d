/**
 * A daemon's node: the home folder, its settings, and `createLedger` with both plugins. The caller adds the RPC server.
 */
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import {
  loadBootstrapFile,
  loadConfig,
  type Config,
  type ConfigInput,
  type Environment,
  type Settings
} from '../config/config.js'
import { readKeyFile } from '../config/key-file.js'
import { homeFolder, paths, type Paths } from '../config/paths.js'
import { SETTINGS } from '../config/settings.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { Log } from '../ports.js'
import type { Node, Reloaded, ReloadOptions } from './api/node.js'
import { createLedger, type CreateLedgerOptions } from './create-ledger.js'
import { interoperabilityPlugin } from './plugins/interoperability-plugin.js'
import { PromMetrics } from './metrics/prom-metrics.js'
import { nodeOf } from './daemon-node.js'
import { checkDnsServers, checkListen, usable, type Given } from './home/daemon-addresses.js'
import { AccessTokens } from './home/access-tokens.js'
import { reloader } from './home/reload-settings.js'
import { DiskMonitor } from './home/disk-monitor.js'
import { syncPlugin, type SyncPluginOptions } from './plugins/sync-plugin.js'
import { systemClock, systemRandom } from './runtime/system.js'

/** dist/src/node → the project's bootstrap-nodes.json */
const SHIPPED_BOOTSTRAP = fileURLToPath(new URL('../../../bootstrap-nodes.json', import.meta.url))

export interface DaemonOptions extends ConfigInput {
  home?: string
  /** Variables that settings may stand in. Default: none. */
  env?: Environment
  /**
   * The operator declares, for this start, that nothing is missing: no peer is asked before the own ledger is signed.
   * Default false.
   */
  offline?: boolean
}

export interface Daemon {
  node: Node
  config: Config
  paths: Paths
  /** Whom HTTP lets in. */
  tokens: AccessTokens
  /** Was the ledger created by this start? */
  created: boolean
  /** Resolves when the store has failed and can be reopened: then the daemon has to be closed and started again. */
  reopen: Promise<void>
  /**
   * Reads the settings again and takes over what can be changed while the node runs. Throws BAD_CONFIG: then nothing
   * has changed.
   */
  reload: (options?: ReloadOptions) => Reloaded
}

/**
 * The settings in effect: flags over variables over config.json over defaults. `left`: settings that were left out, and why; `offline`
 * is not a setting, but applies to one start. Throws BAD_CONFIG.
 */
export function daemonConfig({ home, env, offline = false, ...flags }: DaemonOptions): Settings & {
  paths: Paths
  left: string[]
  offline: boolean
} {
  const files = paths(homeFolder(home))
  const { config, originOf } = loadConfig(files.config, flags, env)
  const given = (name: 'listen' | 'bootstrap' | 'registries' | 'dnsServers'): Given => {
    const { from, name: where } = originOf(SETTINGS.find(({ key }) => key === name)!)
    return {
      where: from === 'flag' || from === 'environment' ? where : `${files.config}: ${name}`,
      values: config[name]
    }
  }
  const bootstrapFile = config.bootstrapFile ?? SHIPPED_BOOTSTRAP
  const left: string[] = []
  const named = (list: Given): string[] => usable(list, (problem) => left.push(problem))
  checkListen(given('listen'))
  checkDnsServers(given('dnsServers'))
  const bootstrap = [
    ...named(given('bootstrap')),
    ...named({ where: `${bootstrapFile}: ${config.network}`, values: loadBootstrapFile(bootstrapFile, config.network) })
  ]
  return {
    config: { ...config, bootstrap, registries: named(given('registries')) },
    originOf,
    paths: files,
    left,
    offline
  }
}

/** Throws ALREADY_RUNNING, LEDGER_DIFFERS, BAD_CONFIG, BAD_FILE, … */
export async function startDaemon(options: DaemonOptions, log: Log & { level?: string }): Promise<Daemon> {
  const { config, paths: files, left, offline } = daemonConfig(options)
  for (const error of left) log.warn({ event: 'config.setting-ignored', error }, 'a setting was ignored')
  const created = !existsSync(files.ledgerKey)
  const {
    network,
    listen,
    bootstrap,
    allow,
    deny,
    members,
    introduceTo,
    dht,
    publicNetwork,
    capabilities,
    region,
    speaksFor,
    registry,
    registries,
    dnsServers,
    references,
    query
  } = config
  const psk = config.psk === undefined ? undefined : readPsk(files.config, config.psk)
  const startedAt = systemClock.now()
  const metrics = new PromMetrics({ log })
  const ledger = await createLedger({
    dataDir: files.home,
    network,
    ...genesisOf(config),
    listen,
    bootstrap,
    deny,
    introduceTo,
    dht,
    publicNetwork,
    capabilities,
    region,
    speaksFor,
    references,
    offline,
    log,
    metrics,
    ...closedBy({ psk, allow, members }),
    plugins: [
      interoperabilityPlugin({ registry, registries, dnsServers, index: query.index }),
      syncPlugin({ ...syncOptions(config), surface: 'socket' })
    ]
  })
  // A node that represents a ledger must also replicate it.
  if (speaksFor !== undefined && !ledger.parts.ledgers.list().some(({ id }) => id === speaksFor))
    await ledger.plugins.sync.follow(speaksFor)
  const watch = new DiskMonitor({
    failing: ledger.parts.ledgers.own.failing,
    home: files.home,
    clock: systemClock,
    log
  })
  const tokens = new AccessTokens({ path: files.httpTokens, clock: systemClock, random: systemRandom, log })
  const { host, admission } = ledger.parts.peerNetwork!
  const reload = reloader({ host, admission, config, read: () => daemonConfig(options), log })
  const node = nodeOf(ledger, startedAt, { left, metrics: () => metrics.text(), tokens, reload })
  const close = async (): Promise<void> => {
    watch.stop()
    await tokens.idle()
    await ledger.close()
  }
  return { node: { ...node, close }, config, paths: files, tokens, created, reopen: watch.writable, reload }
}

function readPsk(config: string, file: string): Uint8Array {
  try {
    return readKeyFile(file)
  } catch (error) {
    throw isCoded(error, 'BAD_FILE')
      ? new LedgermeshError('BAD_CONFIG', `${config}: psk: ${error.message}`, undefined, { cause: error })
      : error
  }
}

/** Absent is not the same as undefined: only a given list closes a network. */
function closedBy(given: { [Name in 'psk' | 'allow' | 'members']: CreateLedgerOptions<[]>[Name] | undefined }): Pick<
  CreateLedgerOptions<[]>,
  'psk' | 'allow' | 'members'
> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** The properties of a new ledger; an existing one must have them. */
function genesisOf({ name, access }: Config): Pick<CreateLedgerOptions<[]>, 'name' | 'access'> {
  return { ...(name === undefined ? {} : { name }), ...(access === undefined ? {} : { access }) }
}

function syncOptions({ minTrustMilli, push, autoSync, autoPull, limits, rules }: Config): SyncPluginOptions {
  return {
    push,
    autoSync,
    autoPull,
    limits,
    rules,
    ...(minTrustMilli === null ? {} : { filterByTrust: true, minTrustLevel: minTrustMilli / 1000 })
  }
}

/** Makes keys and genesis without going on the network. */
export async function initHome(
  options: DaemonOptions,
  log: Log
): Promise<{ ledger: string; name: string; access: 'public' | 'private'; home: string; created: boolean }> {
  const { config, paths: files } = daemonConfig(options)
  const created = !existsSync(files.ledgerKey)
  const ledger = await createLedger({ dataDir: files.home, network: config.network, ...genesisOf(config), log })
  const { name, access } = ledger.parts.ledgers.own.chain!
  await ledger.close()
  return { ledger: ledger.id, name, access, home: files.home, created }
}
