/**
 * One ledger pulled from or pushed to one remote, as spans of entries with one status: the watermarks, without
 * exceptions.
 */
import type { LedgerId } from '../../core/ledger-id.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import type { StateCode, StateStatus } from '../../sync/exceptions/state.js'
import type { PushFlow } from '../api/push.js'

export interface Stretch {
  from: number
  to: number
  status: StateStatus
  code: StateCode | null
}

export interface StateFlow {
  ledger: LedgerId
  remote: LedgerId
  place: FlowPlace
  stretches: Stretch[]
  /** The code of the flow as a whole, for entries that are no exceptions. */
  attempts: number
  last: number | null
  next: number | null
}

/** `remote`: its number; 0: it has none, and there are no notes for it. */
export function outboundFlow(
  { ledger, remote, size, durable, status, code, attempts, last, next }: PushFlow,
  ledgerNumber: number,
  number: number
): StateFlow {
  return {
    ledger,
    remote,
    place: { ledgerNumber, direction: 'outbound', remote: number },
    stretches: stretchesOf([
      { from: 0, to: durable, status: 'synced', code: null },
      { from: durable, to: size, status: status === 'failed' ? 'failed' : 'pending', code: code ?? 'QUEUED' }
    ]),
    attempts,
    last,
    next
  }
}

export interface InboundFacts {
  ledger: LedgerId
  ledgerNumber: number
  size: number
  visible: number
  audited: number
  /** Time of the next check, ms since the epoch; null: when something changes. */
  next: number | null
}

/** Stored, audited and undisputed entries are synced; entries that have not arrived have no id, and so no row. */
export function inboundFlow({ ledger, ledgerNumber, size, visible, audited, next }: InboundFacts): StateFlow {
  const synced = Math.min(audited, visible)
  return {
    ledger,
    remote: ledger,
    place: { ledgerNumber, direction: 'inbound', remote: 0 },
    stretches: stretchesOf([
      { from: 0, to: synced, status: 'synced', code: null },
      { from: synced, to: visible, status: 'pending', code: 'UNAUDITED' },
      { from: visible, to: size, status: 'conflict', code: 'SOURCE_DISPUTED' }
    ]),
    attempts: 0,
    last: null,
    next
  }
}

/** The order of rows. */
export function placeOf({ remote, ledger, place }: Pick<StateFlow, 'remote' | 'ledger' | 'place'>): string {
  return `${remote} ${ledger} ${place.direction}`
}

function stretchesOf(stretches: Stretch[]): Stretch[] {
  return stretches.filter(({ from, to }) => from < to)
}
