import { expect, test } from 'vitest'
import type { WireHead } from '../../../protocols/wire.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import type { Entry } from '../../../src/core/entry.js'
import { keyHash } from '../../../src/core/chain.js'
import type { SigningKey } from '../../../src/core/keys.js'
import { setsKey } from '../../../src/core/ledger-types.js'
import { HeadCheck, type HeadCheckInit, type OwnHeads } from '../../../src/node/replication/head-check.js'
import { TestClock, TestLog } from '../../ledger/support.js'
import { decode, history, keysOf, NETWORK, signEntry, verifier } from '../../sim/histories.js'
import { SimLedger } from '../../sim/sim-ledger.js'
import { World } from '../../sim/world.js'

const LENGTH = 40
const ROTATES_AT = 20
const NAME = 'head-check'
const { ledger, entries } = await history(NAME, LENGTH, { rotates: true })
const [retired] = keysOf(NAME)

/** A follower that holds so many entries, and a peer that can show `keys`. */
function setup(size: number, keys: readonly Entry[] = entries) {
  const held = new SimLedger(new World(1, { latency: [1, 1], loss: 0 }), ledger)
  held.add(entries.slice(0, size))
  const done: string[] = []
  const log = new TestLog()
  const check = new HeadCheck({
    network: NETWORK,
    peerNetwork: {
      network: NETWORK,
      fetchKeyEntries: async () => {
        done.push('asks for keys')
        return keys.filter(({ header }) => setsKey(header)).map(({ raw }) => raw)
      },
      fetchRange: async () => {
        throw new LedgermeshError('UNREACHABLE', 'gone')
      },
      drop: (peer: string, code: string) => {
        done.push(`drops ${peer}: ${code}`)
      }
    },
    ledgers: { get: (id: string) => (id === ledger ? held : undefined), own: { id: 'own' } as OwnHeads },
    verifier,
    decode,
    forks: {
      evidence: async () => 'known',
      conflict: async () => {
        done.push('conflict')
      },
      rules: { header: async () => false, link: async () => false }
    },
    clock: new TestClock(),
    log,
    onRestoring: () => {}
  } as unknown as HeadCheckInit)
  const show = async (entry: Entry, more: Partial<WireHead> = {}): Promise<number[]> => {
    const { header, signature } = entry.raw
    const head: WireHead = { ledger, header, signature, evidence: null, checkpoint: null, earliest: 0, ...more }
    const { claims } = await check.check('peer', [head], new AbortController().signal)
    return claims.map((claim) => claim.size)
  }
  return { show, done, check, held }
}

test('a head that continues what is held, by its key, is a claim; what is held is one too', async () => {
  const { show, done } = setup(30)
  expect(await show(entries[39]!)).toEqual([40])
  expect(await show(entries[10]!)).toEqual([11])
  expect(done).toEqual([])
})

test('of a rotation that is not here yet the peer must show the key entries', async () => {
  const { show, done } = setup(5)
  expect(await show(entries[39]!)).toEqual([40])
  expect(done).toEqual(['asks for keys'])
  expect(await setup(5, entries.slice(0, 5)).show(entries[39]!)).toEqual([])
  expect(await setup(0).show(entries[39]!)).toEqual([40])
})

test('what a retired key signs behind the rotation is no claim, and is asked about no further', async () => {
  const { show, done } = setup(30)
  const thief = await signEntry(retired!, { ledger, seq: 39, prev: entries[38]!.hash, id: 'thief' })
  expect(await show(thief)).toEqual([])
  expect(done).toEqual([])
})

test('a key history that does not continue what is held makes no claim, however long it is (R1)', async () => {
  const [first, second] = keysOf(NAME)
  const third = keysOf('somebody else')[0]!
  const rotated = (by: SigningKey, from: readonly Entry[], next: SigningKey): Promise<Entry> =>
    signEntry(by, {
      ledger,
      seq: from.length,
      prev: from.at(-1)!.hash,
      id: `${from.length}`,
      type: 'ledger.rotate-key',
      meta: { next_key_hash: keyHash(next.publicKey) }
    })
  // The rotation that is held, made once more and earlier, and one behind it.
  const other = entries.slice(0, ROTATES_AT - 2)
  other.push(await rotated(second!, other, third))
  other.push(await rotated(third, other, first!))
  const head = await signEntry(third, { ledger, seq: LENGTH, prev: entries[LENGTH - 1]!.hash, id: 'head' })
  const { show, done } = setup(30, other)
  expect(await show(head)).toEqual([])
  expect(done).toEqual(['asks for keys'])
  // To whoever holds only what both have in common, it is one.
  expect(await setup(5, other).show(head)).toEqual([LENGTH + 1])
})

test('another entry where one is held is a conflict, and no claim', async () => {
  const { show, done } = setup(15)
  const other = await signEntry(retired!, { ledger, seq: 10, prev: entries[9]!.hash, id: 'other' })
  expect(await show(other)).toEqual([])
  expect(done).toEqual(['conflict'])
})

test('a head that nobody signed, or of another ledger, costs the peer its connection', async () => {
  const { show, done } = setup(30)
  await show(entries[39]!, { signature: new Uint8Array(64) })
  const other = await history('another', LENGTH)
  await show(other.entries[39]!)
  expect(done).toEqual(['drops peer: BAD_SIGNATURE', 'drops peer: WRONG_LEDGER'])
})

test('beyond a freeze there are no claims; and nothing of ledgers that are not held', async () => {
  const { show, held, check } = setup(30)
  held.frozen = { size: 20, evidence: 'e' } as never
  expect(await show(entries[10]!)).toEqual([11])
  const { header, signature } = entries[5]!.raw
  const unknown = { ledger: 'other', header, signature, evidence: null, checkpoint: null, earliest: 0 }
  expect(await check.check('peer', [unknown], new AbortController().signal)).toMatchObject({ claims: [] })
})
