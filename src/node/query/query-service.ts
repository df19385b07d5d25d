/** Queries across ledgers, asked and served, wired to one node. */
import { query } from '../../../protocols/query/index.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { protocolHandler } from '../../network/host.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { Overview } from '../api/overview.js'
import { forwardClock } from '../runtime/monotonic-clock.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { ServeHello } from '../sessions/serve-hello.js'
import type { TrustService } from '../trust/trust-service.js'
import { AnswerCache } from './answer-cache.js'
import { AnswerMaker, type Indexes } from './answer-maker.js'
import { AskPeer, type AskPeerInit } from './ask-peer.js'
import { Candidates } from './candidates.js'
import { Notes } from './checkpoint-notes.js'
import { CrossQuery } from './cross-query.js'
import { FetchEntries } from './fetch-entries.js'
import { IndexKeeper } from './index-keeper.js'
import { IndexFaults } from './index-faults.js'
import { LightBook } from './light-book.js'
import { PeerStats } from './peer-stats.js'
import { ReadLocal } from './read-local.js'
import { ServeQuery } from './serve-query.js'

export interface QueryServiceInit {
  ledgers: Ledgers
  peerNetwork: PeerNetwork
  trust: TrustService
  /** All ledgers that this node knows of, held or not. */
  known: () => LedgerId[]
  overview: Pick<Overview, 'sync' | 'evidence'>
  /** Whose index is kept. */
  index: 'off' | 'own' | 'all'
  store: Store
  clock: Clock
  random: Random
  log: Log
}

export interface Queries {
  cross: CrossQuery
  entries: FetchEntries
  faults: IndexFaults
  /** Null: no index is kept. */
  indexes: IndexKeeper | null
}

/** To be called before the network starts. */
export function startQueries(init: QueryServiceInit): Queries {
  const { ledgers, peerNetwork, trust, known, overview, clock } = init
  const { network, verifier, rights, stopping } = peerNetwork
  const { index, store, random, log } = init
  const indexes = index === 'off' ? null : new IndexKeeper({ store, ledgers, of: index, clock, random, log })
  indexes?.start()
  const faults = new IndexFaults(store, verifier.verify, log)
  const cache = new AnswerCache({ ledgers, clock })
  const proving: Indexes = {
    usable: async (ledger, size) => (await indexes?.usable(ledger, size, await faults.accused(ledger.id))) ?? null,
    fault: async ({ id }) => (await faults.of(id))[0]?.bytes ?? null
  }
  const maker = new AnswerMaker(new Notes(clock), proving, cache)
  const answers = new ServeHello(rights)
  peerNetwork.serve(
    protocolHandler(
      query,
      new ServeQuery({ maker, load: peerNetwork.load, allowed: (peer, id) => answers.allowed(peer, id, 'query') })
    ),
    'query'
  )
  const stats = new PeerStats()
  const light = new LightBook({ store, clock, log })
  const steady = forwardClock(clock)
  const isSynced = (ledger: LedgerId): boolean =>
    overview.sync?.().some((one) => one.ledger === ledger && one.status === 'synced') === true
  const candidates = new Candidates({ network, peerNetwork, trust, stats })
  const onEvidence: AskPeerInit['onEvidence'] = async (peer, ledger, file) => {
    await overview.evidence?.(peer, ledger, file)
  }
  // What was found out while it was not held is judged as soon as it is.
  const tell = async (id: LedgerId): Promise<void> => {
    await light.load()
    const known = light.of(id)
    if (known?.evidence != null) await onEvidence(known.peers[0] ?? '', id, Buffer.from(known.evidence))
  }
  const unsubscribe = ledgers.on('stored', ({ id }, { entries }) => {
    if (entries[0]?.header.seq !== 0) return
    tell(id).catch((error: unknown) => {
      log.error({ event: 'query.evidence-failed', ledger: id, error }, 'evidence found by asking was not judged')
    })
  })
  const stop = (): void => {
    unsubscribe()
    cache.stop()
  }
  stopping.addEventListener('abort', stop, { once: true })
  const peers = new AskPeer({ peerNetwork, verifier, light, stats, faults, clock: steady, onEvidence })
  const cross = new CrossQuery({
    network,
    ledgers,
    trustMilli: (ledger) => trust.levelMilli(ledger),
    known: () => [...new Set([...known(), ...subjectsOf(trust, ledgers.own.id)])],
    isSynced,
    candidates,
    light,
    clock,
    steady,
    run: {
      peers,
      local: new ReadLocal({ maker, verify: verifier.verify, isSynced: ({ id }) => isSynced(id) }),
      stopping
    }
  })
  return { cross, entries: new FetchEntries({ network, candidates, peers }), faults, indexes }
}

/** Ledgers that the own one attests, connected or not. */
function subjectsOf({ graph }: TrustService, own: LedgerId): LedgerId[] {
  return [...graph.attestations({ issuer: own })].filter(({ usable }) => usable).map(({ subject }) => subject)
}
