import { expect, test } from 'vitest'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { OwnLedger } from '../../../src/ledger/own-ledger.js'
import type { ErasuresResult } from '../../../src/node/api/erasures.js'
import { Erasures } from '../../../src/node/replication/erasure-receipts.js'
import type { PeerNetwork } from '../../../src/node/sessions/peer-network.js'
import { Author } from '../../core/author.js'
import { TestClock, TestLog } from '../../ledger/support.js'

/** Mirrors that are remembered. */
const MAX_MIRRORS = 256
/** Where the entries are whose payloads are erased, and the entry that erases them. */
const [ONE, TWO, ERASING] = [2, 5, 8]
const SIZE = 10

const author = await Author.create(3)
while (author.size < SIZE) await author.append({ id: `${author.size}` })
const OWN = author.ledger
const hashOf = (seq: number): string => author.entries[seq]!.hash

interface Mirror {
  /** Entries that it says to have. */
  size: number
  /** Seqs whose payloads it hands out. */
  holds: number[]
  connected: boolean
  fails: boolean
}

function setup(names: readonly string[] = [hashOf(ONE), hashOf(TWO)]) {
  const mirrors = new Map<string, Mirror>()
  const strangers = new Set<string>()
  const clock = new TestClock()
  const asked: number[][] = []
  let onAsked: (peer: string, wanted: { ledger: string; size: number }[]) => void
  const erasures = new Erasures({
    own: () =>
      ({
        id: OWN,
        visible: SIZE,
        query: async () => ({
          entries: [
            { seq: ERASING, hash: hashOf(ERASING), timestamp: 1, type: 'ledger.erase', meta: { entries: names } }
          ],
          nextCursor: null,
          hasMore: false
        }),
        get: async ({ hash }: { hash: string }) => {
          const seq = author.entries.findIndex((entry) => entry.hash === hash)
          return seq === -1 ? null : { seq }
        }
      }) as unknown as OwnLedger,
    peerNetwork: {
      use: (handlers: { onAsked: typeof onAsked }) => {
        ;({ onAsked } = handlers)
      },
      connections: { isConnected: (peer: string) => mirrors.get(peer)?.connected === true },
      directory: { get: () => null, isCredible: () => false },
      rights: { mayHear: (peer: string) => !strangers.has(peer) },
      requests: {
        askHeads: async (peer: string) => {
          const { size, fails } = mirrors.get(peer)!
          if (fails) throw new LedgermeshError('TIMEOUT', 'no answer')
          if (size === SIZE) return { heads: [], same: [OWN] }
          return { heads: size === 0 ? [] : [{ ledger: OWN, ...author.entries[size - 1]!.raw }], same: [] }
        },
        fetchPayloads: async (peer: string, _ledger: string, seqs: number[]) => {
          asked.push(seqs)
          // One at a time: whoever asks goes on behind it.
          return seqs.slice(0, 1).map((seq) => ({
            seq,
            payload: mirrors.get(peer)!.holds.includes(seq) ? Uint8Array.of(1) : null
          }))
        }
      }
    } as unknown as PeerNetwork,
    clock,
    log: new TestLog()
  })
  erasures.start()
  const come = (peer: string, mirror: Partial<Mirror> = {}): Mirror => {
    const one = { size: SIZE, holds: [], connected: true, fails: false, ...mirror }
    mirrors.set(peer, one)
    onAsked(peer, [{ ledger: OWN, size: one.size }])
    return one
  }
  const list = async (): Promise<ErasuresResult['erasures'][number]> => (await erasures.list()).erasures[0]!
  /** Why it has not confirmed; the time when it has. */
  const of = async (peer: string): Promise<string | number | undefined> => {
    const { confirmed, waiting } = await list()
    return confirmed.find((one) => one.peer === peer)?.at ?? waiting.find((one) => one.peer === peer)?.reason
  }
  return { come, list, of, clock, asked, strangers, asks: (...given: Parameters<typeof onAsked>) => onAsked(...given) }
}

test('who still hands out one of the payloads has not confirmed, whatever else it erased', async () => {
  const { come, of, clock } = setup()
  const mirror = come('peer', { holds: [TWO] })
  expect(await of('peer')).toBe('HOLDS_PAYLOAD')
  mirror.holds = []
  clock.pass(1000)
  expect(await of('peer')).toBe(clock.now())
})

test('who is not that far, gone, or silent has not confirmed, and each is said', async () => {
  const { come, of } = setup()
  const behind = come('behind', { size: ERASING })
  come('gone', { connected: false })
  come('silent', { fails: true })
  come('nothing', { size: 0 })
  expect([await of('behind'), await of('gone'), await of('silent'), await of('nothing')]).toEqual([
    'BEHIND',
    'OFFLINE',
    'NO_ANSWER',
    'BEHIND'
  ])
  behind.size = ERASING + 1
  expect(typeof (await of('behind'))).toBe('number')
})

test('what was confirmed stays so, and is asked for no more', async () => {
  const { come, of, clock, asked } = setup()
  const mirror = come('peer')
  const at = clock.now()
  expect(await of('peer')).toBe(at)
  clock.pass(1000)
  mirror.connected = false
  const before = asked.length
  expect([await of('peer'), asked.length]).toEqual([at, before])
})

test('only the payloads that an erasure names are asked for: what is above it, or not held, is not', async () => {
  const { come, of, asked } = setup([hashOf(TWO), hashOf(ONE), hashOf(ONE), hashOf(SIZE - 1), 'f'.repeat(64)])
  come('peer')
  await of('peer')
  expect(asked).toEqual([[ONE, TWO], [TWO]])
})

test('who asks for other ledgers, or may not know of this one, is no mirror', async () => {
  const { list, strangers, asks, come } = setup()
  asks('reader', [{ ledger: 'another', size: 5 }])
  strangers.add('stranger')
  come('stranger')
  expect(await list()).toMatchObject({ confirmed: [], waiting: [] })
})

test('strangers without end take no memory: the one heard of longest ago is forgotten', async () => {
  const { list, come } = setup()
  for (let n = 0; n <= MAX_MIRRORS; n++) come(`peer ${n}`, { connected: false })
  const { waiting } = await list()
  expect([waiting.length, waiting[0]!.peer]).toEqual([MAX_MIRRORS, 'peer 1'])
})
