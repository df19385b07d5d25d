import type {
  PendingOffer,
  PushedEntries,
  PushFlow,
  PushReport,
  RemoteLedger,
  Replicas,
  SyncState
} from '../../node/api/push.js'
import { DEFAULT_PRIORITY } from '../../sync/schedule/limits.js'
import { shorten, showAgo, showBytes, showCount, showTime } from '../format.js'
import { showTable } from '../table.js'

const NAME_COLUMNS = 24

/** How far what is pushed has come: confirmed of all, and why it is not more. */
function showFlow({ size, durable, code, next }: PushFlow): string {
  if (code === null) return `all ${size} confirmed`
  return `${durable} of ${size} confirmed, ${code}${next === null ? '' : `, next try ${showAgo(next)}`}`
}

function explained(flows: PushFlow[]): string[] {
  const reasons = new Map(
    flows.flatMap(({ code, explanation }) =>
      code === null || explanation === null ? [] : [[code, explanation] as const]
    )
  )
  return [...reasons].map(([code, explanation]) => `${code}: ${explanation}`)
}

export function showRemotes(remotes: RemoteLedger[]): string {
  if (remotes.length === 0) return 'No remotes. Make one with `npx ledgermesh remotes add <ledger>`.'
  const table = showTable(
    ['LEDGER', 'NAME', 'DIRECTION', 'CONNECTED', 'PULLED', 'PUSHED'],
    remotes.map((remote) => [
      remote.ledger,
      remote.name === null ? '-' : shorten(remote.name, NAME_COLUMNS),
      [remote.syncDirection, ...showTurns(remote)].join('\n'),
      remote.peers.length === 0 ? 'no' : 'yes',
      [showPulled(remote), ...showExceptions(remote.exceptions.inbound)].join(', '),
      [remote.flows.map(showFlow).join('\n') || '-', ...showExceptions(remote.exceptions.outbound)].join(', ')
    ])
  )
  return [table, ...explained(remotes.flatMap(({ flows }) => flows))].join('\n')
}

/** Schedule, priority and bandwidth of a remote, where they differ from the defaults. */
function showTurns({ schedule, open, opens, priority, inKiBps, outKiBps }: RemoteLedger): string[] {
  const when = open ? 'now' : opens === null ? 'when it is asked for' : showAgo(opens)
  return [
    ...(schedule === 'continuous' ? [] : [`${schedule}: ${when}`]),
    ...(priority === DEFAULT_PRIORITY ? [] : [`priority ${priority}`]),
    ...(inKiBps === null ? [] : [`in ${inKiBps} KiB/s`]),
    ...(outKiBps === null ? [] : [`out ${outKiBps} KiB/s`])
  ]
}

/** Those that `state` lists. */
function showExceptions({ conflict, failed }: RemoteLedger['exceptions']['inbound']): string[] {
  return [...(failed > 0 ? [`${failed} failed`] : []), ...(conflict > 0 ? [`${conflict} in conflict`] : [])]
}

function showPulled({ mode, filters, paused, pushed }: RemoteLedger): string {
  if (mode === null) return '-'
  const what = mode === 'headers' ? 'headers alone' : filters === null ? 'all' : 'filtered'
  const how = mode === 'adopt' ? `${what}, adopted` : what
  const room = pushed === null ? '' : `, offered: ${showBytes(pushed.taken)} of ${showBytes(pushed.bytes)}`
  return `${how}${paused ? ', paused' : ''}${room}`
}

export function showPush({ flows, entries }: PushReport): string {
  const table = showTable(
    ['LEDGER', 'STATUS', 'CONFIRMED'],
    flows.map((flow) => [flow.ledger, flow.status, showFlow(flow)])
  )
  return [table, ...explained(flows), ...entries.map(showPushed)].join('\n')
}

/** One line, and one for each entry that was not taken or stands in a conflict. */
function showPushed({ ledger, accepted, rejected, conflicts, skipped }: PushedEntries): string {
  const left = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`)
  return [
    `${ledger}: ${showCount(accepted.length, 'entry')} accepted, ${rejected.length} rejected, ${conflicts.length} in conflict${left.length > 0 ? `; left out there: ${left.join(', ')}` : ''}`,
    ...rejected.map(({ id, reason }) => `  rejected  ${shorten(id, NAME_COLUMNS)}  ${reason}`),
    ...conflicts.map(({ id, conflict }) => `  conflict  ${shorten(id, NAME_COLUMNS)}  ${conflict}`)
  ].join('\n')
}

export function showReplicas({ confirmed, waiting }: Replicas): string {
  const lines = [
    confirmed.length === 0
      ? 'No confirmations yet.'
      : `Confirmed by ${confirmed.join(', ')} (${confirmed.length} of ${showCount(confirmed.length + waiting.length, 'remote')}).`
  ]
  for (const { ledger, code, explanation } of waiting) lines.push(`Not by ${ledger}: ${code}. ${explanation}`)
  if (confirmed.length + waiting.length === 0)
    lines.push('There is no remote to push to: `npx ledgermesh remotes add <ledger> --direction push`.')
  return lines.join('\n')
}

export function showOffers(offers: PendingOffer[]): string {
  if (offers.length === 0) return 'No offers wait for your decision.'
  return showTable(
    ['LEDGER', 'NAME', 'ENTRIES', 'FROM', 'TRUSTED', 'STATE', 'SINCE'],
    offers.map(({ ledger, name, size, from, peer, trusted, state, first }) => [
      ledger,
      shorten(name, NAME_COLUMNS),
      String(size),
      from ?? peer,
      trusted ? 'yes' : 'no',
      state,
      showTime(first)
    ])
  )
}

export function showInvitation({ token, expires }: { token: string; expires: number | null }): string {
  return `${token}\nAnyone who has this token may push here${expires === null ? '' : ` until ${showTime(expires)}`}. It is not shown again: pass it on privately.\nThere: npx ledgermesh remotes add <your ledger> --direction push --token <token>`
}

export function showState({ rows, nextCursor }: SyncState): string {
  if (rows.length === 0)
    return nextCursor === null
      ? 'No rows match, or nothing is pulled or pushed.'
      : `None on this page. More: --cursor ${nextCursor}`
  const table = showTable(
    ['REMOTE', 'DIR', 'STATUS', 'CODE', 'TRIES', 'NEXT', 'ENTRY'],
    rows.map(({ remote, direction, status, code, attempts, nextAttempt, seq, entryId }) => [
      remote,
      direction === 'inbound' ? 'in' : 'out',
      status,
      code ?? '-',
      String(attempts),
      nextAttempt === null ? '-' : showAgo(nextAttempt),
      `${seq} ${shorten(entryId, NAME_COLUMNS)}`
    ])
  )
  const reasons = new Map(
    rows.flatMap(({ code, error }) => (code === null || error === null ? [] : [[code, error] as const]))
  )
  return [
    table,
    ...[...reasons].map(([code, error]) => `${code}: ${error}`),
    ...(nextCursor === null ? [] : [`More: --cursor ${nextCursor}`])
  ].join('\n')
}
