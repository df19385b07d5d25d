import { BUSY_AFTER_MS, CLOSE_TIMEOUT_MS, REQUEST_TIMEOUT_MS, SESSION_MS, STALL_TIMEOUT_MS } from './limits.js'
import type { PushDeadlines } from './contract.js'

export const DEADLINES: PushDeadlines = {
  requestMs: REQUEST_TIMEOUT_MS,
  busyAfterMs: BUSY_AFTER_MS,
  stallMs: STALL_TIMEOUT_MS,
  sessionMs: SESSION_MS,
  closeMs: CLOSE_TIMEOUT_MS
}
