import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { LedgerEntry } from '../../core/view.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { readEntryKey } from '../../ledger/read/entry-key.js'
import type { Clock } from '../../ports.js'
import { followReferences } from '../../references/follow-references.js'
import type { ReferenceSource } from '../../references/types.js'
import {
  DEADLINE_MS,
  DEPTH,
  FAN_OUT,
  MIN_TRUST_MILLI,
  readDirection,
  readTypes,
  TOTAL,
  within
} from '../../references/limits.js'
import type {
  EntryKey,
  FollowedReferences,
  FollowReferencesOptions,
  References,
  ReferencesOptions
} from '../api/references.js'
import { FetchedReferences } from './fetched-references.js'
import { followable, HeldReferences, type HeldEntry } from './held-references.js'

const ONE: Members<ReferencesOptions> = { direction: true, types: true, limit: true, payloads: true }
const FOLLOW: Members<FollowReferencesOptions> = {
  maxDepth: true,
  fanOut: true,
  total: true,
  deadlineMs: true,
  direction: true,
  types: true,
  minTrustMilli: true,
  fetch: true,
  payloads: true
}

/** The references of one entry, by the ledgers held here. Throws INVALID_PARAMS, NOT_FOUND. */
export async function referencesOf(
  ledgers: Ledgers,
  ledger: LedgerId | undefined,
  pointer: EntryKey | string,
  options?: ReferencesOptions
): Promise<References> {
  const { direction, types, limit, payloads: given } = readOptions(options, ONE)
  const payloads = readPayloads(given) ?? true
  const limits = {
    maxDepth: 0,
    fanOut: within('limit', limit, FAN_OUT),
    total: TOTAL.most,
    direction: readDirection(direction, 'both'),
    types: readTypes(types)
  }
  const start = await startOf(ledgers, ledger, pointer, payloads)
  const source = Object.assign(new HeldReferences(ledgers, payloads), { isTrusted: () => true, isOver: () => false })
  const { edges, frontier } = await followReferences(start, limits, source)
  const { ledger: of, id, hash } = start
  return {
    entry: { ledger: of, id, hash },
    references: edges,
    more: frontier.some(({ reason }) => reason === 'fan_out')
  }
}

export interface Following {
  ledgers: Ledgers
  clock: Clock
  /** 0–1000: the own ledger's trust in this one. */
  trustMilli: (ledger: LedgerId) => number
  /** Fetches entries that are not held; absent: no node is asked. */
  fetch?:
    | ((ledger: LedgerId, wanted: { hashes: string[]; ids: string[] }, withinMs: number) => Promise<LedgerEntry[]>)
    | undefined
}

/**
 * Follows references from one entry, among the ledgers held here; with `fetch` also in others. Throws INVALID_PARAMS,
 * NOT_FOUND.
 */
export async function followFrom(
  { ledgers, clock, trustMilli, fetch }: Following,
  ledger: LedgerId | undefined,
  pointer: EntryKey | string,
  options?: FollowReferencesOptions
): Promise<FollowedReferences> {
  const {
    maxDepth,
    fanOut,
    total,
    deadlineMs,
    direction,
    types,
    minTrustMilli,
    fetch: from = 'held',
    payloads: given
  } = readOptions(options, FOLLOW)
  if (from !== 'held' && from !== 'network') throw new LedgermeshError('INVALID_PARAMS', 'fetch is held or network')
  const payloads = readPayloads(given)
  const limits = {
    maxDepth: within('maxDepth', maxDepth, DEPTH),
    fanOut: within('fanOut', fanOut, FAN_OUT),
    total: within('total', total, TOTAL),
    direction: readDirection(direction, 'out'),
    types: readTypes(types)
  }
  const least = within('minTrustMilli', minTrustMilli, MIN_TRUST_MILLI)
  const end = clock.now() + within('deadlineMs', deadlineMs, DEADLINE_MS)
  const start = await startOf(ledgers, ledger, pointer, payloads ?? true)
  const isTrusted = (id: LedgerId): boolean => least === 0 || id === ledgers.own.id || trustMilli(id) >= least
  const held = new HeldReferences(ledgers, payloads ?? true)
  const entries =
    fetch === undefined || from === 'held'
      ? held
      : new FetchedReferences({
          held,
          payloads: payloads === undefined ? 'held' : payloads ? 'ask' : 'none',
          isTrusted,
          isHeld: (id) => (ledgers.get(id)?.visible ?? 0) > 0,
          fetch: async (id, wanted) => await fetch(id, wanted, Math.max(end - clock.now(), 1))
        })
  const source: ReferenceSource<HeldEntry> = {
    resolve: async (references) => await entries.resolve(references),
    referring: async (entry, limit) => await entries.referring(entry, limit),
    isTrusted,
    isOver: () => clock.now() >= end
  }
  const { nodes, ...found } = await followReferences(start, limits, source)
  return {
    ...found,
    nodes: nodes.map(({ entry: { view }, depth }): { entry: LedgerEntry; depth: number } => ({ entry: view, depth }))
  }
}

function readPayloads(given: boolean | undefined): boolean | undefined {
  if (given !== undefined && typeof given !== 'boolean')
    throw new LedgermeshError('INVALID_PARAMS', 'payloads is true or false')
  return given
}

async function startOf(
  ledgers: Ledgers,
  id: LedgerId | undefined,
  pointer: EntryKey | string,
  payloads: boolean
): Promise<HeldEntry> {
  const ledger = id === undefined ? ledgers.own : ledgers.get(id)
  if (ledger === undefined) throw new LedgermeshError('NOT_FOLLOWED', `ledger ${id} is not held here`)
  const view = await ledger.get(readEntryKey(pointer))
  if (view === null) throw new LedgermeshError('NOT_FOUND', `no such entry in ${ledger.id}`)
  return followable(view, payloads)
}
