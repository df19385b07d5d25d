import type { Candidate } from './types.js'

/** What a peer that never answered is thought to take, ms. */
export const UNKNOWN_LATENCY_MS = 250

/**
 * Best first: the owner's own nodes, then those that are connected, then by trust, success and speed; the peer id makes
 * it a total order, so that two runs ask the same.
 */
export function bestFirst(a: Candidate, b: Candidate): number {
  return (
    Number(b.isOwner) - Number(a.isOwner) ||
    Number(b.isConnected) - Number(a.isConnected) ||
    worthOf(b) - worthOf(a) ||
    (a.peer < b.peer ? -1 : 1)
  )
}

/** A peer that fails half of the time must be twice as fast. */
function worthOf({ trustMilli, success, latencyMs }: Candidate): number {
  return (success * (1 + trustMilli / 1000)) / Math.max(latencyMs, 1)
}
