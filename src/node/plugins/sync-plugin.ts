/** The sync plugin: replicates remote ledgers, and serves the own one to peers that may read it. */
import { LedgermeshError } from '../../core/errors.js'
import type { SyncMethods } from '../api/sync.js'
import { WIRE, type BuiltInPlugin } from './built-in.js'
import type { Plugin } from './plugin.js'
import { startSync, type SyncParts } from './start-sync.js'
import { statusList, syncMethods } from './sync-methods.js'
import { readSyncOptions, type SyncPluginOptions } from './sync-options.js'

export type { PushOptions, SyncPluginOptions } from './sync-options.js'

/** Throws INVALID_PARAMS for an unknown option, and for a value out of its range. */
export function syncPlugin(options: SyncPluginOptions = {}): Plugin<'sync', SyncMethods> {
  const settings = readSyncOptions(options)
  let parts: SyncParts | null = null
  const running = (): SyncParts => {
    if (parts === null) throw new LedgermeshError('OFFLINE', 'the sync plugin is not started')
    return parts
  }
  const plugin: BuiltInPlugin<'sync', SyncMethods> = {
    id: 'sync',
    version: '1.0.0',
    hooks:
      settings.searchBudgetMs === null ? {} : { beforeGet: async (key) => (await parts?.search(key)) ?? undefined },
    [WIRE]: async (nodeParts) => {
      parts = await startSync(nodeParts, settings)
      nodeParts.overview.sync = () => statusList(running(), settings.surface)
      nodeParts.overview.evidence = async (peer, ledger, file) => {
        await parts?.replication.runtime.forks.onEvidence(peer, ledger, file)
      }
    },
    stop: async () => {
      const { init, stop } = running()
      init.overview.sync = null
      init.overview.evidence = null
      await stop()
      parts = null
    },
    methods: syncMethods(running, settings.surface)
  }
  return plugin
}
