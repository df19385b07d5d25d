/** Answers about the tracked references of one ledger. */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { readOptions, type Members } from '../../core/options.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { STATES, within } from '../../references/limits.js'
import type { ReferenceStatus } from '../../references/types.js'
import type { ReferenceStates, ReferenceStatesOptions } from '../api/references.js'
import { STATUSES } from './reference-row.js'
import type { ReferenceTracker } from './reference-tracker.js'

const OPTIONS: Members<ReferenceStatesOptions> = { status: true, limit: true, cursor: true }

/** Throws INVALID_PARAMS, CURSOR_INVALID, NOT_FOUND. */
export async function referenceStates(
  tracker: ReferenceTracker,
  ledgers: Ledgers,
  given: ReferenceStatesOptions | undefined,
  id: LedgerId = ledgers.own.id
): Promise<ReferenceStates> {
  const { status, limit, cursor } = readOptions(given, OPTIONS)
  const ledger = tracker.tracked().find((one) => one.id === id)
  if (ledger === undefined) throw new LedgermeshError('NOT_FOUND', `no account is kept of the references of ${id}`)
  if (status !== undefined && !STATUSES.includes(status))
    throw new LedgermeshError('INVALID_PARAMS', `status is ${STATUSES.join(', ')}`)
  const { ledgerNumber } = ledger
  const complete = tracker.isCaughtUp
  const counts = tracker.book.counts(ledgerNumber)
  const { found, next } = await tracker.book.list(
    ledgerNumber,
    status ?? null,
    readCursor(cursor, status),
    within('limit', limit, STATES)
  )
  const places = await tracker.at(found.map(({ place }) => place))
  return {
    ledger: id,
    counts,
    complete,
    references: places.flatMap(({ entry: { header, hash }, reference, before }) =>
      before === null
        ? []
        : [
            {
              from: { ledger: id, id: header.id, hash },
              to: { ledger: reference.ledgerId, id: reference.entryId, hash: reference.entryHash },
              type: reference.referenceType,
              ...before
            }
          ]
    ),
    nextCursor: next === null ? null : [status ?? 'all', next.seq, next.index].join('.')
  }
}

function readCursor(cursor: string | undefined, status: ReferenceStatus | undefined): { seq: number; index: number } {
  if (cursor === undefined) return { seq: 0, index: 0 }
  const [, of, seq, index] = /^([a-z]+)\.(\d{1,14})\.(\d{1,3})$/.exec(cursor) ?? []
  if (of !== (status ?? 'all') || Number(index) > 255)
    throw new LedgermeshError('CURSOR_INVALID', 'the cursor belongs to another question')
  return { seq: Number(seq), index: Number(index) }
}
