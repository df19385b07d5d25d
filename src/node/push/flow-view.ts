import { PUSH_SENTENCES } from '../../sync/push/codes.js'
import type { Flow, PushCode } from '../../sync/push/types.js'
import type { PushFlow } from '../api/push.js'

/** Codes of flows that soon continue without action. */
const UNDERWAY = new Set<PushCode>(['NO_CONNECTION', 'SCHEDULED', 'QUEUED', 'OFFERED', 'FETCHING', 'BUSY'])

/** `size`: number of entries held here. */
export function viewFlow(flow: Flow, size: number): PushFlow {
  const { ledger, remote, durable, code, attempts, last, next } = flow
  const status =
    code === null ? 'synced' : UNDERWAY.has(code) || code === 'PENDING' || code === 'MANUAL' ? 'pending' : 'failed'
  return {
    ledger,
    remote,
    size,
    durable,
    status,
    code,
    explanation: code === null ? null : PUSH_SENTENCES[code],
    attempts,
    last,
    next
  }
}

/** Waiting is of no use: the flow is confirmed, or stands still until someone acts. */
export function isSettled({ code }: Flow): boolean {
  return code === null || !UNDERWAY.has(code)
}
