/**
 * Plays seeds, several processes at once: `--seeds 200 [--from 1] [--jobs 2]`. Each seed is told when it is done; the
 * first that fails ends all.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'

export interface Soak<Name extends string> {
  /** How many seeds, when nobody says. */
  seeds: number
  /** Zeros under the names of what is counted. */
  none: Record<Name, number>
  run: (seed: number, flags: { daemons: boolean }) => Promise<Record<Name, number>>
  /** The last line. */
  sentence: (total: Record<Name, number>, flags: { daemons: boolean }) => string
}

export async function soak<Name extends string>({ seeds, none, run, sentence }: Soak<Name>): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: process.env.SEEDS ?? String(seeds) },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      daemons: { type: 'boolean', default: false }
    }
  })
  const { daemons } = values
  const [first, count, jobs] = [Number(values.from), Number(values.seeds), Number(values.jobs)]
  const total = { ...none }
  let done = 0
  const add = (seed: number, figures: Record<Name, number>): void => {
    for (const name of Object.keys(none) as Name[]) total[name] += figures[name]
    done++
    console.log(`seed ${seed}: ${JSON.stringify(figures)}`)
  }
  if (jobs > 1)
    await Promise.all(
      Array.from({ length: jobs }, async (_, job) => {
        const from = first + Math.floor((count * job) / jobs)
        const to = first + Math.floor((count * (job + 1)) / jobs)
        await inChild(from, to - from, daemons, add)
      })
    )
  else
    for (let seed = first; seed < first + count; seed++) {
      const figures = await run(seed, { daemons })
      if (process.send === undefined) add(seed, figures)
      else process.send({ seed, figures })
    }
  if (process.send === undefined)
    console.log(`${done} seeds, ${first} to ${first + count - 1}: ${sentence(total, { daemons })}`)
  process.exit()
}

async function inChild<Name extends string>(
  from: number,
  seeds: number,
  daemons: boolean,
  add: (seed: number, figures: Record<Name, number>) => void
): Promise<void> {
  const child = fork(process.argv[1]!, [`--from=${from}`, `--seeds=${seeds}`, ...(daemons ? ['--daemons'] : [])])
  child.on('message', ({ seed, figures }: { seed: number; figures: Record<Name, number> }) => {
    add(seed, figures)
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) {
    console.error(`a process of seeds ${from} to ${from + seeds - 1} ended with ${String(code)}`)
    process.exit(1)
  }
}
