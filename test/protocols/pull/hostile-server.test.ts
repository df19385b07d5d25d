import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fetchEvidence, fetchHead, fetchKeyEntries, fetchPayloads, fetchRange } from '../../../protocols/pull/index.js'
import { Entries, Payloads, Response } from '../../../protocols/pull/pull.pb.js'
import { WireError, compress } from '../../../protocols/wire.js'
import { LEDGER, OTHER, bytes, codeOf, entry, framePair, head, never, noise, type Pair } from '../streams.js'

const options = { signal: never, deadlines: { stallMs: 200, closeMs: 30 } }
const range = { ledger: LEDGER, from: 0, count: 512, want: 'full' as const }

/** A server that reads the request and then sends these frames, whatever they are. */
async function serving(frames: Uint8Array[], ending: 'close' | 'reset' | 'stall' = 'close'): Promise<Pair> {
  const pair = await framePair()
  void (async () => {
    await pair.far.read({ timeoutMs: 5_000 })
    for (const frame of frames) await pair.far.write(frame)
    if (ending === 'close') await pair.far.closeWrite()
    if (ending === 'reset') pair.far.abort(new Error('reset'))
  })().catch(() => undefined)
  return pair
}

async function groupOf(content: Uint8Array, inflated = content.byteLength): Promise<Uint8Array> {
  return Response.encode({ code: 1, group: { inflated, data: await compress(content) } })
}

async function entriesFrame(from: number, count: number, payload?: Uint8Array): Promise<Uint8Array> {
  return groupOf(
    Entries.encode({
      entries: Array.from({ length: count }, (_, i) => {
        const { header, signature } = entry(from + i)
        return { header, signature, ...(payload === undefined ? {} : { payload }) }
      })
    })
  )
}

const end = (count: number): Uint8Array => Response.encode({ code: 2, count })
const wireHead = (ledger = LEDGER) => {
  const { header, signature } = head(ledger)
  return { ledger, header, signature, earliest: 0 }
}

const attempt = async (
  frames: Uint8Array[],
  ending?: 'close' | 'reset' | 'stall',
  request: Parameters<typeof fetchRange>[1] = range
): Promise<string> => codeOf(fetchRange((await serving(frames, ending)).near, request, options))

test('a reply in several groups is taken; a server that then does not close takes nothing from it', async () => {
  for (const ending of ['close', 'stall'] as const) {
    const { near, nearRaw } = await serving([await entriesFrame(0, 3), await entriesFrame(3, 2), end(5)], ending)
    expect(await fetchRange(near, range, options)).toHaveLength(5)
    expect(['closed', 'aborted']).toContain(nearRaw.status)
  }
})

test('END missing, early close, reset and stall', async () => {
  const group = await entriesFrame(0, 3)
  expect(await attempt([group])).toBe('TRUNCATED')
  expect(await attempt([])).toBe('TRUNCATED')
  expect(await attempt([group], 'reset')).toBe('CLOSED')
  expect(await attempt([], 'reset')).toBe('CLOSED')
  expect(await attempt([group], 'stall')).toBe('TIMEOUT')
  expect(await attempt([], 'stall')).toBe('TIMEOUT')
})

test('END that counts wrong, twice, first, or is followed', async () => {
  const group = await entriesFrame(0, 3)
  expect(await attempt([group, end(2)])).toBe('INVALID_FRAME')
  expect(await attempt([group, end(4)])).toBe('INVALID_FRAME')
  expect(await attempt([end(0)])).toBe('INVALID_FRAME')
  expect(await attempt([end(3), group])).toBe('INVALID_FRAME')
  expect(await attempt([group, end(3), end(3)])).toBe('INVALID_FRAME')
  expect(await attempt([group, end(3), group])).toBe('INVALID_FRAME')
  expect(await attempt([group, end(513)])).toBe('TOO_LARGE')
})

test('512 entries are taken, 513 and more than asked are not, zero neither', async () => {
  const { near } = await serving([await entriesFrame(0, 512), end(512)])
  expect(await fetchRange(near, range, options)).toHaveLength(512)
  expect(await attempt([await entriesFrame(0, 513), end(512)])).toBe('TOO_LARGE')
  expect(await attempt([await entriesFrame(0, 512), await entriesFrame(512, 1), end(512)])).toBe('TOO_LARGE')
  expect(await attempt([await entriesFrame(0, 4), end(4)], 'close', { ...range, count: 3 })).toBe('TOO_LARGE')
  expect(await attempt([await groupOf(bytes(0)), end(0)])).toBe('INVALID_FRAME')
})

test('payloads in a reply to a request for headers', async () => {
  expect(await attempt([await entriesFrame(0, 2, bytes(9)), end(2)], 'close', { ...range, want: 'headers' })).toBe(
    'INVALID_FRAME'
  )
})

test('a declared size that lies, a zip bomb, garbage and trailing bytes', async () => {
  const content = Entries.encode({ entries: [{ header: bytes(9), signature: bytes(64) }] })
  const data = await compress(content)
  const frame = (inflated: number, packed: Uint8Array): Uint8Array =>
    Response.encode({ code: 1, group: { inflated, data: packed } })
  expect(await attempt([frame(content.byteLength + 1, data)])).toBe('INVALID_FRAME')
  expect(await attempt([frame(content.byteLength - 1, data)])).toBe('INVALID_FRAME')
  expect(await attempt([frame(0, data)])).toBe('INVALID_FRAME')
  expect(await attempt([frame(262_144, zstdCompressSync(new Uint8Array(128 << 20)))])).toBe('INVALID_FRAME')
  expect(await attempt([frame(1_081_423, data)])).toBe('TOO_LARGE')
  expect(await attempt([frame(100, noise(100))])).toBe('INVALID_FRAME')
  expect(await attempt([frame(content.byteLength, Buffer.concat([data, bytes(1)]))])).toBe('INVALID_FRAME')
  expect(await attempt([frame(content.byteLength, bytes(0))])).toBe('INVALID_FRAME')
})

test('a group of several items ends at 262,144 bytes, and a reply at 4 MiB', async () => {
  // Two entries of which the second fills the group up to the byte.
  const filled = (size: number): Uint8Array => {
    const make = (length: number): Uint8Array =>
      Entries.encode({
        entries: [
          { header: bytes(9), signature: bytes(64) },
          { header: bytes(9), signature: bytes(64), payload: bytes(length) }
        ]
      })
    return make(200_000 + size - make(200_000).byteLength)
  }
  expect(filled(262_144)).toHaveLength(262_144)
  const { near } = await serving([await groupOf(filled(262_144)), end(2)])
  expect(await fetchRange(near, range, options)).toHaveLength(2)
  expect(await attempt([await groupOf(filled(262_145)), end(2)])).toBe('TOO_LARGE')

  const full = await groupOf(filled(262_144))
  const sixteen = Array.from({ length: 16 }, () => full)
  const { near: whole } = await serving([...sixteen, end(32)])
  expect(await fetchRange(whole, range, options)).toHaveLength(32)
  expect(await attempt([...sixteen, await entriesFrame(0, 1), end(33)])).toBe('TOO_LARGE')
})

test('one byte above each limit of an entry', async () => {
  const good = { header: bytes(32_768), signature: bytes(64), payload: bytes(1_048_576) }
  const one = async (change: object): Promise<Uint8Array[]> => [
    await groupOf(Entries.encode({ entries: [{ ...good, ...change }] })),
    end(1)
  ]
  const { near } = await serving(await one({}))
  expect(await fetchRange(near, range, options)).toHaveLength(1)
  expect(await attempt(await one({ header: bytes(32_769), payload: bytes(5) }))).toBe('TOO_LARGE')
  expect(await attempt(await one({ header: bytes(5), payload: bytes(1_048_577) }))).toBe('TOO_LARGE')
  expect(await attempt(await one({ signature: bytes(63) }))).toBe('INVALID_FRAME')
  expect(await attempt(await one({ signature: bytes(65), header: bytes(5) }))).toBe('INVALID_FRAME')
  expect(await attempt(await one({ header: bytes(0) }))).toBe('INVALID_FRAME')
  expect(await attempt(await one({ payload: bytes(0) }))).toBe('INVALID_FRAME')
})

test("a frame above the stream's limit, an unknown field, an unknown code, a code without its fields", async () => {
  expect(await attempt([bytes(1_114_113)])).toBe('TOO_LARGE')
  expect(await attempt([Buffer.concat([end(3), Buffer.from([0x48, 1])])])).toBe('INVALID_FRAME')
  for (const message of [
    {},
    { code: 0 },
    { code: 1 },
    { code: 2 },
    { code: 7 },
    { code: 1, count: 1 },
    { code: 1, head: wireHead(), evidence: bytes(3) },
    { code: 3, count: 1 },
    { code: 4, earliest: 1 },
    { code: 4, retryMs: 1 },
    { code: 5, retryMs: 1 },
    { code: 6, earliest: 1, size: 2 },
    { code: 2, count: 1, retryMs: 3 }
  ]) {
    expect([message, await attempt([Response.encode(message)])]).toEqual([message, 'INVALID_FRAME'])
  }
  expect(await attempt([Response.encode({ code: 6, retryMs: 3_600_001 })])).toBe('TOO_LARGE')
})

test('refusals keep their codes and details, and are the first frame', async () => {
  const refused = async (message: Partial<Response>): Promise<WireError> => {
    const { near } = await serving([Response.encode(message)])
    return fetchRange(near, range, options).then(
      () => {
        throw new Error('taken')
      },
      (error: unknown) => error as WireError
    )
  }
  expect(await refused({ code: 4, earliest: 5, size: 17 })).toMatchObject({
    code: 'UNAVAILABLE',
    available: { earliest: 5, size: 17 }
  })
  expect(await refused({ code: 4 })).toMatchObject({ code: 'UNAVAILABLE' })
  expect(await refused({ code: 5 })).toMatchObject({ code: 'DENIED' })
  expect(await refused({ code: 3 })).toMatchObject({ code: 'INVALID' })
  expect(await refused({ code: 6, retryMs: 3_600_000 })).toMatchObject({ code: 'BUSY', retryMs: 3_600_000 })
  expect(await attempt([await entriesFrame(0, 1), Response.encode({ code: 6, retryMs: 1 })])).toBe('INVALID_FRAME')
})

test('UNAVAILABLE with a size of 2^53', async () => {
  // 2^53 − 1 encodes; one more is written by hand: field 6, then field 7 with the varint of 2^53.
  expect(await attempt([Response.encode({ code: 4, earliest: 0, size: Number.MAX_SAFE_INTEGER })])).toBe('UNAVAILABLE')
  expect(
    await attempt([Uint8Array.from([0x08, 4, 0x30, 0, 0x38, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10])])
  ).not.toBe('UNAVAILABLE')
})

test('every truncation of a frame is coded', async () => {
  const frames = [await entriesFrame(0, 1), Response.encode({ code: 1, head: wireHead() })]
  for (const frame of frames) {
    for (let cut = 0; cut < frame.byteLength; cut++) {
      const { near } = await serving([frame.subarray(0, cut)])
      expect(
        await codeOf(frame === frames[0] ? fetchRange(near, range, options) : fetchHead(near, LEDGER, options))
      ).toMatch(/INVALID_FRAME|TOO_LARGE/)
    }
  }
})

test('heads: another ledger, two, none, something else', async () => {
  const ask = async (frames: Uint8Array[]): Promise<string> =>
    codeOf(fetchHead((await serving(frames)).near, LEDGER, options))
  const good = Response.encode({ code: 1, head: wireHead() })
  expect((await fetchHead((await serving([good, end(1)])).near, LEDGER, options)).ledger).toBe(LEDGER)
  expect(await ask([Response.encode({ code: 1, head: wireHead(OTHER) }), end(1)])).toBe('INVALID_FRAME')
  expect(await ask([good, good, end(2)])).toBe('TOO_LARGE')
  expect(await ask([end(0)])).toBe('INVALID_FRAME')
  expect(await ask([await entriesFrame(0, 1), end(1)])).toBe('INVALID_FRAME')
  expect(await ask([Response.encode({ code: 1, head: { ...wireHead(), ledger: 'b1' } }), end(1)])).toBe('INVALID_FRAME')
  expect(
    await ask([Response.encode({ code: 1, head: { ...wireHead(), checkpoint: 'x'.repeat(4_097) } }), end(1)])
  ).toBe('TOO_LARGE')
})

test('payloads: others than asked, in another order, too many', async () => {
  const reply = async (seqs: number[]): Promise<Uint8Array[]> => [
    await groupOf(Payloads.encode({ payloads: seqs.map((seq) => ({ seq, payload: bytes(5) })) })),
    end(seqs.length)
  ]
  const ask = async (seqs: number[]) =>
    fetchPayloads((await serving(await reply(seqs))).near, { ledger: LEDGER, seqs: [3, 5, 9] }, options)
  expect(await ask([3, 5])).toHaveLength(2)
  for (const seqs of [[5], [3, 9], [5, 3], [3, 3]]) expect(await codeOf(ask(seqs))).toBe('INVALID_FRAME')
  expect(await codeOf(ask([3, 5, 9, 10]))).toBe('TOO_LARGE')
})

test('key entries with a payload, or more than 256; evidence that is none, or too large', async () => {
  const keys = async (frames: Uint8Array[]): Promise<string> =>
    codeOf(fetchKeyEntries((await serving(frames)).near, LEDGER, options))
  expect(await keys([await entriesFrame(0, 1, bytes(3)), end(1)])).toBe('INVALID_FRAME')
  expect(await keys([await entriesFrame(0, 257), end(257)])).toBe('TOO_LARGE')
  const evidence = async (frames: Uint8Array[]) => fetchEvidence((await serving(frames)).near, LEDGER, options)
  expect(await evidence([end(0)])).toBeNull()
  expect(await evidence([Response.encode({ code: 1, evidence: bytes(1_048_576) }), end(1)])).toHaveLength(1_048_576)
  expect(await codeOf(evidence([Response.encode({ code: 1, evidence: bytes(1_048_577) }), end(1)]))).toBe('TOO_LARGE')
  expect(await codeOf(evidence([Response.encode({ code: 1, evidence: bytes(0) }), end(1)]))).toBe('INVALID_FRAME')
  expect(await codeOf(evidence([Response.encode({ code: 1, head: wireHead() }), end(1)]))).toBe('INVALID_FRAME')
})

test('a request that the protocol cannot carry is INVALID and never sent', async () => {
  const { near } = await framePair()
  for (const bad of [
    { ...range, count: 0 },
    { ...range, count: 513 },
    { ...range, from: -1 },
    { ...range, from: 2 ** 53 },
    { ...range, from: 2 ** 53 - 1 },
    { ...range, ledger: 'x' },
    { ...range, want: 'filtered' as const },
    { ...range, filter: { streams: ['a'] } },
    { ...range, want: 'filtered' as const, filter: {} },
    { ...range, want: 'filtered' as const, filter: { types: Array.from({ length: 65 }, () => 'a') } },
    { ...range, want: 'filtered' as const, filter: { types: ['x'.repeat(129)] } }
  ]) {
    expect(await codeOf(fetchRange(near, bad, options))).toBe('INVALID')
  }
  for (const seqs of [[], [1, 1], [2, 1], [2 ** 53], Array.from({ length: 513 }, (_, i) => i)])
    expect(await codeOf(fetchPayloads(near, { ledger: LEDGER, seqs }, options))).toBe('INVALID')
})
