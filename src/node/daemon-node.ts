/** The node that the RPC handlers call: the ledger, its plugins, and the operations of the daemon. */
import type { LedgerId } from '../core/ledger-id.js'
import { Mutex } from '../core/mutex.js'
import type { InteroperabilityMethods } from './api/network.js'
import type { HealthReport, Node, NodeStatus, Reloaded, ReloadOptions, Rotated } from './api/node.js'
import type { SyncMethods } from './api/sync.js'
import { createBackup } from './home/backup.js'
import { compactStore, diskUse } from './home/disk-use.js'
import type { MeshLedger } from './create-ledger.js'
import { handleApi } from './handles/handle-api.js'
import { listEvidence } from './forks/list-evidence.js'
import { healthOf, networkHealthOf, type HealthInput } from './health/health.js'
import type { Plugin } from './plugins/plugin.js'
import type { PeerNetwork } from './sessions/peer-network.js'
import type { TokensApi } from './api/tokens.js'
import { AccessTokens } from './home/access-tokens.js'
import { rotateRunning } from './home/rotate-keys.js'
import { silentLog, systemClock, systemRandom } from './runtime/system.js'
import { ownStateOf } from './signer/own-state.js'
import { VERSION } from './runtime/version.js'

type DaemonLedger = MeshLedger<
  readonly [Plugin<'interoperability', InteroperabilityMethods>, Plugin<'sync', SyncMethods>]
>

/** `left`: settings that were left out at the start, and why. */
export function nodeOf(
  ledger: DaemonLedger,
  startedAt: number,
  {
    left = [],
    metrics = async () => '',
    tokens = new AccessTokens({
      path: ledger.parts.home.paths.httpTokens,
      clock: systemClock,
      random: systemRandom,
      log: silentLog
    }),
    reload = () => ({ changed: [], later: [], left: [] })
  }: {
    left?: readonly string[]
    metrics?: () => Promise<string>
    tokens?: TokensApi
    /** Default: there is nothing to read again. */
    reload?: (options?: ReloadOptions) => Reloaded
  } = {}
): Node {
  const { ledgers, verifier } = ledger.parts
  const { sync, interoperability } = ledger.plugins

  const status = async (): Promise<NodeStatus> => await statusOf(ledger, startedAt)
  const healthInput = async (): Promise<HealthInput> => ({
    status: await status(),
    ledgers: await sync.status(),
    peers: await interoperability.peers(),
    clockOffsets: interoperability.clockOffsets(),
    load: ledger.parts.peerNetwork!.load,
    offlineStarts: ledger.parts.signer.offlineStarts,
    paths: ledger.parts.home.paths,
    contradicted: ledger.parts.references.book.counts(ledgers.own.ledgerNumber).contradicted,
    indexFaults: await countFaults(interoperability, ledgers.own.id),
    left
  })
  const rotating = new Mutex()
  const rotate = async (nextKeyFile?: string): Promise<Rotated> => {
    const rotated = await rotating.run(() =>
      rotateRunning({
        paths: ledger.parts.home.paths,
        own: ledgers.own,
        random: systemRandom,
        verify: verifier.verify,
        nextKeyFile
      })
    )
    // The current record is by the old key: connected peers are sent one by the new key at once.
    ledger.parts.peerNetwork!.disclosure.review()
    return rotated
  }
  return {
    status,
    health: async (): Promise<HealthReport> => await healthOf(await healthInput()),
    networkHealth: async (): Promise<HealthReport> => networkHealthOf(await healthInput()),
    metrics,
    reload: async (options) => reload(options),
    disk: () => diskUse(ledger.parts),
    compact: () => compactStore(ledger.parts),
    backup: (folder, options) => createBackup(ledger.parts, folder, options),
    ledger,
    feed: ledger.feed,
    sync,
    network: interoperability,
    trust: interoperability.trust,
    evidence: { list: (id) => listEvidence(id === undefined ? ledgers.list() : [ledger.held(id)], verifier.verify) },
    keys: { rotate },
    tokens,
    handles: handleApi({
      store: ledger.parts.store,
      ledgers,
      held: (id) => ledger.held(id),
      known: () => interoperability.ledgers(),
      peers: () => knownPeers(ledger.parts.peerNetwork!)
    }),
    close: () => ledger.close()
  }
}

async function countFaults(
  { indexFaults }: Pick<InteroperabilityMethods, 'indexFaults'>,
  own: LedgerId
): Promise<HealthInput['indexFaults']> {
  const accused = (await indexFaults()).filter(({ counts }) => counts).map(({ ledger }) => ledger)
  const others = new Set(accused.filter((ledger) => ledger !== own))
  return { own: accused.filter((ledger) => ledger === own).length, others: others.size }
}

/** Connected or remembered peers. */
function knownPeers({ host, directory }: PeerNetwork): string[] {
  return [...host.peers().map(({ peer }) => peer), ...directory.list().map(({ record }) => record.peer_id)]
}

async function statusOf(ledger: DaemonLedger, startedAt: number): Promise<NodeStatus> {
  const { ledgers, home, peerNetwork, network } = ledger.parts
  const { own } = ledgers
  const ledgerStatuses = await ledger.plugins.sync.status()
  const frozen = ledgers.list().filter(({ frozenAt }) => frozenAt !== null)
  return {
    version: VERSION,
    network,
    ledger: own.id,
    name: own.chain?.name ?? '',
    access: own.chain?.access ?? 'public',
    peerId: peerNetwork!.host.peerId,
    addrs: peerNetwork!.host.addrs(),
    home: home.paths.home,
    socket: home.paths.socket,
    startedAt,
    own: ownStateOf(own, ledger.parts.signer),
    followed: ledgerStatuses.filter(({ own: mine }) => !mine).length,
    peers: peerNetwork!.connections.peers().length,
    stalled: ledgerStatuses.filter(({ status }) => status === 'stalled').length,
    evidence: frozen.length,
    dht: { mode: peerNetwork!.host.dhtMode(), peers: peerNetwork!.host.dhtSize() }
  }
}
