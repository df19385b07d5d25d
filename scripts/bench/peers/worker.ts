/**
 * One side of one system in a process of its own: `worker <system> author|follower <folder>`. It does what its parent
 * says and ends with it.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AppendInput } from '../../../src/node/api/node.js'
import { readRecords } from '../records.js'
import { system as ledgermesh } from './ledgermesh.js'
import type { Follower, System, SystemName } from './system.js'

/** Numbers of the records, `to` exclusive. */
export interface Part {
  from: number
  to: number
}
/**
 * The calls of a worker. Times are milliseconds; `atNs` is the monotonic clock, which all processes of a machine share.
 */
export interface Calls {
  address: () => Promise<Record<string, string>>
  appendOneByOne: (part: Part) => Promise<number>
  appendBatches: (part: Part & { batch: number }) => Promise<number>
  appendConcurrently: (part: Part & { callers: number }) => Promise<number>
  append: (index: number) => Promise<{ atNs: string }>
  open: (address: Record<string, string>) => Promise<void>
  catchUp: (count: number) => Promise<{ readableMs: number; checkedMs: number }>
  arrival: (index: number) => Promise<{ atNs: string }>
  close: () => Promise<void>
}
export interface Request {
  call: keyof Calls
  argument: unknown
}
export type Answer = { result: unknown } | { error: string }

const [name, side, folder] = process.argv.slice(2) as [SystemName, 'author' | 'follower', string]
const records = await readRecords(Number(process.argv[5]))
const system =
  name === 'ledgermesh'
    ? ledgermesh
    : ((await import(pathToFileURL(resolve('scripts/bench/peers', `${name}.js`)).href)) as { system: System }).system
const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await run()
  return performance.now() - started
}

async function authorCalls(): Promise<Partial<Calls>> {
  const author = await system.author(folder)
  return {
    address: async () => author.address,
    appendOneByOne: async ({ from, to }) =>
      await timed(async () => {
        for (const record of records.slice(from, to)) await author.append(record)
      }),
    appendBatches: async ({ from, to, batch }) => {
      const batches: AppendInput[][] = []
      for (let at = from; at < to; at += batch) batches.push(records.slice(at, Math.min(to, at + batch)))
      return await timed(async () => {
        for (const part of batches) await author.appendBatch(part)
      })
    },
    appendConcurrently: async ({ from, to, callers }) => {
      const waiting = records.slice(from, to).values()
      const caller = async (): Promise<void> => {
        for (const record of waiting) await author.append(record)
      }
      return await timed(async () => await Promise.all(Array.from({ length: callers }, caller)))
    },
    append: async (index) => {
      const atNs = String(process.hrtime.bigint())
      await author.append(records[index]!)
      return { atNs }
    },
    close: async () => {
      await author.close()
    }
  }
}

function followerCalls(): Partial<Calls> {
  let follower: Follower
  let address: Record<string, string>
  const check = async (index: number): Promise<void> => {
    const { id } = await follower.read(index)
    if (id !== records[index]!.id) throw new Error(`entry ${index} is ${String(id)}, not ${String(records[index]!.id)}`)
  }
  return {
    open: async (given) => {
      address = given
      follower = await system.follower(folder, address)
    },
    catchUp: async (count) => {
      const started = performance.now()
      await follower.catchUp(address, count)
      const readableMs = performance.now() - started
      await follower.allChecked?.(count)
      const checkedMs = performance.now() - started
      for (let index = 0; index < count; index++) await check(index)
      return { readableMs, checkedMs: follower.allChecked === undefined ? readableMs : checkedMs }
    },
    arrival: async (index) => {
      await check(index)
      return { atNs: String(process.hrtime.bigint()) }
    },
    close: async () => {
      await follower.close()
    }
  }
}

const calls = side === 'author' ? await authorCalls() : followerCalls()

process.on('message', ({ call, argument }: Request) => {
  const run = calls[call] as (argument: unknown) => Promise<unknown>
  run(argument).then(
    (result) => {
      process.send!({ result })
    },
    (error: unknown) => {
      process.send!({ error: (error as Error).stack ?? String(error) })
    }
  )
})
process.on('disconnect', () => {
  process.exit()
})
process.send!({ result: 'ready' })
