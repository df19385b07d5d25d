/** The results of push and pull by entry ids, for programs. */
import { OUTCOMES, reasonOf, type Run } from '../../../protocols/push/index.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { PushedEntries, PushFlow, SyncResult } from '../api/push.js'
import type { PushService, PushServiceInit } from './push-service.js'
import type { AdoptControl } from '../adopt/adopt-control.js'
import { nextTurn } from '../runtime/next-turn.js'
import type { EntryOutcome } from '../../sync/adopt/types.js'

interface Parts {
  service: PushService
  init: PushServiceInit & { adoption: AdoptControl }
}

/** Most ids in one answer. */
const MAX_IDS = 1_000
/** Entries read in one step. */
const PAGE = 500

/** `entries`: those to report on; default: the newest 1,000. */
export async function pushResult(
  { service, init }: Parts,
  remote: LedgerId,
  entries: readonly { id: string; seq: number }[] | undefined,
  timeoutMs: number
): Promise<SyncResult> {
  const { own } = init.ledgers
  if (entries !== undefined && entries.length > MAX_IDS)
    throw new LedgermeshError('INVALID_PARAMS', `at most ${MAX_IDS} entries at once`)
  const wanted = entries ?? (await idsOf(own, Math.max(0, own.visible - MAX_IDS), {}))
  const through = entries === undefined ? undefined : Math.max(...entries.map(({ seq }) => seq))
  const { flows } = await service.push(remote, [own.id], {
    waitMs: timeoutMs,
    ...(through !== undefined && Number.isSafeInteger(through) && { through })
  })
  const { ledger: _own, skipped: _left, ...result } = await outcomesOf({ service, init }, flows[0]!, wanted)
  return result
}

/** What became of the newest 1,000 entries of a flow, up to `through`. */
export async function pushedEntries(parts: Parts, flow: PushFlow, through: number | undefined): Promise<PushedEntries> {
  const ledger = parts.init.ledgers.get(flow.ledger)!
  const end = Math.min(ledger.visible, (through ?? Infinity) + 1)
  return await outcomesOf(
    parts,
    flow,
    await idsOf(ledger, Math.max(0, end - MAX_IDS), { limit: Math.min(end, MAX_IDS) })
  )
}

async function outcomesOf(
  { service, init }: Parts,
  { ledger: id, remote, durable, code }: PushFlow,
  wanted: readonly { id: string; seq: number }[]
): Promise<PushedEntries> {
  const ledger = init.ledgers.get(id)!
  const number = service.remotes.get(remote)?.number ?? 0
  const noted = await service.exceptions.at(
    { ledgerNumber: ledger.ledgerNumber, direction: 'outbound', remote: number },
    wanted.map(({ seq }) => seq)
  )
  const result: PushedEntries = {
    ledger: id,
    accepted: [],
    rejected: [],
    conflicts: await conflictsOf(init, ledger, wanted),
    skipped: skippedIn(service.pusher.resultsOf(id, remote), wanted)
  }
  const inConflict = new Set(result.conflicts.map(({ id }) => id))
  for (const [i, { id, seq }] of wanted.entries()) {
    const exception = noted[i]
    if (exception?.status === 'failed') result.rejected.push({ id, reason: exception.code })
    else if (seq < durable) result.accepted.push(id)
    else result.rejected.push({ id, reason: code ?? 'QUEUED' })
    if (exception?.status === 'conflict' && !inConflict.has(id)) result.conflicts.push({ id, conflict: exception.code })
  }
  return result
}

/** How many of the entries the remote skipped, by reason. */
function skippedIn(runs: readonly Run[], wanted: readonly { seq: number }[]): Record<string, number> {
  const skipped: Record<string, number> = {}
  for (const { from, count, outcome, reason } of runs) {
    if (outcome !== OUTCOMES.skipped) continue
    const name = reasonOf(reason)
    const some = wanted.filter(({ seq }) => from <= seq && seq < from + count).length
    if (some > 0) skipped[name] = (skipped[name] ?? 0) + some
  }
  return skipped
}

/** Undecided conflicts of the entries: the entry's id and the conflict's. */
async function conflictsOf(
  { ledgers }: Pick<PushServiceInit, 'ledgers'>,
  { id: ledger, reader }: Ledger,
  wanted: readonly { seq: number }[]
): Promise<SyncResult['conflicts']> {
  const entries = (await reader.many(wanted.map(({ seq }) => seq))).filter((entry) => entry !== null)
  const standing = await ledgers.openConflicts.of(ledger, entries)
  return entries.flatMap(({ header: { id } }, i) => standing[i]!.map((conflict) => ({ id, conflict })))
}

interface Wanted {
  since?: number
  limit?: number
  stream?: string
  timeoutMs: number
}

/** The new entries of the remote's ledger; for an adopted one, the outcomes of its entries. */
export async function pullResult({ init }: Pick<Parts, 'init'>, remote: LedgerId, wanted: Wanted): Promise<SyncResult> {
  const { replication, ledgers, follows, adoption } = init
  const from = ledgers.get(remote)?.visible ?? 0
  if (!follows.has(remote)) await replication.control.follow(remote, null)
  if (adoption.isAdopted(remote)) return await adoptResult(init, remote, wanted)
  await pull(init, remote, wanted.timeoutMs)
  const news = await idsOf(ledgers.get(remote)!, from, {
    ...wanted,
    limit: Math.min(wanted.limit ?? MAX_IDS, MAX_IDS)
  })
  const held = ledgers.get(remote)!
  const lacking = new Set(await held.missingPayloads(MAX_IDS, from))
  return {
    accepted: news.filter(({ seq }) => !lacking.has(seq)).map(({ id }) => id),
    rejected: news.filter(({ seq }) => lacking.has(seq)).map(({ id }) => ({ id, reason: 'NO_PAYLOAD' })),
    conflicts: await conflictsOf(init, held, news)
  }
}

async function adoptResult(
  init: Parts['init'],
  remote: LedgerId,
  { since = 0, limit = MAX_IDS, stream, timeoutMs }: Wanted
): Promise<SyncResult> {
  const accepted: string[] = []
  const rejected: SyncResult['rejected'] = []
  const seen: { seq: number }[] = []
  const onOutcome = (outcome: EntryOutcome): void => {
    const { id, header } = outcome
    if (header.timestamp < since || (stream !== undefined && header.stream !== stream)) return
    if (accepted.length + rejected.length >= Math.min(limit, MAX_IDS)) return
    seen.push({ seq: outcome.seq })
    if (outcome.outcome === 'adopted' || outcome.outcome === 'existing') accepted.push(id)
    // Other entries were not requested.
    else if ('code' in outcome && outcome.code !== 'RESERVED' && outcome.code !== 'FILTERED')
      rejected.push({ id, reason: outcome.code })
  }
  const until = init.clock.now() + timeoutMs
  await init.adoption.watch(remote, {
    run: () => pull(init, remote, timeoutMs),
    onOutcome,
    timeLeftMs: () => Math.max(until - init.clock.now(), 1)
  })
  return { accepted, rejected, conflicts: await conflictsOf(init, init.ledgers.get(remote)!, seen) }
}

async function pull(
  { replication, ledgers, clock }: Parts['init'],
  remote: LedgerId,
  timeoutMs: number
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.after(timeoutMs, resolve)
  await Promise.race([promise, replication.control.pull(ledgers.get(remote)!)])
  cancel()
}

async function idsOf(
  ledger: Ledger,
  from: number,
  { since = 0, stream, limit = MAX_IDS }: { since?: number; stream?: string; limit?: number }
): Promise<{ id: string; seq: number }[]> {
  const found: { id: string; seq: number }[] = []
  for (let seq = from; seq < ledger.visible && found.length < limit; seq++) {
    if (seq % PAGE === PAGE - 1) await nextTurn()
    const entry = await ledger.reader.one(seq)
    if (entry !== null && entry.header.timestamp >= since && (stream === undefined || entry.header.stream === stream))
      found.push({ id: entry.header.id, seq })
  }
  return found
}
