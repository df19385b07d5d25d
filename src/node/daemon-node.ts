/** What the RPC handlers call: the ledger, its plugins, and what only a whole node knows. */
import { readCheckpoint } from '../core/checkpoint.js'
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledger } from '../ledger/ledger.js'
import { accessOf, changeAccess } from './access-api.js'
import { appended } from './appended.js'
import type { Head, HealthReport, Node, NodeStatus } from './api.js'
import { createBackup } from './backup.js'
import type { MeshLedger } from './create-ledger.js'
import { proveEntry } from './entry-proof.js'
import { listEvidence } from './list-evidence.js'
import { healthOf, networkHealthOf, type HealthInput } from './health.js'
import type { InteroperabilityMethods } from './interoperability-plugin.js'
import type { Plugin } from './plugin.js'
import type { SyncMethods } from './sync-plugin.js'
import { VERSION } from './version.js'

const DAY_MS = 24 * 60 * 60 * 1000

type DaemonLedger = MeshLedger<readonly [Plugin<'interoperability', InteroperabilityMethods>, Plugin<'sync', SyncMethods>]>

export function nodeOf (ledger: DaemonLedger, startedAt: number): Node {
  const { ledgers, feed, verifier, network } = ledger.parts
  const { sync, interoperability } = ledger.plugins
  const held = (id?: LedgerId): Ledger => ledger.held(id)

  const status = async (): Promise<NodeStatus> => await statusOf(ledger, startedAt)
  const healthInput = async (): Promise<HealthInput> => ({
    status: await status(), ledgers: await sync.status(), peers: await interoperability.peers(), clockOffsets: interoperability.clockOffsets(), load: ledger.parts.mesh!.load, paths: ledger.parts.home.paths
  })
  return {
    status,
    health: async (): Promise<HealthReport> => await healthOf(await healthInput()),
    networkHealth: async (): Promise<HealthReport> => networkHealthOf(await healthInput()),
    backup: (folder, options) => createBackup(ledger.parts, folder, options),
    append: (input, options) => ledger.append(input, options),
    appendBatch: (inputs, options) => ledger.appendBatch(inputs, options),
    get: (pointer, id) => ledger.get(pointer, id),
    query: (filters, id) => ledger.query(filters, id),
    verifyEntry: (pointer, id) => ledger.verifyEntry(pointer, id),
    verifyChain: (range, id) => ledger.verifyChain(range, id),
    head: (id) => headOf(held(id)),
    checkpoint: async (id) => {
      const one = held(id)
      const note = one.checkpoint()
      if (note === null) throw new LedgermeshError('NOT_FOUND', `there is no checkpoint of ${one.id} yet`)
      const { size, root } = readCheckpoint(note, { network, ledger: one.id })
      return { ledger: one.id, size, root, note }
    },
    prove: (pointer, id) => proveEntry(held(id), pointer, network),
    consistency: async (size1, size2, id) => {
      const one = held(id)
      return { ledger: one.id, size1, root1: await one.rootAt(size1), size2, root2: await one.rootAt(size2), proof: await one.consistencyProof(size1, size2) }
    },
    override: () => sync.override(),
    erase: async (hashes) => (await ledgers.own.erase(hashes)).map(appended),
    erasures: (filters) => sync.erasures(filters),
    subscribe: (id, listener) => feed.subscribe(id, listener),
    access: async (id) => accessOf(ledgers, id),
    setAccess: (change) => changeAccess(ledgers, change),
    members: async () => {
      const { admission } = ledger.parts.mesh!
      await admission.members.refresh()
      return { closed: admission.closed, issuers: [...admission.members.issuers], members: admission.members.list() }
    },
    admit: (peer, days) => ledger.parts.mesh!.admission.members.admit(peer, Date.now() + days * DAY_MS),
    expel: (peer) => ledger.parts.mesh!.admission.members.expel(peer),
    refusals: async () => ledger.parts.mesh!.refusals.report(),
    evidence: (id) => listEvidence(id === undefined ? ledgers.list() : [ledger.parts.ledgers.get(held(id).id)!], verifier.verify),
    follow: (id, options) => sync.follow(id, options),
    unfollow: (id, options) => sync.unfollow(id, options),
    syncStatus: (id) => sync.status(id),
    pull: (id) => sync.pull(id),
    pause: (id) => sync.pause(id),
    resume: (id) => sync.resume(id),
    resolve: (id) => sync.resolve(id),
    conflicts: (id) => sync.conflicts(id),
    voided: (id, offset, limit) => held(id).voidedEntries(offset, limit),
    connect: (address) => interoperability.connect(address),
    peers: () => interoperability.peers(),
    ledgers: () => interoperability.ledgers(),
    findLedgers: (query) => interoperability.findLedgers(query),
    trust: interoperability.trust,
    topology: () => interoperability.topology(),
    watchNetwork: (kinds, listener) => interoperability.subscribe(kinds, listener),
    discover: (options) => interoperability.discover(options),
    register: (registryPeer) => interoperability.register(registryPeer),
    getLedger: (id) => interoperability.getLedger(id),
    authorizeNode: (peerId, expires) => interoperability.authorizeNode(peerId, expires),
    revokeNode: (peerId) => interoperability.revokeNode(peerId),
    close: () => ledger.close()
  }
}

async function headOf (ledger: Ledger): Promise<Head> {
  const head = ledger.head()
  if (head === null) throw new LedgermeshError('NOT_FOUND', `nothing of ${ledger.id} is held yet`)
  const { timestamp } = JSON.parse(Buffer.from(head.header).toString()) as { timestamp: number }
  return {
    ledger: ledger.id, size: head.seq + 1, seq: head.seq, hash: head.hash, root: await ledger.rootAt(head.seq + 1),
    header: Buffer.from(head.header).toString(), signature: Buffer.from(head.signature).toString('hex'), timestamp
  }
}

async function statusOf (ledger: DaemonLedger, startedAt: number): Promise<NodeStatus> {
  const { ledgers, home, mesh, network } = ledger.parts
  const { own } = ledgers
  const ledgerStatuses = await ledger.plugins.sync.status()
  const frozen = ledgers.list().filter(({ frozenAt }) => frozenAt !== null)
  return {
    version: VERSION,
    network,
    ledger: own.id,
    name: own.chain?.name ?? '',
    peerId: mesh!.host.peerId,
    addrs: mesh!.host.addrs(),
    home: home.paths.home,
    socket: home.paths.socket,
    startedAt,
    own: { size: own.size, hash: own.headHash, state: own.signer, waiting: waiting(own.signer, own.restoreTarget?.seq ?? null) },
    followed: ledgerStatuses.filter(({ own: mine }) => !mine).length,
    peers: mesh!.peers().length,
    stalled: ledgerStatuses.filter(({ status }) => status === 'stalled').length,
    evidence: frozen.length,
    dht: { mode: mesh!.host.dhtMode(), peers: mesh!.host.dhtSize() }
  }
}

function waiting (state: 'ready' | 'restoring' | 'failed', target: number | null): string | null {
  if (state === 'ready') return null
  if (state === 'failed') return 'a commit has an unknown outcome (the disk may be full): nothing is written until the store is opened anew, which this node does by itself when the disk takes writes again'
  return target === null
    ? 'the signer\'s mark (signer.json) is missing: this node does not sign; stop it and put the newest signer.json back beside ledger.key; or, only if nothing was signed since what is stored, say so (ledgermesh override)'
    : `this node signed entry ${target}, which is not in its store: it does not sign until it has pulled its own ledger back; connect it to a node that follows it (ledgermesh connect)`
}
