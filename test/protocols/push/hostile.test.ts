/**
 * The largest things that push allows, the next larger ones, and everything that breaks SPEC push, from peers that are
 * not our own client or server.
 */
import { describe, expect, test } from 'vitest'
import {
  offer,
  pushProtocol,
  type Decision,
  type Offer,
  type Progress,
  type PushNews,
  type PushRequest,
  type PushSource,
  type Run
} from '../../../protocols/push/index.js'
import { MAX_FRAME_BYTES, MAX_REQUEST_BYTES } from '../../../protocols/push/limits.js'
import { Request, Response } from '../../../protocols/push/push.pb.js'
import { decodeRequest, encodeRequest } from '../../../protocols/push/request.js'
import { decodeResponse, encodeResponse } from '../../../protocols/push/response.js'
import { WireError } from '../../../protocols/wire.js'
import { LEDGER, OTHER, bytes, codeOf, codeOfCall, framePair, never, until } from '../streams.js'

const quick = pushProtocol({ requestMs: 50, busyAfterMs: 50, stallMs: 200, sessionMs: 2_000, closeMs: 30 })
const waits = { signal: never, deadlines: { stallMs: 100, sessionMs: 2_000, closeMs: 30 } }
const bare = { ledger: LEDGER, header: bytes(3), signature: bytes(64) }
const one: Offer = { ...bare, mode: 'mirror' }
const asked: PushRequest = { offers: [one] }
const accepted: Decision = {
  ledger: LEDGER,
  decision: 'accepted',
  reason: 0,
  mode: 'mirror',
  size: 0,
  hash: null,
  store: bytes(16)
}
const progress: Progress = { ledger: LEDGER, stored: 3, durable: 2, audited: 1, stall: 0, hash: bytes(32) }
const run: Run = { from: 0, count: 1, outcome: 1, reason: 0 }
const raw = { ledger: LEDGER, decision: 1, reason: 0, mode: 1, size: 0, store: bytes(16), hash: bytes(0) }
const ids = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `b${'a'.repeat(50)}${String.fromCharCode(97 + (i >> 5))}${'abcdefghijklmnopqrstuvwxyz234567'[i & 31]}`
  )

describe('hostile clients', () => {
  const nobody: PushSource = {
    offered: () => {
      throw new Error('nothing may reach the source')
    }
  }

  async function answerTo(frame: Uint8Array): Promise<number> {
    const { near, far } = await framePair(1 << 20, MAX_FRAME_BYTES)
    const serving = quick.serve(far, 'peer', nobody, never).catch((error: unknown) => error)
    await near.write(frame, { timeoutMs: 500 })
    const response = Response.decode((await near.read({ timeoutMs: 500 }))!)
    await serving
    return response.code
  }

  test.each<[string, () => Uint8Array]>([
    ['no offers', () => Request.encode({ offers: [] })],
    ['65 offers', () => Request.encode({ offers: ids(65).map((ledger) => ({ ...bare, ledger, mode: 1 })) })],
    [
      'two offers of one ledger',
      () =>
        Request.encode({
          offers: [
            { ...bare, mode: 1 },
            { ...bare, mode: 2 }
          ]
        })
    ],
    ['mode 0', () => Request.encode({ offers: [{ ...bare, mode: 0 }] })],
    ['mode 4', () => Request.encode({ offers: [{ ...bare, mode: 4 }] })],
    ['a ledger that is none', () => Request.encode({ offers: [{ ...bare, ledger: 'b', mode: 1 }] })],
    ['no header', () => Request.encode({ offers: [{ ...bare, header: bytes(0), mode: 1 }] })],
    ['a header above the limit', () => Request.encode({ offers: [{ ...bare, header: bytes(32_769), mode: 1 }] })],
    ['a signature of 63 bytes', () => Request.encode({ offers: [{ ...bare, signature: bytes(63), mode: 1 }] })],
    ['a token of 31 bytes', () => Request.encode({ offers: [{ ...bare, mode: 1 }], token: bytes(31) })],
    ['an empty token', () => Request.encode({ offers: [{ ...bare, mode: 1 }], token: bytes(0) })],
    [
      'a filter without a value',
      () =>
        Request.encode({
          offers: [{ ...bare, mode: 1, filter: { streams: [], types: [], issuers: [], subjects: [] } }]
        })
    ],
    [
      '65 streams in a filter',
      () =>
        Request.encode({
          offers: [
            {
              ...bare,
              mode: 1,
              filter: { streams: Array.from({ length: 65 }, () => 'a'), types: [], issuers: [], subjects: [] }
            }
          ]
        })
    ],
    [
      'a name of 129 bytes',
      () =>
        Request.encode({
          offers: [{ ...bare, mode: 1, filter: { streams: ['a'.repeat(129)], types: [], issuers: [], subjects: [] } }]
        })
    ],
    ['a field of a later version', () => Buffer.concat([encodeRequest(asked), Buffer.of(0x78, 1)])],
    ['an empty frame', () => new Uint8Array()],
    ['what is no message', () => Uint8Array.of(255, 255, 255)]
  ])('%s: INVALID, and the source is not asked', async (_what, frame) => {
    expect(await answerTo(frame())).toBe(3)
  })

  test('a request of one byte more than is allowed is not read', async () => {
    const { near, far } = await framePair(1 << 20, MAX_FRAME_BYTES)
    const serving = quick.serve(far, 'peer', nobody, never)
    await Promise.all([
      near.write(bytes(MAX_REQUEST_BYTES + 1), { timeoutMs: 500 }).catch(() => undefined),
      expect(serving).rejects.toMatchObject({ code: 'TOO_LARGE' })
    ])
  })

  test('silence, and half a request, end by a deadline', async () => {
    const { far } = await framePair()
    await expect(quick.serve(far, 'peer', nobody, never)).rejects.toMatchObject({ code: 'TIMEOUT' })
    const half = await framePair()
    half.nearRaw.send(Uint8Array.of(100, 1, 2, 3))
    await half.nearRaw.close()
    await expect(quick.serve(half.far, 'peer', nobody, never)).rejects.toMatchObject({ code: 'TRUNCATED' })
  })

  test('one that goes away ends what the source does for it', async () => {
    const { near, far } = await framePair()
    let ended = false
    const source: PushSource = {
      offered: async function* (_peer, _request, signal) {
        yield { kind: 'decision', decision: accepted }
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve()
          })
        })
        ended = true
      }
    }
    const serving = quick.serve(far, 'peer', source, never).catch(() => undefined)
    for await (const news of offer(near, asked, waits)) if (news.kind === 'decision') break
    await until(() => ended)
    await serving
    expect(ended).toBe(true)
  })
})

test('the largest request that is allowed arrives; one byte more cannot be made', async () => {
  const offers = ids(64).map((ledger, i): Offer => ({ ...one, ledger, header: bytes(i < 7 ? 32_768 : 1) }))
  const last = (length: number): PushRequest => ({
    offers: [...offers.slice(0, 63), { ...offers[63]!, header: bytes(length) }],
    token: bytes(32)
  })
  // its lengths take more bytes the longer it is
  const room = MAX_REQUEST_BYTES - encodeRequest(last(20_000)).byteLength
  const largest = last(20_000 + room)
  expect(encodeRequest(largest).byteLength).toBe(MAX_REQUEST_BYTES)
  let arrived: PushRequest | null = null
  const { near, far } = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
  const serving = quick.serve(
    far,
    'peer',
    {
      offered: async function* (_peer, request) {
        arrived = request
        for (const { ledger } of request.offers) yield { kind: 'decision', decision: { ...accepted, ledger } }
      }
    },
    never
  )
  const news: PushNews[] = []
  for await (const piece of offer(near, largest, waits)) news.push(piece)
  await serving
  expect(arrived!.offers).toHaveLength(64)
  expect(news).toHaveLength(64)
  expect(codeOfCall(() => encodeRequest(last(20_001 + room)))).toBe('INVALID')
})

describe('hostile servers', () => {
  const decision = (given: Partial<typeof raw> & { filter?: object; retryMs?: number } = {}): Uint8Array =>
    Response.encode({ code: 1, decision: { ...raw, ...given } as typeof raw })
  const ok = (news: PushNews): Uint8Array => encodeResponse(news)
  const end = (count: number): Uint8Array => encodeResponse({ kind: 'end', count })
  const state = (given: Partial<Omit<Progress, 'hash'> & { hash: Uint8Array }>): Uint8Array =>
    Response.encode({ code: 1, progress: { ...progress, hash: bytes(32), ...given } })
  const runs = (...given: Run[]): Uint8Array => Response.encode({ code: 1, results: { ledger: LEDGER, runs: given } })

  async function session(...frames: Uint8Array[]): Promise<PushNews[]> {
    const { near, far } = await framePair(MAX_FRAME_BYTES, 1 << 20)
    const answering = (async () => {
      await far.read({ timeoutMs: 500 })
      for (const frame of frames) await far.write(frame, { timeoutMs: 500 })
      await far.closeWrite({ timeoutMs: 500 })
    })().catch(() => undefined)
    const news: PushNews[] = []
    try {
      for await (const piece of offer(near, asked, waits)) news.push(piece)
    } finally {
      await answering
    }
    return news
  }

  test.each<[string, string, () => Uint8Array[]]>([
    ['no END', 'TRUNCATED', () => [decision()]],
    ['END before the decision', 'INVALID_FRAME', () => [end(0)]],
    ['END counts more', 'INVALID_FRAME', () => [decision(), end(2)]],
    ['something behind END', 'INVALID_FRAME', () => [decision(), end(1), end(1)]],
    ['a refusal inside', 'INVALID_FRAME', () => [decision(), Response.encode({ code: 5 })]],
    ['a decision of another ledger', 'INVALID_FRAME', () => [decision({ ledger: OTHER }), end(1)]],
    ['a second decision', 'INVALID_FRAME', () => [decision(), decision(), end(2)]],
    ['progress before the decision', 'INVALID_FRAME', () => [ok({ kind: 'progress', progress }), end(1)]],
    [
      'progress of what was refused',
      'INVALID_FRAME',
      () => [decision({ decision: 4, reason: 1, mode: 0, store: bytes(0) }), ok({ kind: 'progress', progress }), end(2)]
    ],
    ['progress of another ledger', 'INVALID_FRAME', () => [decision(), state({ ledger: OTHER }), end(2)]],
    ['decision 5', 'INVALID_FRAME', () => [decision({ decision: 5 })]],
    ['ACCEPTED without a mode', 'INVALID_FRAME', () => [decision({ mode: 0 })]],
    ['mode 4', 'INVALID_FRAME', () => [decision({ mode: 4 })]],
    ['ACCEPTED without a store', 'INVALID_FRAME', () => [decision({ store: bytes(0) })]],
    ['a store of 15 bytes', 'INVALID_FRAME', () => [decision({ store: bytes(15) })]],
    ['a size without a hash', 'INVALID_FRAME', () => [decision({ size: 1 })]],
    ['a hash without a size', 'INVALID_FRAME', () => [decision({ hash: bytes(32) })]],
    ['a hash of 31 bytes', 'INVALID_FRAME', () => [decision({ size: 1, hash: bytes(31) })]],
    ['HELD of nothing', 'INVALID_FRAME', () => [decision({ decision: 2, mode: 0 })]],
    ['REFUSED without a reason', 'INVALID_FRAME', () => [decision({ decision: 4, mode: 0 })]],
    ['PENDING with a reason', 'INVALID_FRAME', () => [decision({ decision: 3, mode: 0, reason: 1 })]],
    ['a reason above 255', 'TOO_LARGE', () => [decision({ decision: 4, mode: 0, reason: 256 })]],
    [
      'a filter without a value',
      'INVALID_FRAME',
      () => [decision({ filter: { streams: [], types: [], issuers: [], subjects: [] } })]
    ],
    [
      'a filter of what was refused',
      'INVALID_FRAME',
      () => [
        decision({ decision: 4, reason: 1, mode: 0, filter: { streams: ['a'], types: [], issuers: [], subjects: [] } })
      ]
    ],
    ['a pause of more than an hour', 'TOO_LARGE', () => [decision({ retryMs: 3_600_001 })]],
    ['more durable than stored', 'INVALID_FRAME', () => [decision(), state({ durable: 4 })]],
    ['more audited than stored', 'INVALID_FRAME', () => [decision(), state({ audited: 4 })]],
    ['more adopted than stored', 'INVALID_FRAME', () => [decision(), state({ adopted: 4 })]],
    ['durable without a hash', 'INVALID_FRAME', () => [decision(), state({ hash: bytes(0) })]],
    ['a hash of nothing durable', 'INVALID_FRAME', () => [decision(), state({ durable: 0 })]],
    ['no runs', 'INVALID_FRAME', () => [decision(), runs()]],
    ['an empty run', 'INVALID_FRAME', () => [decision(), runs({ ...run, count: 0 })]],
    ['runs that overlap', 'INVALID_FRAME', () => [decision(), runs({ ...run, count: 2 }, { ...run, from: 1 })]],
    ['a run beyond 2^53', 'TOO_LARGE', () => [decision(), runs({ ...run, from: Number.MAX_SAFE_INTEGER })]],
    ['a run without an outcome', 'INVALID_FRAME', () => [decision(), runs({ ...run, outcome: 0 })]],
    ["another entry's hash of 31 bytes", 'INVALID_FRAME', () => [decision(), runs({ ...run, other: bytes(31) })]],
    [
      '513 runs',
      'TOO_LARGE',
      () => [decision(), runs(...Array.from({ length: 513 }, (_, from) => ({ ...run, from })))]
    ],
    ['OK with a count', 'INVALID_FRAME', () => [Response.encode({ code: 1, count: 1 })]],
    [
      'two things in one frame',
      'INVALID_FRAME',
      () => [Response.encode({ code: 1, decision: raw, progress: { ...progress, hash: bytes(32) } })]
    ],
    ['BUSY without a pause', 'INVALID_FRAME', () => [Response.encode({ code: 6 })]],
    ['a frame above the limit', 'TOO_LARGE', () => [bytes(MAX_FRAME_BYTES + 1)]]
  ])('%s: %s', async (_what, code, frames) => {
    expect(await codeOf(session(...frames()))).toBe(code)
  })

  test('the largest numbers and lists are taken; numbers of a later version are no fault', async () => {
    const most = Number.MAX_SAFE_INTEGER
    const news = await session(
      decision({ size: most, hash: bytes(32), retryMs: 3_600_000 }),
      state({ stored: most, durable: most, audited: most, adopted: most, stall: 255 }),
      runs(
        ...Array.from({ length: 512 }, (_, from) => ({ ...run, from, outcome: 255, reason: 255, other: bytes(32) }))
      ),
      end(3)
    )
    expect(news.map(({ kind }) => kind)).toEqual(['decision', 'progress', 'results'])
  })

  test('silence: a deadline ends it, also after the decision', async () => {
    const { near } = await framePair()
    expect(
      await codeOf(
        (async () => {
          for await (const news of offer(near, asked, waits)) expect(news).toBeUndefined()
        })()
      )
    ).toBe('TIMEOUT')
    const later = await framePair()
    const answering = later.far.read({ timeoutMs: 500 }).then(() => later.far.write(decision(), { timeoutMs: 500 }))
    expect(
      await codeOf(
        (async () => {
          for await (const { kind } of offer(later.near, asked, waits)) expect(kind).toBe('decision')
        })()
      )
    ).toBe('TIMEOUT')
    await answering
  })

  test('DENIED and BUSY come out as they are', async () => {
    expect(await codeOf(session(encodeResponse({ kind: 'refused', error: new WireError('DENIED', '') })))).toBe(
      'DENIED'
    )
    await expect(
      session(encodeResponse({ kind: 'refused', error: new WireError('BUSY', '', { retryMs: 7 }) }))
    ).rejects.toMatchObject({ code: 'BUSY', retryMs: 7 })
  })
})

test('a source that decides too late is BUSY; one that fails is UNAVAILABLE and its words do not travel', async () => {
  const slow = await framePair()
  const serving = quick.serve(
    slow.far,
    'peer',
    {
      offered: async function* (_peer, _request, signal) {
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            resolve()
          })
        })
        yield { kind: 'progress', progress }
      }
    },
    never
  )
  await expect(
    (async () => {
      for await (const news of offer(slow.near, asked, waits)) expect(news).toBeUndefined()
    })()
  ).rejects.toMatchObject({ code: 'BUSY', retryMs: 2_000 })
  await serving
  const bad = await framePair()
  const failing = quick
    .serve(
      bad.far,
      'peer',
      {
        offered: () => {
          throw new Error('the secret')
        }
      },
      never
    )
    .catch((error: Error) => error.message)
  await expect(
    (async () => {
      for await (const news of offer(bad.near, asked, waits)) expect(news).toBeUndefined()
    })()
  ).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.not.stringContaining('secret') as string })
  expect(await failing).toBe('the secret')
})

test('what is encoded decodes to the same', () => {
  const request: PushRequest = {
    offers: [
      { ...one, mode: 'either', filter: { types: ['a'] } },
      { ...one, ledger: OTHER, mode: 'adopt' }
    ],
    token: bytes(32)
  }
  expect(encodeRequest(decodeRequest(encodeRequest(request)))).toEqual(encodeRequest(request))
  for (const news of [
    { kind: 'decision', decision: accepted },
    { kind: 'progress', progress: { ...progress, adopted: 1 } },
    { kind: 'results', results: { ledger: LEDGER, runs: [run] } }
  ] satisfies PushNews[]) {
    const decoded = decodeResponse(encodeResponse(news))
    expect(encodeResponse(decoded)).toEqual(encodeResponse(news))
  }
})
