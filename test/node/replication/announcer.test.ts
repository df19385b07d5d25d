import { beforeAll, expect, test } from 'vitest'
import { encodeAnnouncement } from '../../../protocols/announce/index.js'
import { MAX_TOPICS } from '../../../protocols/announce/limits.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { Entry } from '../../../src/core/entry.js'
import { Announcer, type AnnouncerInit } from '../../../src/node/replication/announcer.js'
import { TestClock, TestLog } from '../../ledger/support.js'
import { decode, history, NETWORK, verifier } from '../../sim/histories.js'
import { SimLedger } from '../../sim/sim-ledger.js'
import { World } from '../../sim/world.js'

type Judge = (peer: string, bytes: Uint8Array) => Promise<string>

let ledger: string
let entries: Entry[]
beforeAll(async () => {
  ;({ ledger, entries } = await history('announcer', 40))
})

function setup(size = 20) {
  const held = new SimLedger(new World(1, { latency: [1, 1], loss: 0 }), ledger)
  held.add(entries.slice(0, size))
  const clock = new TestClock()
  const topics = new Map<string, Judge>()
  const heads: number[] = []
  const state = { evidence: true as boolean | Error, broken: false }
  const announcer = new Announcer({
    peerNetwork: {
      host: {
        subscribe: (topic: string, judge: Judge) => {
          topics.set(topic, judge)
        },
        unsubscribe: (topic: string) => {
          topics.delete(topic)
        },
        publish: async () => undefined
      }
    },
    network: NETWORK,
    ledgers: { get: (id: string) => (id === ledger ? held : undefined) },
    verifier,
    clock,
    log: new TestLog(),
    onHead: async (_peer: string, _ledger: unknown, entry: Entry) => {
      heads.push(entry.header.seq)
    },
    onBroken: async () => state.broken,
    onEvidence: async () => {
      if (state.evidence instanceof Error) throw state.evidence
      return state.evidence
    }
  } as unknown as AnnouncerInit)
  announcer.join(ledger)
  const judge = async (bytes: Uint8Array): Promise<string> => await [...topics.values()][0]!('peer', bytes)
  const told = async (entry: Entry): Promise<string> =>
    await judge(encodeAnnouncement({ head: { header: entry.raw.header, signature: entry.raw.signature } }))
  return { announcer, held, clock, topics, heads, state, judge, told }
}

test('a new head by the key in force is passed on, ten a second at most', async () => {
  const { told, clock, heads } = setup()
  expect([await told(entries[20]!), await told(entries[21]!)]).toEqual(['accept', 'ignore'])
  clock.pass(100)
  expect(await told(entries[22]!)).toBe('accept')
  expect(heads).toEqual([20, 21, 22])
})

test('what is held, or disputed, is no news and costs nothing', async () => {
  const { told, held, heads } = setup()
  expect(await told(entries[19]!)).toBe('ignore')
  held.frozen = { size: 10, evidence: 'e' } as never
  expect(await told(entries[30]!)).toBe('ignore')
  expect(heads).toEqual([])
})

test('what the message alone proves to be made up is rejected', async () => {
  const { told, judge } = setup()
  const other = await history('another', 40)
  expect([
    await judge(Uint8Array.of(1, 2, 3)),
    await told(other.entries[30]!),
    await told(decode({ ...entries[30]!.raw, signature: new Uint8Array(64) }))
  ]).toEqual(['reject', 'reject', 'reject'])
})

test('a head against the grammar is its relay that made it up, unless its author signed it', async () => {
  const { judge, state } = setup()
  const broken = encodeAnnouncement({
    head: { header: new TextEncoder().encode('{"v":1}'), signature: new Uint8Array(64) }
  })
  expect(await judge(broken)).toBe('reject')
  state.broken = true
  expect(await judge(broken)).toBe('ignore')
})

test('evidence is passed on when it is new; a false one is rejected; what fails here is thrown', async () => {
  const { judge, state } = setup()
  const message = encodeAnnouncement({ evidence: new Uint8Array(100) })
  expect(await judge(message)).toBe('accept')
  state.evidence = false
  expect(await judge(message)).toBe('ignore')
  state.evidence = new LedgermeshError('BAD_EVIDENCE', 'made up')
  expect(await judge(message)).toBe('reject')
  state.evidence = new LedgermeshError('OVERLOADED', 'no time')
  expect(await judge(message)).toBe('ignore')
  state.evidence = new LedgermeshError('STORE_FAILED', 'the disk is full')
  await expect(judge(message)).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

test('there are so many topics, and no more', () => {
  const { announcer } = setup()
  const ids = Array.from(
    { length: MAX_TOPICS },
    (_, n) => `b${n.toString(2).replaceAll('0', 'x').replaceAll('1', 'y').padStart(51, 'x')}a`
  )
  for (const each of ids.slice(1)) expect(announcer.join(each)).toBe(true)
  expect([announcer.join(ids[0]!), announcer.has(ids[0]!)]).toEqual([false, false])
  announcer.leave(ids[1]!)
  expect(announcer.join(ids[0]!)).toBe(true)
})
