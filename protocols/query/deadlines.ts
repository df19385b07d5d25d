import { BUSY_AFTER_MS, CLOSE_TIMEOUT_MS, REQUEST_TIMEOUT_MS, STALL_TIMEOUT_MS, TOTAL_TIMEOUT_MS } from './limits.js'
import type { QueryDeadlines } from './contract.js'

export const DEADLINES: QueryDeadlines = {
  requestMs: REQUEST_TIMEOUT_MS,
  busyAfterMs: BUSY_AFTER_MS,
  stallMs: STALL_TIMEOUT_MS,
  totalMs: TOTAL_TIMEOUT_MS,
  closeMs: CLOSE_TIMEOUT_MS
}
