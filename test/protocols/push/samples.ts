/** One of each thing that push says. */
import type { Decision, Offer, Progress, Run } from '../../../protocols/push/index.js'
import { LEDGER, bytes } from '../streams.js'

export const one: Offer = { ledger: LEDGER, header: bytes(3), signature: bytes(64), mode: 'mirror' }
export const accepted: Decision = {
  ledger: LEDGER,
  decision: 'accepted',
  reason: 0,
  mode: 'mirror',
  size: 0,
  hash: null,
  store: bytes(16)
}
export const progress: Progress = { ledger: LEDGER, stored: 3, durable: 2, audited: 1, stall: 0, hash: bytes(32) }
export const run: Run = { from: 0, count: 1, outcome: 1, reason: 0 }
