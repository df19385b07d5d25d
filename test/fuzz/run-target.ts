/** Runs cases of a target, watches time and memory, and shrinks what breaks. */
import fc from 'fast-check'
import { readCorpus } from './corpus.js'
import { CONFIRMATIONS, MAX_CASE_BYTES, MAX_CASE_MS, MAX_TURN_MS, SMALL_BYTES } from './limits.js'
import { mutated } from './mutate.js'
import type { Target } from './target.js'

export interface Finding {
  target: string
  seed: number
  bytes: Uint8Array
  reason: string
}

/** Throws what is wrong: a property that does not hold, or a small input that takes too long or too much. */
export async function runCase(target: Target, bytes: Uint8Array): Promise<boolean> {
  const first = await measured(target, bytes)
  const limit = target.maxMs ?? MAX_CASE_MS
  if (bytes.length > SMALL_BYTES || (first.ms <= limit && first.grown <= MAX_CASE_BYTES)) return first.accepted
  let { ms, grown } = first
  for (let again = 1; again < CONFIRMATIONS && (ms > limit || grown > MAX_CASE_BYTES); again++) {
    const next = await measured(target, bytes)
    ms = Math.min(ms, next.ms)
    grown = Math.min(grown, next.grown)
  }
  if (ms > limit) throw new Error(`${bytes.length} bytes took ${Math.round(ms)} ms`)
  if (grown > MAX_CASE_BYTES) throw new Error(`${bytes.length} bytes took ${grown} bytes of memory`)
  return first.accepted
}

async function measured({ run }: Target, bytes: Uint8Array): Promise<{ accepted: boolean; ms: number; grown: number }> {
  const before = held()
  const start = process.cpuUsage()
  const accepted = await run(bytes)
  const { user, system } = process.cpuUsage(start)
  return { accepted, ms: (user + system) / 1000, grown: held() - before }
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Valid samples and what was kept. */
export async function samplesOf(target: Target): Promise<Uint8Array[]> {
  return [...(await target.seeds()), ...readCorpus(target.name).map(({ bytes }) => bytes)]
}

/** Cases that follow from the seed; null: nothing was found. `accepted` counts. */
export async function fuzz(
  target: Target,
  samples: readonly Uint8Array[],
  options: { seed: number; runs: number; count?: (accepted: boolean) => void }
): Promise<Finding | null> {
  const { seed, runs, count } = options
  const property = fc.asyncProperty(mutated(samples), async (bytes) => {
    const accepted = await runCase(target, bytes)
    count?.(accepted)
  })
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: runs,
    interruptAfterTimeLimit: MAX_TURN_MS
  })
  if (!failed || counterexample === null) return null
  return { target: target.name, seed, bytes: counterexample[0], reason: reasonOf(errorInstance) }
}

function reasonOf(error: unknown): string {
  const reasons: string[] = []
  for (let one = error; one instanceof Error; one = one.cause) reasons.push(one.message)
  return reasons.join(' ← ')
}
