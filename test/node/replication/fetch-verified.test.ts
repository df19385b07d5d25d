import { expect, test } from 'vitest'
import { WireError, type WireEntry } from '../../../protocols/wire.js'
import type { Entry } from '../../../src/core/entry.js'
import { fetchVerified } from '../../../src/node/replication/fetch-verified.js'
import { decode, history, keysOf, signEntry, verifier } from '../../sim/histories.js'

const NAME = 'fetch-verified'
const { ledger, entries } = await history(NAME, 40)

/** What comes of it when a peer answers this. `faultAt`: from which entry on its author broke a rule. */
async function fetched(
  answer: (from: number, count: number) => readonly Entry[],
  { faultAt = null, from = 0 }: { faultAt?: number | null; from?: number } = {}
): Promise<number> {
  const fetchRange = async (_peer: string, asked: { from: number; count: number }): Promise<WireEntry[]> => {
    const range = answer(asked.from, asked.count)
    if (range.length === 0)
      throw new WireError('UNAVAILABLE', 'not held', { available: { earliest: 0, size: asked.from } })
    return range.map(({ raw }) => raw)
  }
  const found = await fetchVerified(
    { peerNetwork: { fetchRange }, decode } as Parameters<typeof fetchVerified>[0],
    'peer',
    { ledger, from, count: 20, filters: null },
    verifier.verify,
    { header: async () => false, range: async () => faultAt },
    new AbortController().signal
  )
  return found.length
}

const part = (from: number, count: number): Entry[] => entries.slice(from, from + count)

function unsigned(entry: Entry): Entry {
  return decode({ ...entry.raw, signature: new Uint8Array(64) })
}

test('a range that chains and ends in a signature is taken, a shorter one too', async () => {
  expect(await fetched(part)).toBe(20)
  expect(await fetched(part, { from: 30 })).toBe(10)
})

test('one that starts elsewhere, or is of another ledger, is the peer that made it up', async () => {
  await expect(fetched((from, count) => part(from + 1, count))).rejects.toMatchObject({ code: 'MALFORMED' })
  const other = await history('another', 40)
  await expect(fetched((from, count) => other.entries.slice(from, from + count))).rejects.toMatchObject({
    code: 'WRONG_LEDGER'
  })
})

test('one that does not link is cut where its author broke a rule, and else thrown away', async () => {
  const gap = (from: number, count: number): Entry[] => [...part(from, 5), ...part(from + 6, count - 6)]
  await expect(fetched(gap)).rejects.toMatchObject({ code: 'BROKEN_LINK' })
  expect(await fetched(gap, { faultAt: 5 })).toBe(5)
})

test('an end that is not signed needs a signature behind it', async () => {
  const [key] = keysOf(NAME)
  const bad = await signEntry(key!, { ledger, seq: 20, prev: entries[19]!.hash, id: 'bad', unsigned: true })
  const good = await signEntry(key!, { ledger, seq: 21, prev: bad.hash, id: 'good' })
  const all = [...entries.slice(0, 20), bad, good]
  expect(await fetched((from) => all.slice(from, from === 10 ? 21 : from + 20), { from: 10 })).toBe(11)
  await expect(fetched((from) => all.slice(from, 21), { from: 10 })).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
  const last = (from: number, count: number): Entry[] =>
    from === 0 ? [...part(0, count - 1), unsigned(entries[count - 1]!)] : []
  await expect(fetched(last)).rejects.toMatchObject({ code: 'BAD_SIGNATURE' })
})
