/** A rule that is broken on purpose, and who notices. */
import type { Probe } from './probes.js'

export type Mutation = Broken & CaughtBy

export interface Broken {
  /** Of the code. */
  part: string
  /** What is broken. */
  rule: string
  /** Under dist. */
  file: string
  /** Built code that stands there once, and what takes its place. */
  from: string
  to: string
}

/** Who notices: a seed of a simulated network, or a test file (its path under dist). */
export type CaughtBy = { probe: Probe; seed: number } | { test: string }

/** Throws unless what is to be broken stands there once. */
export function broken(text: string, { part, rule, from, to }: Mutation): string {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`${part}: ${rule}: stands there ${parts.length - 1} times`)
  return parts.join(to)
}
