/**
 * One author, many followers, each in a process of its own: how long a burst takes to reach all of them, and what the
 * author sends for it; then the same with an author that is slow to hand out anything.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { answer, end } from '../answer.js'
import { medianAnd95, summary } from '../measure.js'
import type { Row } from '../row.js'
import type { Burst, CrowdAuthorReady, Sent, ToCrowdAuthor } from './author.js'
import type { Arrived } from './follower.js'

const BURST = 1000
/** Milliseconds that the slow author waits before each answer. */
const SLOW_MS = 1000
/** Milliseconds between the first arrival of all and the burst: the followers find each other in them. */
const SETTLE_MS = 10_000
const KIB = 1024

export async function measureCrowd({
  folder,
  followers,
  say
}: {
  folder: string
  followers: number
  say: (what: string) => void
}): Promise<Row[]> {
  const rows: Row[] = []
  for (const slowMs of [0, SLOW_MS]) {
    const who =
      slowMs === 0
        ? `${followers} followers`
        : `${followers} followers, an author that takes ${slowMs} ms for each answer`
    say(`a burst of ${BURST} appends: ${who}`)
    const { burst, arrivals, sentBytes } = await run(join(folder, `crowd-${slowMs}`), followers, slowMs)
    rows.push(
      {
        what: `burst of ${BURST}: until all hold all; ${who}`,
        figure: summary([Math.max(...arrivals)]),
        unit: 'ms',
        limit: { what: 'the appends alone', value: burst.appendMs }
      },
      { what: '  until a follower holds all', figure: medianAnd95(arrivals), unit: 'ms' },
      {
        what: '  what the author sent, per follower',
        figure: summary([sentBytes / followers / KIB]),
        unit: 'KiB',
        limit: { what: 'the entries, uncompressed', value: burst.entryBytes / KIB }
      }
    )
  }
  return rows
}

async function run(
  dir: string,
  followers: number,
  slowMs: number
): Promise<{ burst: Burst; arrivals: number[]; sentBytes: number }> {
  await mkdir(dir)
  const processes: ChildProcess[] = []
  const start = (name: string, ...args: string[]): ChildProcess => {
    const child = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), args)
    processes.push(child)
    return child
  }
  try {
    const author = start('author', dir, String(slowMs))
    const { ledger, addr } = await answer<CrowdAuthorReady>(author)
    const crowd = Array.from({ length: followers }, (_, i) => start('follower', join(dir, String(i)), addr, ledger))
    const all = async (size: number): Promise<Arrived[]> =>
      await Promise.all(
        crowd.map(async (child) => {
          child.send(size)
          return await answer<Arrived>(child)
        })
      )
    const ask = async <T>(message: ToCrowdAuthor): Promise<T> => {
      author.send(message)
      return await answer<T>(author)
    }
    await all(1) // the genesis
    await wait(SETTLE_MS)
    const before = await ask<Sent>({ sent: true })
    const arrived = all(1 + BURST)
    const burst = await ask<Burst>({ burst: BURST })
    const arrivals = (await arrived).map(({ atNs }) => Number(BigInt(atNs) - BigInt(burst.startedNs)) / 1e6)
    const after = await ask<Sent>({ sent: true })
    return { burst, arrivals, sentBytes: after.bytes - before.bytes }
  } finally {
    await Promise.all(processes.map(end))
  }
}
