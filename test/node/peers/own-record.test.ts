import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import { decodeNodeRecord } from '../../../src/core/node-record.js'
import { OwnRecord } from '../../../src/node/peers/own-record.js'
import { NETWORK, TestClock, testKey } from '../../ledger/support.js'

const HOUR_MS = 60 * 60 * 1000

function setup() {
  const clock = new TestClock()
  const state = { addrs: ['/ip4/203.0.113.7/tcp/7440'], key: testKey('ledger'), full: false, renewed: 0 }
  const remembered: number[] = []
  const record = new OwnRecord({
    network: NETWORK,
    ledger: `b${'a'.repeat(52)}`,
    peerId: '12D3KooWL3hwtanTFomj8bT4KQEHukZW7QxNMqtopYFKae2cJ7Nr',
    signingKey: () => state.key,
    peerKey: testKey('peer'),
    capabilities: ['sync'],
    metadata: { version: '0.1.0', streams: [], region: null },
    addrs: () => state.addrs,
    clock,
    remember: async (_hash, expires) => {
      if (state.full) throw new LedgermeshError('STORE_FAILED', 'the disk is full')
      remembered.push(expires)
    },
    onRenewed: () => {
      state.renewed++
    }
  })
  const seqOf = async (): Promise<number> => decodeNodeRecord((await record.current()).body).seq
  return { clock, state, remembered, record, seqOf }
}

test('it is signed once, and again after half of its life', async () => {
  const { clock, state, remembered, record } = setup()
  const first = await record.current()
  clock.pass(6 * HOUR_MS - 1)
  expect(await record.current()).toBe(first)
  clock.pass(1)
  expect(record.ageingMs).toBe(0)
  expect(await record.current()).not.toBe(first)
  expect([state.renewed, remembered.length]).toEqual([2, 2])
})

test('a new address and a new key make it stale, and its seq always rises', async () => {
  const { state, record, seqOf } = setup()
  const first = await seqOf()
  state.addrs = ['/ip4/203.0.113.8/tcp/7440']
  expect(record.stale).toBe(true)
  const second = await seqOf()
  state.key = testKey('next')
  expect(decodeNodeRecord((await record.current()).body).key).toBe(testKey('next').publicKey)
  expect([second > first, (await seqOf()) > second]).toEqual([true, true])
})

test('who asks while it is made gets that one; an address that came meanwhile makes one more', async () => {
  const { state, remembered, record } = setup()
  const all = await Promise.all(Array.from({ length: 100 }, async () => await record.current()))
  expect([new Set(all).size, remembered.length]).toEqual([1, 1])
  state.addrs = ['/ip4/203.0.113.8/tcp/7440']
  const before = record.current()
  await Promise.resolve()
  state.addrs = ['/ip4/203.0.113.9/tcp/7440']
  const after = await record.current()
  await before
  expect(decodeNodeRecord(after.body).addrs).toEqual(state.addrs)
  expect(record.stale).toBe(false)
  expect(remembered.length).toBeLessThanOrEqual(3)
})

test('strangers that ask for proof together cost one write', async () => {
  const { remembered, record } = setup()
  const all = await Promise.all(Array.from({ length: 100 }, async () => await record.byPeerKey()))
  expect([new Set(all).size, remembered.length]).toEqual([1, 1])
})

test('it lists sixteen addresses at most', async () => {
  const { state, record } = setup()
  state.addrs = Array.from({ length: 40 }, (_, n) => `/ip4/203.0.113.${n}/tcp/7440`)
  expect(decodeNodeRecord((await record.current()).body).addrs).toHaveLength(16)
})

test('what the disk does not remember is not shown (R4): the one before, while it holds; never one by a retired key', async () => {
  const { clock, state, record } = setup()
  const first = await record.current()
  state.full = true
  clock.pass(7 * HOUR_MS)
  expect(await record.current()).toBe(first)
  clock.pass(5 * HOUR_MS)
  await expect(record.current()).rejects.toMatchObject({ code: 'STORE_FAILED' })
  state.full = false
  await record.current()
  state.full = true
  state.key = testKey('next')
  await expect(record.current()).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

test("a record by the peer's key is older than any other, and made once an hour", async () => {
  const { clock, remembered, record } = setup()
  const first = await record.byPeerKey()
  const { seq, key } = decodeNodeRecord(first.body)
  expect([seq, key]).toEqual([0, testKey('peer').publicKey])
  clock.pass(HOUR_MS - 1)
  expect(await record.byPeerKey()).toBe(first)
  clock.pass(1)
  expect(await record.byPeerKey()).not.toBe(first)
  expect(remembered).toHaveLength(2)
})
