/**
 * The interoperability plugin: which other nodes and ledgers exist, how to find them, which to trust, and a map of the
 * network as seen from here.
 */
import { LedgermeshError } from '../../core/errors.js'
import { isPeerIdText } from '../../core/ledger-types.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { peerKeyOf } from '../../core/peer-key.js'
import type { Appended } from '../api/ledger.js'
import type { InteroperabilityMethods } from '../api/network.js'
import type { TrustApi } from '../api/trust.js'
import { answerAcross } from '../query/query-hook.js'
import { followFrom, type Following } from '../references/references-of.js'
import { deadline } from '../runtime/deadline.js'
import { trustApi } from '../trust/trust-api.js'
import { WIRE, type BuiltInPlugin } from './built-in.js'
import { findLedgers, getLedger, known } from './find-ledgers.js'
import {
  readDiscoverOptions,
  readInteroperabilityOptions,
  type InteroperabilityOptions
} from './interoperability-options.js'
import type { Plugin } from './plugin.js'
import { startInteroperability, type InteroperabilityParts } from './start-interoperability.js'

export type { InteroperabilityOptions } from './interoperability-options.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** A dial, with its handshakes and the exchange of records. */
const CONNECT_TIMEOUT_MS = 10_000

/** Throws INVALID_PARAMS for an unknown option, and for a trust level that is none. */
export function interoperabilityPlugin(
  options: InteroperabilityOptions = {}
): Plugin<'interoperability', InteroperabilityMethods> {
  const settings = readInteroperabilityOptions(options)
  const { minTrustMilli: rule } = settings
  let parts: InteroperabilityParts | null = null
  const running = (): InteroperabilityParts => {
    if (parts === null) throw new LedgermeshError('OFFLINE', 'the interoperability plugin is not started')
    return parts
  }
  const trust = (): TrustApi => trustApi(running().init)
  const stated = async (
    type: string,
    peerId: string,
    meta: { peer_id: string; expires?: number | null }
  ): Promise<Appended> => {
    if (!isPeerIdText(peerId) || peerKeyOf(peerId) === null)
      throw new LedgermeshError(
        'INVALID_PARAMS',
        `not the peer id of an Ed25519 key: ${JSON.stringify(peerId.slice(0, 80))}`
      )
    return (await running().init.ledgers.own.appendReserved([{ stream: 'ledger', type, meta }]))[0]!
  }

  const plugin: BuiltInPlugin<'interoperability', InteroperabilityMethods> = {
    id: 'interoperability',
    version: '1.0.0',
    hooks: {
      beforeQuery: async (filter) =>
        (await answerAcross(
          filter,
          settings.enableCrossLedgerQuery,
          async (question) =>
            await running().queries.cross.query(rule === 0 ? question : { ...question, minTrustMilli: rule })
        )) ?? undefined
    },
    [WIRE]: (nodeParts) => {
      parts = startInteroperability(nodeParts, settings)
    },
    stop: async () => {
      if (parts === null) return
      parts.init.overview.entries = null
      await parts.topology.stop()
      await parts.queries.indexes?.stop()
    },
    methods: {
      addresses: () => running().peerNetwork.host.addrs(),
      connect: async (address) => {
        const {
          peerNetwork,
          init: { clock }
        } = running()
        const peer = await peerNetwork.connections.connect(address, deadline(clock, CONNECT_TIMEOUT_MS))
        peerNetwork.directory.addSource(peer, 'manual')
        const status = peerNetwork.connections.peers().find((one) => one.peer === peer)
        if (status === undefined) throw new LedgermeshError('UNREACHABLE', `${peer} has gone again`)
        return status
      },
      disconnect: async (peer) => {
        running().peerNetwork.connections.disconnect(peer)
      },
      peers: async () => running().peerNetwork.connections.peers(),
      ledgers: async () => known(running()),
      query: async (question) => await running().queries.cross.query(question),
      count: async (question) => await running().queries.cross.count(question),
      indexFaults: async () =>
        (await running().queries.faults.all()).map(({ ledger, id, fault, index, pardoned, bytes }) => ({
          ledger,
          id,
          fault,
          seq: index.seq,
          counts: !pardoned,
          file: Buffer.from(bytes).toString()
        })),
      pardonIndex: async (ledger) => await running().queries.faults.pardon(ledger),
      findLedgers: async (query) => await findLedgers(running(), query, rule),
      discover: async (wanted) =>
        await running().discoverer.discover({ ...settings.discovery, ...readDiscoverOptions(wanted) }),
      register: async (registryPeer) => await running().registrar.register(registryPeer),
      updateStatus: async (ledger, status) => await running().registrar.updateStatus(ledger, status),
      getLedger: async (ledger) => await getLedger(running(), ledger),
      authorizeNode: async (peerId, expires) =>
        await stated('ledger.authorize-node', peerId, { peer_id: peerId, expires: expires ?? null }),
      revokeNode: async (peerId) => await stated('ledger.revoke-node', peerId, { peer_id: peerId }),
      members: async () => {
        const {
          admission: { closed, members }
        } = running().peerNetwork
        await members.refresh()
        return { closed, issuers: [...members.issuers], members: members.list() }
      },
      admit: async (peer, days) =>
        await running().peerNetwork.admission.members.admit(peer, running().init.clock.now() + days * DAY_MS),
      expel: async (peer) => await running().peerNetwork.admission.members.expel(peer),
      refusals: async () => running().peerNetwork.refusals.report(),
      trust: {
        attest: async (input) => await trust().attest(input),
        revoke: async (which) => await trust().revoke(which),
        accept: async (attestation) => await trust().accept(attestation),
        verify: async (attestation, confirmed) => await trust().verify(attestation, confirmed),
        level: async (question) => await trust().level(question),
        explain: async (question) => await trust().explain(question),
        list: async (filter) => await trust().list(filter),
        find: async (wanted) => await trust().find(wanted)
      },
      getTrustLevel: async (from, to) => (await trust().level({ from, to })).level_milli / 1000,
      verifyTrustChain: async (source, target) => (await trust().explain({ from: source, to: target })).valid,
      subscribe: (kinds, listener) => running().init.events.subscribe(kinds, listener),
      topology: async () => await running().topology.topology(),
      followReferences: async (start, options, ledger) => {
        const {
          init: { ledgers, clock, trust: graph },
          peerNetwork: { stopping },
          queries
        } = running()
        const trustMilli = (id: LedgerId): number => graph.levelMilli(id)
        const fetch: Following['fetch'] = async (id, wanted, ms) =>
          await queries.entries.fetch(id, wanted, deadline(clock, ms, stopping))
        return await followFrom({ ledgers, clock, trustMilli, fetch }, ledger, start, options)
      },
      clockOffsets: () => parts?.watch.clockOffsets() ?? []
    }
  }
  return plugin
}
