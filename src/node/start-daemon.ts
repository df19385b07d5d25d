/** A daemon's node: the home folder, its settings, and `createLedger` with both plugins. The caller adds the RPC server. */
import { fileURLToPath } from 'node:url'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadBootstrapFile, loadConfig, type Config, type ConfigInput } from '../config/config.js'
import { readKeyFile } from '../config/key-file.js'
import { homeFolder, paths, type Paths } from '../config/paths.js'
import type { Log } from '../ports.js'
import type { Node } from './api.js'
import { createLedger, type CreateLedgerOptions } from './create-ledger.js'
import { interoperabilityPlugin } from './interoperability-plugin.js'
import { nodeOf } from './daemon-node.js'
import { StoreWatch } from './store-watch.js'
import { syncPlugin, type SyncPluginOptions } from './sync-plugin.js'
import { systemClock } from './system.js'

/** dist/src/node → the project's bootstrap-nodes.json */
const SHIPPED_BOOTSTRAP = fileURLToPath(new URL('../../../bootstrap-nodes.json', import.meta.url))

export interface DaemonOptions extends ConfigInput {
  home?: string
  /** Default: the bootstrap-nodes.json that ships with ledgermesh. */
  bootstrapFile?: string
}

export interface Daemon {
  node: Node
  config: Config
  paths: Paths
  /** Was the ledger made just now? */
  created: boolean
  /** Resolves when the store has failed and can be opened anew: then the daemon is to be closed and started again. */
  reopen: Promise<void>
}

/** The settings that count: flags over config.json over defaults. Throws BAD_CONFIG. */
export function daemonConfig ({ home, bootstrapFile, ...flags }: DaemonOptions): { config: Config, paths: Paths } {
  const files = paths(homeFolder(home))
  const config = loadConfig(files.config, flags)
  const bootstrap = loadBootstrapFile(bootstrapFile ?? SHIPPED_BOOTSTRAP, config.network)
  return { config: { ...config, bootstrap: [...config.bootstrap, ...bootstrap] }, paths: files }
}

/** Throws ALREADY_RUNNING, BAD_CONFIG, BAD_FILE, … */
export async function startDaemon (options: DaemonOptions, log: Log): Promise<Daemon> {
  const { config, paths: files } = daemonConfig(options)
  const created = !existsSync(files.ledgerKey)
  const { network, name, access, listen, bootstrap, allow, members, introduceTo, dht, capabilities, region, speaksFor, registry, registries, dnsServers } = config
  const psk = config.psk === undefined ? undefined : readKeyFile(resolve(files.home, config.psk))
  const startedAt = Date.now()
  const ledger = await createLedger({
    dataDir: files.home, network, name, access, listen, bootstrap, introduceTo, dht, capabilities, region, speaksFor, log,
    ...closedBy({ psk, allow, members }),
    plugins: [interoperabilityPlugin({ registry, registries, dnsServers }), syncPlugin(trustRule(config))]
  })
  // Whoever speaks for a ledger has it.
  if (speaksFor !== undefined && !ledger.parts.ledgers.list().some(({ id }) => id === speaksFor)) await ledger.plugins.sync.follow(speaksFor)
  const watch = new StoreWatch({ ledgers: ledger.parts.ledgers, home: files.home, clock: systemClock, log })
  const node = nodeOf(ledger, startedAt)
  const close = async (): Promise<void> => {
    watch.stop()
    await ledger.close()
  }
  return { node: { ...node, close }, config, paths: files, created, reopen: watch.writable }
}

/** Absent is not undefined: only what is given closes a network. */
function closedBy (given: { [Name in 'psk' | 'allow' | 'members']: CreateLedgerOptions<[]>[Name] | undefined }): Pick<CreateLedgerOptions<[]>, 'psk' | 'allow' | 'members'> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function trustRule ({ minTrustMilli }: Config): SyncPluginOptions {
  return minTrustMilli === null ? {} : { filterByTrust: true, minTrustLevel: minTrustMilli / 1000 }
}

/** Makes keys and genesis without going on the network. */
export async function initHome (options: DaemonOptions, log: Log): Promise<{ ledger: string, home: string, created: boolean }> {
  const { config, paths: files } = daemonConfig(options)
  const created = !existsSync(files.ledgerKey)
  const ledger = await createLedger({ dataDir: files.home, network: config.network, name: config.name, access: config.access, log })
  await ledger.close()
  return { ledger: ledger.id, home: files.home, created }
}
