/** One round of one system: the same work in the same order, in fresh folders and fresh processes. */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { quantile } from '../measure.js'
import type { SystemName } from './system.js'
import { startWorker } from './worker-process.js'

/** Milliseconds between two live appends: an announcement of ours may wait 100 ms for the one before it. */
const APPEND_EVERY_MS = 150
/** Live appends before the counted ones. */
const WARM_UP = 3
const BATCH = 1000
const CALLERS = 64

/** Numbers of entries. */
export interface Work {
  oneByOne: number
  concurrent: number
  inBatches: number
  live: number
}

/** Rates are entries/s; `live` is the median from the append call to the entry read at the follower, in ms. */
export interface Figures {
  oneByOne: number
  concurrent: number
  batches: number
  catchUp: number
  checked: number
  live: number
}

export async function round(
  system: SystemName,
  folder: string,
  { oneByOne, concurrent, inBatches, live }: Work
): Promise<Figures> {
  const size = oneByOne + concurrent + inBatches
  const records = size + WARM_UP + live
  const place = async (side: 'author' | 'follower') => {
    await mkdir(join(folder, side), { recursive: true })
    return { system, side, folder: join(folder, side), records }
  }
  const author = await startWorker(await place('author'))
  try {
    const follower = await startWorker(await place('follower'))
    try {
      const singlyMs = await author.call('appendOneByOne', { from: 0, to: oneByOne })
      const concurrentMs = await author.call('appendConcurrently', {
        from: oneByOne,
        to: oneByOne + concurrent,
        callers: CALLERS
      })
      const batchesMs = await author.call('appendBatches', { from: oneByOne + concurrent, to: size, batch: BATCH })
      await follower.call('open', await author.call('address'))
      const { readableMs, checkedMs } = await follower.call('catchUp', size)
      const times: number[] = []
      for (let i = 0; i < WARM_UP + live; i++) {
        const arrival = follower.call('arrival', size + i)
        const [started, arrived] = await Promise.all([author.call('append', size + i), arrival])
        if (i >= WARM_UP) times.push(Number(BigInt(arrived.atNs) - BigInt(started.atNs)) / 1e6)
        await wait(APPEND_EVERY_MS)
      }
      await follower.call('close')
      await author.call('close')
      return {
        oneByOne: (oneByOne / singlyMs) * 1000,
        concurrent: (concurrent / concurrentMs) * 1000,
        batches: (inBatches / batchesMs) * 1000,
        catchUp: (size / readableMs) * 1000,
        checked: (size / checkedMs) * 1000,
        live: quantile(
          times.toSorted((a, b) => a - b),
          0.5
        )
      }
    } finally {
      await follower.stop()
    }
  } finally {
    await author.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
