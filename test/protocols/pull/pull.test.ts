import { expect, test } from 'vitest'
import {
  fetchEvidence,
  fetchHead,
  fetchKeyEntries,
  fetchPayloads,
  fetchRange,
  pull,
  type PayloadItem,
  type PullSource,
  type RangeRequest
} from '../../../protocols/pull/index.js'
import { LARGEST, LEDGER, bytes, entry, framePair, head, never, noise, plain } from '../streams.js'
import type { FrameStream, WireEntry } from '../../../protocols/wire.js'

const options = { signal: never }

/** A stream to a server that runs on this source. */
async function to(source: Partial<PullSource>): Promise<FrameStream> {
  const { near, far } = await framePair()
  const refuse = async (): Promise<never> => {
    throw new Error('not asked')
  }
  void pull.serve(
    far,
    'the-peer',
    { head: refuse, range: refuse, payloads: refuse, keyEntries: refuse, evidence: refuse, ...source },
    never
  )
  return near
}

async function* each<T>(items: T[]): AsyncGenerator<T> {
  yield* items
}

test('a head with everything', async () => {
  const wanted = {
    ...head(),
    checkpoint: 'x'.repeat(4_096),
    evidence: noise(1_048_576),
    header: noise(32_768),
    earliest: Number.MAX_SAFE_INTEGER
  }
  const got = await fetchHead(
    await to({
      head: async (peer, ledger) => {
        expect([peer, ledger]).toEqual(['the-peer', LEDGER])
        return wanted
      }
    }),
    LEDGER,
    options
  )
  expect(Buffer.compare(got.evidence!, wanted.evidence)).toBe(0)
  expect({ ...got, evidence: null, header: got.header.byteLength }).toMatchObject({
    ledger: LEDGER,
    checkpoint: wanted.checkpoint,
    earliest: Number.MAX_SAFE_INTEGER,
    header: 32_768
  })
})

test('the largest legal entry', async () => {
  const [got] = await fetchRange(
    await to({ range: async () => each([LARGEST]) }),
    { ledger: LEDGER, from: 0, count: 1, want: 'full' },
    options
  )
  for (const name of ['header', 'signature', 'payload'] as const)
    expect(Buffer.compare(got![name]!, LARGEST[name]!)).toBe(0)
})

test('a range: the request arrives as made, entries as given, with and without payload', async () => {
  const request: RangeRequest = {
    ledger: LEDGER,
    from: 7,
    count: 300,
    want: 'filtered',
    filter: { streams: ['a'], types: [], issuers: ['ö'], subjects: [] }
  }
  const entries = Array.from({ length: 300 }, (_, i) => entry(7 + i, i % 2 === 0 ? null : bytes(3_000, i & 255)))
  let asked: RangeRequest | undefined
  const got = await fetchRange(
    await to({
      range: async (_peer, made) => {
        asked = made
        return each(entries)
      }
    }),
    request,
    options
  )
  expect(asked).toEqual(request)
  expect(plain(got)).toEqual(plain(entries))
})

test('a server stops at the count, at 512 and at 4 MiB, but sends at least one', async () => {
  let given = 0
  const endless = (size: number): Partial<PullSource> => ({
    range: async () =>
      (async function* () {
        for (given = 0; ; given++) yield entry(given, bytes(size))
      })()
  })
  const ask = async (size: number, count: number): Promise<WireEntry[]> =>
    fetchRange(await to(endless(size)), { ledger: LEDGER, from: 0, count, want: 'full' }, options)
  expect(await ask(10, 5)).toHaveLength(5)
  expect(given).toBe(4)
  expect(await ask(10, 512)).toHaveLength(512)
  expect(await ask(1_048_576, 512)).toHaveLength(3)
  expect(await ask(100_000, 512)).toHaveLength(41)
  expect(given).toBeLessThan(43)
})

test('payloads, held or not, and only as many as fit', async () => {
  const held: PayloadItem[] = [
    { seq: 1, payload: bytes(100) },
    { seq: 5, payload: null },
    { seq: Number.MAX_SAFE_INTEGER, payload: bytes(1_048_576) }
  ]
  const seqs = held.map(({ seq }) => seq)
  expect(
    plain(await fetchPayloads(await to({ payloads: async () => each(held) }), { ledger: LEDGER, seqs }, options))
  ).toEqual(plain(held))
  const many = Array.from({ length: 8 }, (_, seq) => ({ seq, payload: noise(1_000_000, seq) }))
  expect(
    await fetchPayloads(
      await to({ payloads: async () => each(many) }),
      { ledger: LEDGER, seqs: many.map(({ seq }) => seq) },
      options
    )
  ).toHaveLength(4)
})

test('key entries and evidence', async () => {
  const keys = Array.from({ length: 256 }, (_, i) => ({ header: entry(i).header, signature: bytes(64) }))
  expect(plain(await fetchKeyEntries(await to({ keyEntries: async () => keys }), LEDGER, options))).toEqual(plain(keys))
  expect(await fetchEvidence(await to({ evidence: async () => null }), LEDGER, options)).toBeNull()
  expect(await fetchEvidence(await to({ evidence: async () => bytes(1_048_576) }), LEDGER, options)).toHaveLength(
    1_048_576
  )
})
