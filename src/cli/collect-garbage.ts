/**
 * Memory that a flood left behind goes back to the system within a minute: V8 collects the old generation, and the
 * buffers it holds, only when a node is busy again.
 */
import type { Clock } from '../ports.js'

/**
 * Bytes more than at the least that make a collection worth its pause: of what is used, and of what an idle node keeps.
 */
const WORTH_BYTES = 40 * 1024 * 1024
const IDLE_WORTH_BYTES = 16 * 1024 * 1024
/** The part of the time that a node worked since the last look, up to which a pause is in nobody's way. */
const IDLE_SHARE = 0.1
/**
 * Milliseconds between two looks; and the time between two collections as a multiple of the last pause: what is in use
 * and not garbage costs half a percent of the time at most.
 */
const LOOK_MS = 10_000
const PAUSES = 200

export interface Memory {
  /** Bytes on the heap and in buffers outside it, garbage included. */
  used: () => number
  /** Bytes taken from the system for the heap and for buffers: `used`, and what is free and kept for later. */
  kept: () => number
  /** Milliseconds that this process has worked. */
  worked: () => number
  /** Frees all that is garbage, gives back what is free, and returns when it is done. */
  collect: () => void
  /** Milliseconds, of a clock that nobody sets. */
  now: () => number
}

/**
 * Until what it returns is called. What is in use during one look may be garbage at the next: only the least that was
 * ever used says what a node needs. What is only kept for later is given back by a node that has nothing to do: a busy
 * one would take it again at once. And what a busy node had in use is garbage soon after: one that has nothing to do any
 * more need not wait as long as its last pause says, until a collection finds little.
 */
export function collectGarbage({ after }: Pick<Clock, 'after'>, memory: Memory): () => void {
  const { used, kept, worked, collect, now } = memory
  const least = { used: used(), kept: kept() }
  const last = { at: now(), worked: worked() }
  const collected = { at: -Infinity, pauseMs: 0, mayHaveMore: false }
  let cancel: () => void = () => {}
  const look = (): void => {
    const start = now()
    const idle = worked() - last.worked <= IDLE_SHARE * (start - last.at)
    const isDue = start - collected.at >= PAUSES * collected.pauseMs || (idle && collected.mayHaveMore)
    if (isDue && (used() - least.used > WORTH_BYTES || (idle && kept() - least.kept > IDLE_WORTH_BYTES))) {
      const before = kept()
      collect()
      collected.at = now()
      collected.pauseMs = collected.at - start
      collected.mayHaveMore = !idle || before - kept() > IDLE_WORTH_BYTES
    }
    least.used = Math.min(least.used, used())
    least.kept = Math.min(least.kept, kept())
    last.at = now()
    last.worked = worked()
    cancel = after(LOOK_MS, look)
  }
  cancel = after(LOOK_MS, look)
  return () => {
    cancel()
  }
}

/** Of this process, if it was started so that it can (own-memory.ts). */
export function collectOwnGarbage(clock: Clock): () => void {
  const { gc } = globalThis
  if (gc === undefined) return () => {}
  return collectGarbage(clock, {
    used: () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage()
      return heapUsed + arrayBuffers
    },
    kept: () => {
      const { heapTotal, arrayBuffers } = process.memoryUsage()
      return heapTotal + arrayBuffers
    },
    worked: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1000
    },
    collect: () => {
      // A regular collection keeps the emptied pages for later: 123 MiB became 269, and stayed so, after 8 s of opened streams.
      gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    },
    now: () => performance.now()
  })
}
