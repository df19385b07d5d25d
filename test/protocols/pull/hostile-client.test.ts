import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fetchRange, pullProtocol, type PullSource } from '../../../protocols/pull/index.js'
import { Request, Response } from '../../../protocols/pull/pull.pb.js'
import { decodeRequest, encodeRequest } from '../../../protocols/pull/request.js'
import { decodeResponse, encodeResponse } from '../../../protocols/pull/response.js'
import { WireError } from '../../../protocols/wire.js'
import { LEDGER, bytes, codeOf, codeOfCall, decodedOr, entry, framePair, head, never, until } from '../streams.js'

const range = { ledger: LEDGER, from: 0, count: 512, want: 'full' as const }

function source(changes: Partial<PullSource> = {}): PullSource {
  return {
    head: async () => head(),
    range: async (_peer, { from, count }) =>
      (async function* () {
        for (let i = 0; i < count; i++) yield entry(from + i)
      })(),
    payloads: async (_peer, { seqs }) =>
      (async function* () {
        for (const seq of seqs) yield { seq, payload: bytes(10) }
      })(),
    keyEntries: async () => [entry(0)],
    evidence: async () => null,
    ...changes
  }
}

const quick = pullProtocol({ requestMs: 50, busyAfterMs: 50, stallMs: 100, totalMs: 2_000, closeMs: 30 })

/** Sends these bytes as the request; the code of the first answer frame, and how serve ended. */
async function send(
  request: Uint8Array | null,
  from: PullSource = source()
): Promise<{ answer: number | null; served: string }> {
  const { near, far } = await framePair()
  const serving = quick.serve(far, 'peer', from, never).then(
    () => 'served',
    (error: unknown) => (error instanceof WireError ? error.code : `uncoded: ${String(error)}`)
  )
  if (request !== null) await near.write(request)
  await near.closeWrite()
  const frame = await near.read({ timeoutMs: 5_000 }).catch(() => null)
  return { answer: frame === null ? null : Response.decode(frame).code, served: await serving }
}

test.each([
  ['no bytes', new Uint8Array(0)],
  ['garbage', bytes(50, 0xff)],
  ['nested groups', bytes(60_000, 0x0b)],
  ['an unknown field', Buffer.concat([Request.encode({ head: { ledger: LEDGER } }), Buffer.from([0x30, 1])])],
  [
    'two requests',
    Request.encode({ head: { ledger: LEDGER } }).length > 0
      ? Buffer.concat([Request.encode({ head: { ledger: LEDGER } }), Request.encode({ evidence: { ledger: LEDGER } })])
      : bytes(0)
  ],
  ['a wrong ledger id', Request.encode({ head: { ledger: 'nonsense' } })],
  ['a ledger id with trailing text', Request.encode({ head: { ledger: `${LEDGER}\n` } })],
  ['count 0', Request.encode({ range: { ledger: LEDGER, from: 0, count: 0, want: 1 } })],
  ['count 513', Request.encode({ range: { ledger: LEDGER, from: 0, count: 513, want: 1 } })],
  [
    'from above what a double holds',
    Request.encode({ range: { ledger: LEDGER, from: Number.MAX_SAFE_INTEGER, count: 1, want: 1 } })
  ],
  ['want 0', Request.encode({ range: { ledger: LEDGER, from: 0, count: 1, want: 0 } })],
  ['want 4', Request.encode({ range: { ledger: LEDGER, from: 0, count: 1, want: 4 } })],
  ['filtered without a filter', Request.encode({ range: { ledger: LEDGER, from: 0, count: 1, want: 3 } })],
  [
    '65 streams',
    Request.encode({
      range: {
        ledger: LEDGER,
        from: 0,
        count: 1,
        want: 3,
        filter: { streams: Array.from({ length: 65 }, () => 'a'), types: [], issuers: [], subjects: [] }
      }
    })
  ],
  ['513 seqs', Request.encode({ payloads: { ledger: LEDGER, seqs: Array.from({ length: 513 }, (_, i) => i) } })],
  ['seqs that fall', Request.encode({ payloads: { ledger: LEDGER, seqs: [5, 4] } })]
])('%s: answered INVALID, and a violation', async (_name, request) => {
  const { answer, served } = await send(request)
  expect(answer).toBe(3)
  expect(served).toMatch(/^(INVALID_FRAME|TOO_LARGE)$/)
})

test('a seq of 2^53 and a varint of ten bytes are violations', () => {
  const prefix = Request.encode({ range: { ledger: LEDGER, from: 0, count: 1, want: 1 } })
  expect(decodeRequest(prefix).kind).toBe('range')
  for (const varint of [
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    [0x81, 0x00]
  ]) {
    const inner = Buffer.concat([
      Buffer.from([0x0a, 53]),
      Buffer.from(LEDGER),
      Buffer.from([0x10, ...varint, 0x18, 1, 0x20, 1])
    ])
    expect(codeOfCall(() => decodeRequest(Buffer.concat([Buffer.from([0x12, inner.byteLength]), inner])))).toMatch(
      /INVALID_FRAME|TOO_LARGE/
    )
  }
})

test('a request that stalls, is cut off, or is too large', async () => {
  const { far } = await framePair()
  expect(await codeOf(quick.serve(far, 'peer', source(), never))).toBe('TIMEOUT')
  expect((await send(null)).served).toBe('TRUNCATED')
  expect((await send(bytes(65_537))).served).toBe('TOO_LARGE')
})

test('a peer that leaves stops the source', async () => {
  const { near, far } = await framePair()
  let stopped = false
  let given = 0
  const endless = source({
    range: async (_peer, _request, signal) =>
      (async function* () {
        try {
          for (;;) {
            // The pace of a slow source, so that the peer leaves in the middle.
            await new Promise((resolve) => setTimeout(resolve, 5))
            signal.throwIfAborted()
            yield entry(given++, bytes(200_000))
          }
        } finally {
          stopped = true
        }
      })()
  })
  const serving = codeOf(quick.serve(far, 'peer', endless, never))
  await near.write(encodeRequest({ kind: 'range', ledger: LEDGER, range }))
  await near.read({ timeoutMs: 5_000 })
  near.abort(new Error('enough'))
  expect(await serving).toBe('CLOSED')
  await until(() => stopped)
  expect(given).toBeLessThan(40)
})

test("the source's failures: codes before the first frame, a reset later, and never its words", async () => {
  const refusing = (error: unknown): PullSource =>
    source({
      range: async () => {
        throw error
      }
    })
  const request = encodeRequest({ kind: 'range', ledger: LEDGER, range })
  expect(await send(request, refusing(new WireError('DENIED', 'secret')))).toEqual({ answer: 5, served: 'served' })
  expect(
    await send(request, refusing(new WireError('UNAVAILABLE', 'secret', { available: { earliest: 1, size: 2 } })))
  ).toEqual({ answer: 4, served: 'served' })
  expect(await send(request, refusing(new WireError('BUSY', 'secret', { retryMs: 10 })))).toEqual({
    answer: 6,
    served: 'served'
  })
  const internal = await send(request, refusing(new Error('disk on fire')))
  expect(internal).toEqual({ answer: 4, served: 'uncoded: Error: disk on fire' })
  expect(await send(request, source({ range: async () => (async function* () {})() }))).toEqual({
    answer: 4,
    served: 'served'
  })
  // What the wire cannot carry is our bug, not the peer's violation.
  const wide = await send(
    request,
    source({
      range: async () =>
        (async function* () {
          yield { ...entry(0), signature: bytes(5) }
        })()
    })
  )
  expect(wide.answer).toBe(4)
  expect(wide.served).toMatch(/^uncoded/)

  const { near, far } = await framePair()
  const failing = source({
    range: async () =>
      (async function* () {
        for (let i = 0; i < 3; i++) yield entry(i, bytes(200_000))
        throw new Error('late')
      })()
  })
  const serving = quick.serve(far, 'peer', failing, never).then(() => 'served', String)
  expect(await codeOf(fetchRange(near, range, { signal: never }))).toBe('CLOSED')
  expect(await serving).toBe('Error: late')
})

test('a source that takes too long before its first item: BUSY', async () => {
  const slow = source({
    range: async (_peer, _request, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('stopped'))
        })
      })
  })
  expect(await send(encodeRequest({ kind: 'range', ledger: LEDGER, range }), slow)).toEqual({
    answer: 6,
    served: 'served'
  })
})

test('random and mutated bytes never fail uncoded', () => {
  const good = encodeRequest({
    kind: 'range',
    ledger: LEDGER,
    range: { ...range, want: 'filtered', filter: { streams: ['a', 'b'], issuers: ['c'] } }
  })
  const either = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
      const copy = Uint8Array.from(good)
      copy[at] = value
      return copy
    })
  )
  fc.assert(
    fc.property(either, (data) => {
      const request = decodedOr(decodeRequest, data)
      expect(request === null ? data : Uint8Array.from(encodeRequest(request))).toEqual(data)
      const response = decodedOr(decodeResponse, data)
      expect(response === null ? data : Uint8Array.from(encodeResponse(response))).toEqual(data)
    }),
    { numRuns: 2_000 }
  )
})

test('whatever decodes as a request encodes back to the same bytes', () => {
  const name = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed())
  const filter = fc.record({
    streams: fc.array(name, { maxLength: 3 }),
    types: fc.array(name, { maxLength: 3 }),
    issuers: fc.array(name, { maxLength: 3 }),
    subjects: fc.array(name, { minLength: 1, maxLength: 3 })
  })
  const numbers = { from: fc.maxSafeNat().map((n) => Math.max(0, n - 512)), count: fc.integer({ min: 1, max: 512 }) }
  fc.assert(
    fc.property(fc.record(numbers), fc.option(filter, { nil: undefined }), ({ from, count }, chosen) => {
      const made = {
        ledger: LEDGER,
        from,
        count,
        ...(chosen === undefined ? { want: 'headers' as const } : { want: 'filtered' as const, filter: chosen })
      }
      const encoded = encodeRequest({ kind: 'range', ledger: LEDGER, range: made })
      expect(decodeRequest(encoded)).toEqual({ kind: 'range', ledger: LEDGER, range: made })
      expect(Buffer.from(encodeRequest(decodeRequest(encoded)))).toEqual(Buffer.from(encoded))
    }),
    { numRuns: 300 }
  )
})
