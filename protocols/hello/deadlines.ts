import { BUSY_AFTER_MS, CLOSE_TIMEOUT_MS, INTRO_TIMEOUT_MS, REPLY_TIMEOUT_MS, STALL_TIMEOUT_MS } from './limits.js'
import type { HelloDeadlines } from './contract.js'

export const DEADLINES: HelloDeadlines = {
  introMs: INTRO_TIMEOUT_MS,
  busyAfterMs: BUSY_AFTER_MS,
  replyMs: REPLY_TIMEOUT_MS,
  stallMs: STALL_TIMEOUT_MS,
  closeMs: CLOSE_TIMEOUT_MS
}
