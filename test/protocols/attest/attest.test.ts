import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  attestProtocol,
  fetchAttestations,
  type AttestItem,
  type AttestRequest,
  type AttestSource
} from '../../../protocols/attest/index.js'
import { Request, Response } from '../../../protocols/attest/attest.pb.js'
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../../../protocols/attest/frame.js'
import { MAX_FRAME_BYTES, MAX_ITEMS } from '../../../protocols/attest/limits.js'
import { WireError, type FrameStream } from '../../../protocols/wire.js'
import { LEDGER, OTHER, bytes, codeOf, codeOfCall, decodedOr, framePair, never, plain } from '../streams.js'

const quick = attestProtocol({ requestMs: 50, busyAfterMs: 50, stallMs: 200, totalMs: 2_000, closeMs: 30 })
const waits = { signal: never, deadlines: { stallMs: 100, totalMs: 2_000, closeMs: 30 } }

function item(n: number, accepted = false, size = 100): AttestItem {
  const entry = (fill: number): AttestItem['attestation'] => ({
    header: bytes(size, fill & 255),
    signature: bytes(64, n & 255)
  })
  return { attestation: entry(n), acceptance: accepted ? entry(n + 1) : null }
}

function source(items: AttestItem[]): AttestSource {
  return { attestations: async () => items }
}

async function ask(from: AttestSource, request: AttestRequest = { about: LEDGER }): Promise<AttestItem[]> {
  const { near, far } = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
  const serving = quick.serve(far, 'peer', from, never)
  const [items] = await Promise.all([fetchAttestations(near, request, waits), serving])
  return items
}

/** What the client makes of these frames as a reply. */
async function reply(...frames: Uint8Array[]): Promise<AttestItem[]> {
  const { near, far } = await framePair()
  const answering = (async (server: FrameStream) => {
    await server.read({ timeoutMs: 1_000 })
    for (const frame of frames) await server.write(frame).catch(() => undefined)
    await server.closeWrite().catch(() => undefined)
  })(far)
  try {
    return await fetchAttestations(near, { by: LEDGER }, waits)
  } finally {
    await answering
  }
}

describe('hostile clients', () => {
  test.each([
    ['no bytes', new Uint8Array(0)],
    ['garbage', bytes(50, 0xff)],
    ['a wrong ledger id', Request.encode({ about: { ledger: 'nonsense' } })],
    ['a ledger id with trailing text', Request.encode({ by: { ledger: `${LEDGER}\n` } })],
    [
      'two questions',
      Buffer.concat([Request.encode({ about: { ledger: LEDGER } }), Request.encode({ by: { ledger: LEDGER } })])
    ],
    ['an unknown field', Buffer.concat([Request.encode({ about: { ledger: LEDGER } }), Buffer.from([0x18, 1])])],
    ['129 bytes', bytes(129, 1)],
    ['an empty question', Request.encode({ about: { ledger: '' } })]
  ])('%s: answered INVALID, and a violation', async (_what, request) => {
    const { near, far } = await framePair()
    const served = quick.serve(far, 'peer', source([]), never).then(
      () => 'served',
      (error: unknown) => (error instanceof WireError ? error.code : String(error))
    )
    await near.write(request)
    await near.closeWrite()
    const frame = await near.read({ timeoutMs: 1_000 }).catch(() => null)
    expect(await served).toMatch(/^(INVALID_FRAME|TOO_LARGE)$/)
    expect(frame === null ? null : Response.decode(frame).code).toBe(3)
  })

  test('nothing, for ever: a deadline ends it', async () => {
    const { far } = await framePair()
    expect(await codeOf(quick.serve(far, 'peer', source([]), never))).toBe('TIMEOUT')
  })

  test('a source that is too slow says BUSY, one that fails UNAVAILABLE, and nothing of why', async () => {
    expect(await codeOf(ask({ attestations: async () => await new Promise(() => undefined) }))).toBe('BUSY')
    const { near, far } = await framePair()
    const serving = quick
      .serve(
        far,
        'peer',
        {
          attestations: async () => {
            throw new Error('the secret')
          }
        },
        never
      )
      .catch((error: Error) => error.message)
    await expect(fetchAttestations(near, { about: LEDGER }, waits)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.not.stringContaining('secret')
    })
    expect(await serving).toBe('the secret')
  })
})

describe('hostile servers', () => {
  const items = (...given: AttestItem[]): Uint8Array => encodeResponse({ kind: 'items', items: given })
  const end = (count: number): Uint8Array => encodeResponse({ kind: 'end', count })

  test.each<[string, string, () => Uint8Array[]]>([
    ['no END', 'TRUNCATED', () => [items(item(1))]],
    ['END counts more', 'INVALID_FRAME', () => [items(item(1)), end(2)]],
    ['END counts fewer', 'INVALID_FRAME', () => [items(item(1), item(2)), end(1)]],
    ['something behind END', 'INVALID_FRAME', () => [end(0), end(0)]],
    ['a refusal inside', 'INVALID_FRAME', () => [items(item(1)), Response.encode({ code: 4 })]],
    ['more than 256 items', 'TOO_LARGE', () => [...Array.from({ length: 257 }, (_, i) => items(item(i))), end(256)]],
    [
      '257 items in a frame',
      'TOO_LARGE',
      () => [
        Response.encode({
          code: 1,
          items: {
            items: Array.from({ length: 257 }, () => ({ attestation: { header: bytes(1), signature: bytes(64) } }))
          }
        }),
        end(256)
      ]
    ],
    [
      'several items that do not fit a frame',
      'TOO_LARGE',
      () => [items(item(1, true, 20_000), item(2, true, 20_000)), end(2)]
    ],
    [
      'more than a reply may hold',
      'TOO_LARGE',
      () => [...Array.from({ length: 17 }, (_, i) => items(item(i, true, 32_000))), end(17)]
    ],
    [
      'a header above the limit',
      'TOO_LARGE',
      () => [
        Response.encode({
          code: 1,
          items: { items: [{ attestation: { header: bytes(32_769), signature: bytes(64) } }] }
        }),
        end(1)
      ]
    ],
    [
      'a signature of 63 bytes',
      'INVALID_FRAME',
      () => [
        Response.encode({ code: 1, items: { items: [{ attestation: { header: bytes(1), signature: bytes(63) } }] } }),
        end(1)
      ]
    ],
    [
      'an item without an attestation',
      'INVALID_FRAME',
      () => [
        Response.encode({ code: 1, items: { items: [{ acceptance: { header: bytes(1), signature: bytes(64) } }] } }),
        end(1)
      ]
    ],
    ['no items', 'INVALID_FRAME', () => [Response.encode({ code: 1, items: { items: [] } }), end(0)]],
    ['OK with a count', 'INVALID_FRAME', () => [Response.encode({ code: 1, count: 1 })]],
    ['DENIED, which is no answer here', 'INVALID_FRAME', () => [Response.encode({ code: 5 })]],
    ['BUSY without a pause', 'INVALID_FRAME', () => [Response.encode({ code: 6 })]],
    ['BUSY for more than an hour', 'TOO_LARGE', () => [Response.encode({ code: 6, retryMs: 3_600_001 })]]
  ])('%s: %s', async (_what, code, frames) => {
    expect(await codeOf(reply(...frames()))).toBe(code)
  })

  test('silence: a deadline ends it', async () => {
    const { near } = await framePair()
    expect(await codeOf(fetchAttestations(near, { about: LEDGER }, waits))).toBe('TIMEOUT')
  })
})

test('any bytes decode to something canonical, or are refused with a code', () => {
  const starts = [[], [...encodeRequest({ about: LEDGER }).slice(0, 4)], [8, 1, 0x12], [8, 2, 0x18]]
  const bytesOf = fc
    .tuple(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }))
    .map(([start, rest]) => Uint8Array.from([...start, ...rest]))
  fc.assert(
    fc.property(bytesOf, (data) => {
      const request = decodedOr(decodeRequest, data)
      expect(request === null ? data : Uint8Array.from(encodeRequest(request))).toEqual(data)
      const response = decodedOr(decodeResponse, data)
      expect(response === null ? data : Uint8Array.from(encodeResponse(response))).toEqual(data)
    })
  )
})

test('what is asked and answered arrives as it was given', async () => {
  const asked: unknown[] = []
  const answer = [item(1), item(2, true), item(3)]
  const from: AttestSource = {
    attestations: async (peer, request) => {
      asked.push(peer, request)
      return answer
    }
  }
  expect(plain(await ask(from, { about: LEDGER }))).toEqual(plain(answer))
  expect(plain(await ask(from, { by: OTHER }))).toEqual(plain(answer))
  expect(asked).toEqual(['peer', { about: LEDGER }, 'peer', { by: OTHER }])
  expect(await ask(source([]))).toEqual([])
  expect(codeOfCall(() => encodeRequest({ about: 'nonsense' }))).toBe('INVALID')
})

test('the largest item arrives; of too many, the first', async () => {
  const largest = item(1, true, 32_768)
  expect(plain(await ask(source([largest])))).toEqual(plain([largest]))
  const many = Array.from({ length: MAX_ITEMS + 10 }, (_, i) => item(i, i % 2 === 0, 900))
  expect(plain(await ask(source(many)))).toEqual(plain(many.slice(0, MAX_ITEMS)))
  expect((await ask(source(Array.from({ length: 40 }, (_, i) => item(i, true, 32_000))))).length).toBe(16)
})
