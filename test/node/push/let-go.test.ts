import { expect, test } from 'vitest'
import type { Ledger } from '../../../src/ledger/ledger.js'
import { LetGo, type LetGoInit } from '../../../src/node/push/let-go.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const DAY_MS = 24 * 60 * 60_000
const HOUR_MS = 60 * 60_000
const clock0 = new TestClock().now()

interface Followed {
  pool?: 'anyone' | 'named'
  /** When it came, and when its newest entry was stored. */
  at?: number
  grown?: number | null
  paused?: boolean
}

/** What is let go of after so long. */
async function gone(
  followed: Record<string, Followed>,
  afterMs: number,
  { sources = [], fails = [] }: { sources?: string[]; fails?: string[] } = {}
): Promise<{ gone: string[]; log: TestLog; letGo: LetGo; clock: TestClock }> {
  const clock = new TestClock()
  const log = new TestLog()
  const done: string[] = []
  const ids = Object.keys(followed)
  clock.time += afterMs
  const letGo = new LetGo({
    store: {
      all: async ({ gte }: { gte: Buffer }) => {
        const { grown = null } = followed[ids[gte.readUInt32BE(1)]!]!
        if (grown === null) return []
        const value = Buffer.alloc(6)
        value.writeUIntBE(grown, 0, 6)
        return [[gte, value]]
      }
    },
    ledgers: {
      get: (id: string) => ({ id, ledgerNumber: ids.indexOf(id), size: followed[id]!.grown === undefined ? 0 : 1 })
    },
    follows: {
      list: () => ids,
      get: (id: string) => {
        const { pool = 'anyone', at = clock0, paused = false } = followed[id]!
        return { paused, origin: { pool, at } }
      }
    },
    adoption: { sources: () => sources },
    letGo: async ({ id }: Ledger) => {
      if (fails.includes(id)) throw new Error('the disk')
      done.push(id)
    },
    clock,
    log
  } as unknown as LetGoInit)
  letGo.start()
  await new Promise(setImmediate)
  return { gone: done, log, letGo, clock }
}

test('what the operator named, paused or adopted stays, however still it is', async () => {
  const still: Record<string, Followed> = { named: { pool: 'named' }, paused: { paused: true }, adopted: {} }
  expect((await gone(still, 99 * DAY_MS, { sources: ['adopted'] })).gone).toEqual([])
})

test('a ledger of strangers goes when it was still for fourteen days, not a moment before', async () => {
  expect((await gone({ one: {} }, 14 * DAY_MS - 1)).gone).toEqual([])
  expect((await gone({ one: {} }, 14 * DAY_MS)).gone).toEqual(['one'])
})

test('one that cannot be deleted is said, and keeps none of the others', async () => {
  const found = await gone({ stuck: {}, one: {} }, 14 * DAY_MS, { fails: ['stuck'] })
  expect(found.gone).toEqual(['one'])
  expect(found.log.lines.map(({ fields }) => fields.event)).toEqual(['push.let-go-failed', 'push.let-go'])
})

test('it looks every hour, and not after the end', async () => {
  const { gone: done, letGo, clock } = await gone({ one: {} }, 14 * DAY_MS - HOUR_MS)
  clock.pass(HOUR_MS)
  await new Promise(setImmediate)
  expect(done).toEqual(['one'])
  await letGo.stop()
  clock.pass(HOUR_MS)
  await new Promise(setImmediate)
  expect(done).toEqual(['one'])
})
