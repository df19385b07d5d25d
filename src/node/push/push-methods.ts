/** The push methods of the sync plugin, and the services that they need. */
import { LedgermeshError } from '../../core/errors.js'
import { isInteger } from '../../core/grammar.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type {
  PullEntriesOptions,
  PushMethods,
  PushReport,
  PushRequestOptions,
  RemoteLedgerConnection,
  SyncEntriesOptions
} from '../api/push.js'
import { readCopies } from '../adopt/adopt-methods.js'
import type { CopiesChoice } from '../api/adopt.js'
import type { JobFilter } from '../api/jobs.js'
import { OfferApi } from './offer-api.js'
import { PushService, type PushServiceInit } from './push-service.js'
import { RemoteApi, type RemoteApiInit } from './remote-api.js'
import type { SyncFilters } from '../../core/payload-filter.js'
import { MAX_FILTER_VALUES } from '../../../protocols/push/limits.js'
import { OFFER_MODES } from '../../sync/push/types.js'
import type { Wish } from './pusher.js'
import { pullResult, pushedEntries, pushResult } from './sync-result.js'
import { copiedVoided } from '../sync-state/copied-voided.js'
import { StateApi } from '../sync-state/state-api.js'

export type PushingInit = PushServiceInit &
  Pick<RemoteApiInit, 'wanted' | 'adoption'> & {
    /** Throws INVALID_PARAMS. */
    readFilters: (given: SyncFilters) => SyncFilters
  }

/** The services that the methods need. */
export interface Pushing {
  service: PushService
  remotes: RemoteApi
  offers: OfferApi
  state: StateApi
  init: PushingInit
  stop: () => Promise<void>
}

const PUSH: Members<PushRequestOptions> = {
  ledgers: true,
  waitMs: true,
  through: true,
  mode: true,
  filters: true,
  entries: true
}
const ENTRIES: Members<SyncEntriesOptions> = { timeoutMs: true }
const PULL: Members<PullEntriesOptions> = { timeoutMs: true, since: true, limit: true, stream: true }
const ACCEPT: Members<{ headers?: boolean }> = { headers: true }
const REMOVE: Members<{ copies?: CopiesChoice }> = { copies: true }
const JOBS: Members<JobFilter> = { ledger: true, history: true }
const OWN_PROGRAM = { from: 'library', hidden: false }
const DEFAULT_TIMEOUT_MS = 30_000
/** The longest wait for receipts, in ms. */
const MAX_WAIT_MS = 600_000

export async function startPushing(init: PushingInit): Promise<Pushing> {
  const service = await PushService.load(init)
  await service.start()
  return {
    service,
    init,
    remotes: new RemoteApi({ ...init, service }),
    state: new StateApi({
      book: service.exceptions,
      open: init.ledgers.openConflicts,
      voided: async (id) => await copiedVoided(init.ledgers, id),
      store: init.store,
      ledgerOf: (id) => init.ledgers.get(id),
      flows: () => service.stateFlows(),
      again: (flow) => {
        service.again(flow)
      }
    }),
    offers: new OfferApi({
      inbox: service.inbox,
      tokens: service.tokens,
      replication: init.replication,
      bytesPerLedger: init.replication.room.bytesPerLedger
    }),
    stop: () => service.stop()
  }
}

/** `running` throws OFFLINE before the start. */
export function pushMethods(running: () => Pushing): PushMethods {
  const push = async (remote: LedgerId, given: PushRequestOptions = {}): Promise<PushReport> => {
    const { ledgers, waitMs = 0, through, entries = false, ...wish } = readOptions(given, PUSH)
    const pushing = running()
    const wanted = ledgers?.map(idOf) ?? [pushing.init.ledgers.own.id]
    if (through !== undefined && (wanted.length !== 1 || !isInteger(through, Number.MAX_SAFE_INTEGER)))
      throw new LedgermeshError('INVALID_PARAMS', 'through is a seq, of one ledger')
    const report = await pushing.service.push(idOf(remote), wanted, {
      waitMs: waitOf(waitMs),
      ...(through !== undefined && { through }),
      ...wishOf(wish, pushing.init.readFilters)
    })
    const told = entries ? report.flows : []
    return { ...report, entries: await Promise.all(told.map((flow) => pushedEntries(pushing, flow, through))) }
  }
  const known = async (remote: RemoteLedgerConnection, direction: 'pull' | 'push'): Promise<LedgerId> => {
    if (typeof remote === 'string') return idOf(remote)
    const { id, ...change } = remote
    if (
      change.syncDirection !== undefined &&
      change.syncDirection !== direction &&
      change.syncDirection !== 'bidirectional'
    )
      throw new LedgermeshError('INVALID_PARAMS', `this connection is for ${change.syncDirection} alone`)
    await running().remotes.add(id, change)
    return id
  }
  return {
    addRemote: async (ledger, change = {}) => await running().remotes.add(ledger, change),
    updateRemote: async (ledger, change) => await running().remotes.update(ledger, change),
    removeRemote: async (ledger, options) => {
      await running().remotes.remove(ledger, readCopies(readOptions(options, REMOVE).copies))
    },
    jobs: async (filter) => running().service.timekeeper.list(readOptions(filter, JOBS, 'filter')),
    remotes: async () => await running().remotes.list(),
    push,
    replicas: async (seq, wanted, timeoutMs) => await running().service.replicas(seq, wanted, waitOf(timeoutMs)),
    state: async (filter = {}) => await running().state.page(filter),
    retryState: async (choice = {}) => await running().state.retry(choice),
    clearState: async (choice = {}) => await running().state.clear(choice),
    pushEntries: async (remote, entries, options) => {
      const { timeoutMs = DEFAULT_TIMEOUT_MS } = readOptions(options, ENTRIES)
      const id = await known(remote, 'push')
      return await pushResult(running(), id, entries, waitOf(timeoutMs))
    },
    pullEntries: async (remote, options) => {
      const given = readOptions(options, PULL)
      const id = await known(remote, 'pull')
      return await pullResult(running(), id, { ...given, timeoutMs: waitOf(given.timeoutMs ?? DEFAULT_TIMEOUT_MS) })
    },
    syncBidirectional: async (remote, options) => {
      const { timeoutMs = DEFAULT_TIMEOUT_MS } = readOptions(options, ENTRIES)
      const id = await known(remote, 'push')
      const [pull, pushed] = await Promise.all([
        pullResult(running(), id, { timeoutMs: waitOf(timeoutMs) }),
        pushResult(running(), id, undefined, waitOf(timeoutMs))
      ])
      return { pull, push: pushed }
    },
    receive: async (brought, by = OWN_PROGRAM) => await running().service.receiver.receive(brought, by),
    offers: async () => running().offers.list(),
    acceptOffer: async (ledger, options) => {
      await running().offers.accept(ledger, readOptions(options, ACCEPT).headers === true)
    },
    dismissOffer: async (ledger) => {
      await running().offers.dismiss(ledger)
    },
    blockOffers: async (ledger) => {
      await running().offers.block(ledger)
    },
    invite: async (invitation = {}) => await running().offers.invite(invitation)
  }
}

function idOf(ledger: LedgerId): LedgerId {
  if (!isLedgerId(ledger)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
  return ledger
}

/** A filter that filters nothing is none. Throws INVALID_PARAMS. */
function wishOf({ mode, filters }: Wish, readFilters: PushingInit['readFilters']): Wish {
  if (mode !== undefined && !OFFER_MODES.includes(mode))
    throw new LedgermeshError('INVALID_PARAMS', `mode is ${OFFER_MODES.join(', ')}`)
  const lists = filters === undefined ? [] : Object.values(readFilters(filters) as Record<string, string[]>)
  if (lists.some((list) => list.length > MAX_FILTER_VALUES))
    throw new LedgermeshError('INVALID_PARAMS', `a list of a filter has at most ${MAX_FILTER_VALUES} values`)
  return {
    ...(mode !== undefined && { mode }),
    ...(filters !== undefined && lists.some((list) => list.length > 0) && { filters })
  }
}

function waitOf(ms: number): number {
  if (!isInteger(ms, MAX_WAIT_MS)) throw new LedgermeshError('INVALID_PARAMS', `a wait is 0 to ${MAX_WAIT_MS} ms`)
  return ms
}
