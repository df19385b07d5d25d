/** All rounds in alternation, so that whatever else this machine does hits all systems alike. */
import { join } from 'node:path'
import { summary, type Measure } from '../measure.js'
import { round, type Figures, type Work } from './round.js'
import { SYSTEMS, type SystemName } from './system.js'

/** `long` without OrbitDB, which would take minutes for it. */
export type Length = 'long' | 'short'
export type Results = Record<Length, Partial<Record<SystemName, Record<keyof Figures, Measure>>>>

export interface RunOptions {
  folder: string
  rounds: number
  work: Record<Length, Work>
  say: (what: string) => void
}

const WHO: Record<Length, SystemName[]> = { long: ['ledgermesh', 'hypercore'], short: [...SYSTEMS] }

export async function run({ folder, rounds, work, say }: RunOptions): Promise<Results> {
  const all: Record<Length, Partial<Record<SystemName, Figures[]>>> = { long: {}, short: {} }
  for (let number = 0; number < rounds; number++) {
    for (const length of ['long', 'short'] as const) {
      // another one begins in each round
      const order = WHO[length].map((_, i, names) => names[(i + number) % names.length]!)
      for (const system of order) {
        say(`round ${number + 1} of ${rounds}, ${sizeOf(work[length])} entries: ${system}`)
        const figures = (all[length][system] ??= [])
        figures.push(await round(system, join(folder, `${number}-${length}-${system}`), work[length]))
      }
    }
  }
  return { long: measures(all.long), short: measures(all.short) }
}

/** Entries that a follower catches up with. */
export function sizeOf({ oneByOne, concurrent, inBatches }: Work): number {
  return oneByOne + concurrent + inBatches
}

function measures(all: Partial<Record<SystemName, Figures[]>>): Results[Length] {
  return Object.fromEntries(
    Object.entries(all).map(([system, rounds]) => {
      const names = Object.keys(rounds[0]!) as (keyof Figures)[]
      return [system, Object.fromEntries(names.map((name) => [name, summary(rounds.map((figures) => figures[name]))]))]
    })
  )
}
