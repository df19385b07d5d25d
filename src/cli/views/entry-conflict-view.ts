/** Conflicts between entries, side by side at the width of the screen. */
import type { ConflictList, ConflictSibling, ConflictView } from '../../node/api/conflicts.js'
import { showAgo, showCount, showTime } from '../format.js'
import { showPairs } from '../pairs.js'
import { showTable } from '../table.js'

/** Hex digits of a conflict's id, after its c, that tell it apart, and that commands take. */
const ID_CHARS = 12

export function showEntryConflicts({ conflicts, complete }: ConflictList): string {
  const rest = complete ? '' : '\nNot all entries have been checked yet: there may be more.'
  if (conflicts.length === 0) return `No entries are in conflict.${rest}`
  const rows = conflicts.map(({ conflict, rule, key, state, siblings, since }) => [
    conflict.slice(0, ID_CHARS),
    state,
    String(siblings),
    showAgo(since),
    rule,
    showKey(key)
  ])
  return `${showTable(['CONFLICT', 'STATE', 'ENTRIES', 'SINCE', 'RULE', 'KEY'], rows)}${rest}`
}

export function showEntryConflict(view: ConflictView): string {
  const current = view.siblings.findIndex(({ entry }) => entry.hash === view.current)
  const head = showPairs([
    ['conflict', view.conflict],
    ['rule', view.rule],
    ['key', showKey(view.key)],
    ['state', `${view.state}: ${view.explanation}`],
    ...(view.current === null
      ? []
      : [['current', current === -1 ? view.current : `entry ${current + 1}`] as [string, string]]),
    ...(view.by === null ? [] : [['decided by', view.by] as [string, string]]),
    ...(view.note === null || view.note === '' ? [] : [['note', view.note] as [string, string]]),
    ...(view.kinds.length === 0 ? [] : [['kind', view.kinds.join(', ')] as [string, string]]),
    ...view.withdrawn.map(({ ledger, seq, kind }): [string, string] => [
      kind,
      `entry ${seq} of ${ledger} is a copy of what does not count any more`
    ]),
    ...(view.waiting === 0
      ? []
      : [['waiting', `for ${showCount(view.waiting, 'entry')} that they refer to`] as [string, string]]),
    ...(view.clamped.length === 0
      ? []
      : [
          ['dated ahead', `${showCount(view.clamped.length, 'entry')}: other nodes may choose otherwise`] as [
            string,
            string
          ]
        ])
  ])
  const others =
    view.count > view.siblings.length
      ? `\n\n… and ${showCount(view.count - view.siblings.length, 'more entry')}: --json does not have them either.`
      : ''
  return `${head}\n\n${showSideBySide(view.siblings)}${others}${nextStep(view)}`
}

function showSideBySide(siblings: ConflictSibling[]): string {
  const fields = [
    ...new Set(siblings.flatMap(({ entry: { payload } }) => (isObject(payload) ? Object.keys(payload) : [])))
  ].sort()
  const row = (name: string, text: (sibling: ConflictSibling) => string): string[] => [name, ...siblings.map(text)]
  const rows = [
    row('ledger', ({ entry }) => entry.ledger),
    row('seq', ({ entry }) => String(entry.seq)),
    row('hash', ({ entry }) => entry.hash),
    row('written', ({ entry }) => showTime(entry.timestamp)),
    row('stored', ({ storedAt }) => showTime(storedAt)),
    row('type', ({ entry }) => entry.type),
    ...(siblings.some(({ entry }) => entry.payload_state !== 'present')
      ? [row('payload', ({ entry }) => entry.payload_state)]
      : []),
    ...(siblings.some(({ copies }) => copies.length > 0)
      ? [row('copies in', ({ copies }) => copies.map(({ ledger }) => ledger).join('\n'))]
      : []),
    ...fields.map((field) =>
      row(`/${field}`, ({ entry: { payload } }) =>
        isObject(payload) && Object.hasOwn(payload, field) ? JSON.stringify(payload[field]) : '-'
      )
    ),
    ...(siblings.some(({ entry: { payload } }) => payload !== null && !isObject(payload))
      ? [row('payload', ({ entry: { payload } }) => JSON.stringify(payload))]
      : [])
  ]
  return showTable(['', ...siblings.map((_, index) => `ENTRY ${index + 1}`)], rows)
}

function nextStep({ conflict, state }: ConflictView): string {
  if (state !== 'open' && state !== 'reopened' && state !== 'waiting') return ''
  return `\n\nDecide: \`npx ledgermesh resolve ${conflict.slice(0, ID_CHARS)} --choose <number>\`,\n--merged '<json>' or --none.`
}

function showKey(key: ConflictView['key']): string {
  return Object.entries(key)
    .map(([field, value]) => `${field}=${value}`)
    .join(' ')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
