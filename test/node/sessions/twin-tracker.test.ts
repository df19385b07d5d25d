import { expect, test } from 'vitest'
import type { HelloSession } from '../../../protocols/hello/index.js'
import type { SignedRecord, WireHead } from '../../../protocols/wire.js'
import { encodeNodeRecord } from '../../../src/core/node-record.js'
import { TwinTracker, TWINS, type TwinTrackerInit } from '../../../src/node/sessions/twin-tracker.js'
import { Author } from '../../core/author.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const GRACE_MS = 3_000
const COMPARE_MS = 5_000
const MAX_SHOWN = 64
const { ledger, signer } = await Author.create(7)

/** Whatever signed it: the tracker is shown checked ones. */
function recordOf(seq: number): SignedRecord {
  const body = encodeNodeRecord({
    v: 1,
    network: 'test',
    ledger,
    peer_id: '12D3KooWBq',
    key: signer.publicKey,
    seq,
    issued: 1,
    expires: 2,
    addrs: [],
    capabilities: [],
    metadata: { version: '0.1.0', streams: [], region: null }
  })
  return { body, signature: Buffer.from(`signature ${seq}`), keyEntries: [] }
}

function setup() {
  const clock = new TestClock()
  const compared: string[] = []
  const hidden = new Set<string>()
  const tracker = new TwinTracker({
    ledgers: { get: (id: string) => (id === ledger ? { id } : undefined), list: () => [{ id: ledger }] },
    rights: { mayHear: (peer: string) => !hidden.has(peer) },
    onHeads: async (peer: string, heads: WireHead[]) => {
      compared.push(`${peer} ${heads.map((head) => head.ledger).join(' ')}`)
    },
    clock,
    log: new TestLog()
  } as unknown as TwinTrackerInit)
  const told = new Map<HelloSession, SignedRecord[]>()
  const session = (peer = 'peer', features = [TWINS]): HelloSession => {
    const one = {
      peer,
      intro: { features },
      tellRecord: (record: SignedRecord) => told.get(one)!.push(record),
      askHeads: async (wanted: { ledger: string }[]) => ({ heads: wanted.map((head) => ({ ledger: head.ledger })) })
    } as unknown as HelloSession
    told.set(one, [])
    return one
  }
  const pass = async (ms: number): Promise<void> => {
    clock.pass(ms)
    await new Promise(setImmediate)
  }
  return { tracker, session, told, compared, hidden, pass }
}

test('two connections of one peer: each is shown the record of the other, once, and the heads are compared', async () => {
  const { tracker, session, told, compared, pass } = setup()
  const [one, other] = [session(), session()]
  tracker.joined(one, recordOf(1))
  tracker.joined(other, recordOf(2))
  await pass(GRACE_MS - 1)
  expect([told.get(one), compared]).toEqual([[], []])
  await pass(1)
  await pass(COMPARE_MS)
  expect([told.get(one), told.get(other)]).toEqual([[recordOf(2)], [recordOf(1)]])
  expect(compared).toEqual(Array.from({ length: 4 }, () => `peer ${ledger}`))
})

test('a node that came back: its old connection is gone in time, and nobody is suspected', async () => {
  const { tracker, session, told, compared, pass } = setup()
  const [old, one] = [session(), session()]
  tracker.joined(old, recordOf(1))
  tracker.joined(one, recordOf(2))
  tracker.left(old)
  await pass(GRACE_MS + COMPARE_MS)
  expect([told.get(one), compared, tracker.another(one)]).toEqual([[], [], undefined])
})

test('two peers with one connection each are no twins', async () => {
  const { tracker, session, compared, pass } = setup()
  tracker.joined(session('a'), recordOf(1))
  tracker.joined(session('b'), recordOf(2))
  await pass(GRACE_MS + COMPARE_MS)
  expect(compared).toEqual([])
})

test('who does not understand it, or shows the same record, is told nothing', async () => {
  const { tracker, session, told, pass } = setup()
  const [deaf, one, same] = [session('peer', []), session(), session()]
  tracker.joined(deaf, recordOf(1))
  tracker.joined(one, recordOf(2))
  tracker.joined(same, recordOf(2))
  await pass(GRACE_MS)
  expect([told.get(deaf), told.get(one), told.get(same)]).toEqual([[], [recordOf(1)], [recordOf(1)]])
})

test('records without end, shown on one session, are passed on up to a bound', async () => {
  const { tracker, session, told, pass } = setup()
  const [flood, one] = [session(), session()]
  tracker.joined(flood, recordOf(1))
  tracker.joined(one, null)
  await pass(GRACE_MS)
  for (let seq = 2; seq < 2 * MAX_SHOWN; seq++) tracker.showed('peer', flood.intro, recordOf(seq))
  expect(told.get(one)).toHaveLength(MAX_SHOWN)
  tracker.showed('peer', session().intro, recordOf(999))
  tracker.showed('nobody', flood.intro, recordOf(999))
  expect(told.get(flood)).toEqual([])
})

test('who may not hear of a ledger is not asked for its head', async () => {
  const { tracker, session, compared, hidden, pass } = setup()
  hidden.add('peer')
  tracker.joined(session(), recordOf(1))
  tracker.joined(session(), null)
  await pass(GRACE_MS)
  expect(compared).toEqual([])
})

test('a record that an earlier session shows too is known: one node with two connections', () => {
  const { tracker, session } = setup()
  const one = session()
  tracker.joined(session(), recordOf(1))
  expect([recordOf(1), recordOf(2), null].map((record) => tracker.isKnown(one, record))).toEqual([true, false, false])
  expect(tracker.isKnown(session('another'), recordOf(1))).toBe(false)
})

test('nothing is looked at after the end', async () => {
  const { tracker, session, compared, pass } = setup()
  tracker.joined(session(), recordOf(1))
  tracker.joined(session(), recordOf(2))
  tracker.stop()
  await pass(GRACE_MS + COMPARE_MS)
  expect(compared).toEqual([])
})
