import { expect, test, vi } from 'vitest'
import { WireError } from '../../../protocols/wire.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { Ledger } from '../../../src/ledger/ledger.js'
import { PayloadFiller, type PayloadFillerInit } from '../../../src/node/replication/payload-backfill.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const WAIT = { timeout: 15_000 }

/** Between two rounds, in ms: as in the source. */
const RETRY_MS = 30_000

/** A ledger that lacks payloads, and peers that have some of them. */
function lacking(
  missing: number[],
  peers: Record<string, (seqs: number[]) => number[]>,
  changes: Partial<PayloadFillerInit> = {}
) {
  const clock = new TestClock()
  const log = new TestLog()
  const left = new Set(missing)
  const asked: { peer: string; seqs: number[] }[] = []
  const dropped: [string, string][] = []
  const rounds: [number, boolean][] = []
  const ledger = {
    id: 'a',
    missingPayloads: async (count: number) => [...left].slice(0, count),
    putPayload: async (seq: number, payload: Uint8Array) => {
      if (payload.length === 0) throw new LedgermeshError('PAYLOAD_MISMATCH', 'not what the header commits to')
      return left.delete(seq)
    }
  } as unknown as Ledger
  const peerNetwork = {
    fetchPayloads: async (peer: string, _ledger: string, seqs: number[]) => {
      asked.push({ peer, seqs })
      const has = peers[peer]!(seqs)
      return seqs.map((seq) => ({
        seq,
        payload: has.includes(seq) ? new Uint8Array([1]) : has.includes(-seq) ? new Uint8Array() : null
      }))
    },
    drop: (peer: string, code: string) => {
      dropped.push([peer, code])
    }
  }
  const filler = new PayloadFiller({
    peerNetwork,
    clock,
    log,
    peersOf: () => Object.keys(peers),
    onRound: (_ledger, count, wasAsked) => {
      rounds.push([count, wasAsked])
    },
    onFull: () => undefined,
    throttledUntil: () => null,
    onBytes: () => undefined,
    ...changes
  })
  return {
    clock,
    log,
    left,
    asked,
    dropped,
    rounds,
    ledger,
    filler,
    end: async () => {
      await vi.waitFor(() => {
        expect(rounds).not.toEqual([])
      }, WAIT)
    }
  }
}

test('asks each peer for what is still missing', async () => {
  const { asked, left, rounds, ledger, filler, end } = lacking([1, 2, 3], { p: () => [1], q: () => [2, 3] })
  filler.fill(ledger)
  await end()
  expect(left.size).toBe(0)
  expect(asked.map(({ peer, seqs }) => [peer, ...seqs])).toEqual([
    ['p', 1, 2, 3],
    ['p', 2, 3],
    ['q', 2, 3]
  ])
  expect(rounds).toEqual([[0, true]])
})

test('a peer that made a payload up is dropped, and the next one is asked', async () => {
  const { dropped, left, ledger, filler, end } = lacking([1], { liar: () => [-1], honest: () => [1] })
  filler.fill(ledger)
  await end()
  expect(dropped).toEqual([['liar', 'PAYLOAD_MISMATCH']])
  expect(left.size).toBe(0)
})

test('a peer that is busy is not held to blame', async () => {
  const { dropped, rounds, ledger, filler, end } = lacking([1], {
    p: () => {
      throw new WireError('BUSY', 'later', { retryMs: 1000 })
    }
  })
  filler.fill(ledger)
  await end()
  expect(dropped).toEqual([])
  expect(rounds).toEqual([[1, true]])
})

test('what stays missing is asked for again after a while, or when something changes', async () => {
  const { clock, asked, rounds, ledger, filler, end } = lacking([1], { p: () => [] })
  filler.fill(ledger)
  await end()
  expect(asked).toHaveLength(1)
  await vi.waitFor(() => {
    clock.pass(RETRY_MS)
    expect(asked.length).toBeGreaterThan(1)
  }, WAIT)
  await vi.waitFor(() => {
    expect(rounds).toHaveLength(asked.length)
  }, WAIT)
  const before = asked.length
  await vi.waitFor(() => {
    filler.nudge(ledger)
    expect(asked.length).toBeGreaterThan(before)
  }, WAIT)
})

test('a ledger that is not to be filled is left alone, and so is everything after the stop', async () => {
  const { asked, ledger, filler } = lacking([1], { p: () => [1] }, { peersOf: () => null })
  filler.fill(ledger)
  const stopped = lacking([1], { p: () => [1] })
  stopped.filler.stop()
  stopped.filler.fill(stopped.ledger)
  stopped.filler.nudge(stopped.ledger)
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect(asked).toEqual([])
  expect(stopped.asked).toEqual([])
})

test('nobody was asked: the round says so', async () => {
  const { rounds, ledger, filler, end } = lacking([1, 2], {})
  filler.fill(ledger)
  await end()
  expect(rounds).toEqual([[2, false]])
})
