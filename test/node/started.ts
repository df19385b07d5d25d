/** Nodes on loopback for discovery tests; `stopAll` ends them. */
import { createLedger, type CreateLedgerOptions, type MeshLedger } from '../../src/node/create-ledger.js'
import { interoperabilityPlugin, type InteroperabilityOptions } from '../../src/node/plugins/interoperability-plugin.js'
import type { InteroperabilityMethods } from '../../src/node/api/network.js'
import type { Plugin } from '../../src/node/plugins/plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import type { SyncMethods } from '../../src/node/api/sync.js'
import { CALM } from '../helpers/calm.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

export type Started = MeshLedger<
  readonly [Plugin<'interoperability', InteroperabilityMethods>, Plugin<'sync', SyncMethods>]
>
export type Options = InteroperabilityOptions &
  Partial<
    Pick<
      CreateLedgerOptions<[]>,
      'bootstrap' | 'dht' | 'speaksFor' | 'region' | 'capabilities' | 'access' | 'network' | 'clock' | 'dataDir'
    >
  >

const open: { close: () => Promise<void> }[] = []

export async function stopAll(): Promise<void> {
  await Promise.all(open.splice(0).map((one) => one.close()))
}

/** Closed by `stopAll`. */
export function closing<T extends { close: () => Promise<void> }>(one: T): T {
  open.push(one)
  return one
}

/** The DHT is off unless it is asked for. */
export async function start(
  name: string,
  { bootstrap, dht = false, speaksFor, region, capabilities, access, network, clock, dataDir, ...plugin }: Options = {}
): Promise<Started> {
  const given = Object.fromEntries(
    Object.entries({ bootstrap, speaksFor, region, capabilities, access, network, clock }).filter(
      ([, value]) => value !== undefined
    )
  )
  return closing(
    await createLedger({
      dataDir: dataDir ?? (await temporaryFolder()),
      name,
      dht,
      delayGauge: CALM,
      ...given,
      plugins: [interoperabilityPlugin(plugin), syncPlugin()]
    })
  )
}

export const addrOf = (ledger: Started): string => ledger.parts.peerNetwork!.host.addrs()[0]!
export const peerOf = (ledger: Started): string => ledger.parts.peerNetwork!.host.peerId
export const discover: (
  ledger: Started,
  options?: Parameters<InteroperabilityMethods['discover']>[0]
) => ReturnType<InteroperabilityMethods['discover']> = (ledger, options = {}) =>
  ledger.plugins.interoperability.discover(options)
