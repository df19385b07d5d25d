import { expect, test } from 'vitest'
import type { HelloSession } from '../../../protocols/hello/index.js'
import type { SignedRecord } from '../../../protocols/wire.js'
import type { LedgerReader } from '../../../src/ledger/ledger-reader.js'
import { RecordDisclosure, type RecordDisclosureInit } from '../../../src/node/sessions/record-disclosure.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const ledgerOf = (access: 'public' | 'private'): LedgerReader => ({ chain: { access } }) as LedgerReader

function setup(spoken: LedgerReader | null, readers: string[] = []) {
  const clock = new TestClock()
  const log = new TestLog()
  const told: string[] = []
  const state = { record: recordOf('first'), fails: false, asked: 0 }
  const sessions = new Map<string, HelloSession>()
  const init = {
    ledgers: { list: () => (spoken === null ? [] : [spoken]) },
    rights: { may: (peer: string) => readers.includes(peer) },
    spokenFor: () => spoken,
    record: async () => {
      state.asked++
      if (state.fails) throw new Error('the disk is full')
      return state.record
    },
    ageingMs: () => 1000,
    introduceTo: ['friend'],
    sessions,
    clock,
    log
  } as unknown as RecordDisclosureInit
  const disclosure = new RecordDisclosure(init)
  const meet = (peer: string): void => {
    sessions.set(peer, {
      peer,
      tellRecord: (record: SignedRecord) => {
        told.push(`${peer} ${Buffer.from(record.body).toString()}`)
      }
    } as HelloSession)
  }
  return { disclosure, clock, log, told, state, meet }
}

function recordOf(name: string): SignedRecord {
  return { body: new TextEncoder().encode(name), signature: new Uint8Array(64), keyEntries: [] }
}

test('of a private ledger only its readers hear, and whom the operator names', async () => {
  const { disclosure } = setup(ledgerOf('private'), ['reader'])
  expect(['stranger', 'reader', 'friend'].map((peer) => disclosure.mayShow(peer))).toEqual([false, true, true])
  expect(await disclosure.first('stranger')).toBeNull()
  disclosure.want('stranger')
  expect(await disclosure.first('stranger')).not.toBeNull()
})

test('of a public ledger everybody hears; of none, those whom the operator names', () => {
  expect(setup(ledgerOf('public')).disclosure.mayShow('stranger')).toBe(true)
  const { disclosure } = setup(null)
  expect(['stranger', 'friend'].map((peer) => disclosure.mayShow(peer))).toEqual([false, true])
})

test('a connected peer is shown a record once, and a newer one when there is one', async () => {
  const { disclosure, told, state, meet, clock } = setup(ledgerOf('public'))
  meet('peer')
  await disclosure.first('peer')
  disclosure.review()
  await Promise.resolve()
  expect(told).toEqual([])
  state.record = recordOf('second')
  clock.pass(1000) // by itself, when it is to be made anew
  await expect.poll(() => told).toEqual(['peer second'])
  disclosure.review()
  disclosure.forget('peer')
  disclosure.review()
  await expect.poll(() => told).toEqual(['peer second', 'peer second'])
  disclosure.stop()
})

test('a record that cannot be made is logged, and tried again', async () => {
  const { disclosure, log, state, meet, told, clock } = setup(ledgerOf('public'))
  meet('peer')
  state.fails = true
  disclosure.review()
  await expect.poll(() => log.lines).toMatchObject([{ level: 'warn', fields: { event: 'hello.record-failed' } }])
  state.fails = false
  clock.pass(1000)
  await expect.poll(() => told).toEqual(['peer first'])
  disclosure.stop()
})

test('for all that are connected the record is asked for once, and not after the end', async () => {
  const { disclosure, state, meet, told } = setup(ledgerOf('public'))
  disclosure.review() // nobody is there: none is made
  for (const peer of ['a', 'b', 'c']) meet(peer)
  disclosure.review()
  await expect.poll(() => told).toEqual(['a first', 'b first', 'c first'])
  expect(state.asked).toBe(1)
  disclosure.stop()
  disclosure.review()
  await Promise.resolve()
  expect(state.asked).toBe(1)
})
