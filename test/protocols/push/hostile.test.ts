/**
 * The largest things that push allows, the next larger ones, and everything that breaks SPEC push, from peers that are
 * not our own client or server.
 */
import { describe, expect, test } from 'vitest'
import {
  offer,
  pushProtocol,
  type Offer,
  type Progress,
  type PushNews,
  type PushRequest,
  type PushSource,
  type Run
} from '../../../protocols/push/index.js'
import { MAX_FRAME_BYTES, MAX_REQUEST_BYTES } from '../../../protocols/push/limits.js'
import { Request, Response } from '../../../protocols/push/push.pb.js'
import { encodeRequest } from '../../../protocols/push/request.js'
import { encodeResponse } from '../../../protocols/push/response.js'
import { WireError } from '../../../protocols/wire.js'
import { LEDGER, OTHER, bytes, codeOf, codeOfCall, framePair, never, until } from '../streams.js'
import { accepted, one, progress, run } from './samples.js'

const quick = pushProtocol({ requestMs: 50, busyAfterMs: 50, stallMs: 200, sessionMs: 2_000, closeMs: 30 })
const waits = { signal: never, deadlines: { stallMs: 100, sessionMs: 2_000, closeMs: 30 } }
const bare = { ledger: LEDGER, header: bytes(3), signature: bytes(64) }
const asked: PushRequest = { offers: [one] }
const raw = { ledger: LEDGER, decision: 1, reason: 0, mode: 1, size: 0, store: bytes(16), hash: bytes(0) }
/** A number of 64 bits as it stands in a frame, and beyond what a sender of ours can say. */
const varint = (value: bigint): number[] =>
  value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]
const TOO_FAR = varint(2n ** 53n)
/** A response with one message in this field, of fields that are given as they are. */
const inner = (field: number, ...parts: Uint8Array[]): Uint8Array => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(0x08, 1, (field << 3) | 2, ...varint(BigInt(body.length))), body])
}
const named = Buffer.concat([Buffer.of(0x0a, LEDGER.length), Buffer.from(LEDGER)])
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
    ['a signature of 65 bytes', () => Request.encode({ offers: [{ ...bare, signature: bytes(65), mode: 1 }] })],
    ['a token of 33 bytes', () => Request.encode({ offers: [{ ...bare, mode: 1 }], token: bytes(33) })],
    ['a token of 31 bytes', () => Request.encode({ offers: [{ ...bare, mode: 1 }], token: bytes(31) })],
    ['an empty token', () => Request.encode({ offers: [{ ...bare, mode: 1 }], token: bytes(0) })],
    [
      'a filter without a value',
      () =>
        Request.encode({
          offers: [{ ...bare, mode: 1, filter: { streams: [], types: [], issuers: [], subjects: [] } }]
        })
    ],
    ...(['streams', 'types', 'issuers', 'subjects'] as const).map((list): [string, () => Uint8Array] => [
      `65 ${list} in a filter`,
      () =>
        Request.encode({
          offers: [
            {
              ...bare,
              mode: 1,
              filter: {
                streams: [],
                types: [],
                issuers: [],
                subjects: [],
                [list]: Array.from({ length: 65 }, () => 'a')
              }
            }
          ]
        })
    ]),
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
    ['a store of 17 bytes', 'INVALID_FRAME', () => [decision({ store: bytes(17) })]],
    ['a hash of 33 bytes', 'INVALID_FRAME', () => [decision({ size: 1, hash: bytes(33) })]],
    ['a size of 2^53', 'INVALID_FRAME', () => [inner(2, named, Buffer.of(0x10, 1, 0x20, 1, 0x28, ...TOO_FAR))]],
    ['2^53 stored', 'INVALID_FRAME', () => [decision(), inner(3, named, Buffer.of(0x10, ...TOO_FAR))]],
    [
      'a run from 2^53',
      'INVALID_FRAME',
      () => [decision(), inner(4, named, Buffer.of(0x12, TOO_FAR.length + 5, 0x08, ...TOO_FAR, 0x10, 1, 0x18, 1))]
    ],
    [
      'a filter of 65 values',
      'TOO_LARGE',
      () => [
        decision({
          filter: { streams: [], types: Array.from({ length: 65 }, () => 'a'), issuers: [], subjects: [] }
        })
      ]
    ],
    ['progress with a hash of 33 bytes', 'INVALID_FRAME', () => [decision(), state({ hash: bytes(33) })]],
    ['a stall above 255', 'TOO_LARGE', () => [decision(), state({ stall: 256 })]],
    ['an outcome above 255', 'TOO_LARGE', () => [decision(), runs({ ...run, outcome: 256 })]],
    ['a reason of a run above 255', 'TOO_LARGE', () => [decision(), runs({ ...run, reason: 256 })]],
    ["another entry's hash of 33 bytes", 'INVALID_FRAME', () => [decision(), runs({ ...run, other: bytes(33) })]],
    ['END that counts too far', 'TOO_LARGE', () => [decision(), Response.encode({ code: 2, count: 65_537 })]],
    ['BUSY for more than an hour', 'TOO_LARGE', () => [Response.encode({ code: 6, retryMs: 3_600_001 })]],
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

  test('frames that are put together by hand are taken with the largest number: it is the next one that is not', async () => {
    const most = varint(2n ** 53n - 1n)
    const hash = Buffer.concat([Buffer.of(0x4a, 32), bytes(32)])
    const store = Buffer.concat([Buffer.of(0x32, 16), bytes(16)])
    const by = (number: number[]): Promise<PushNews[]> =>
      session(
        inner(2, named, Buffer.of(0x10, 1, 0x20, 1, 0x28, ...number), store, hash),
        inner(3, named, Buffer.of(0x10, ...number)),
        end(2)
      )
    expect((await by(most)).map(({ kind }) => kind)).toEqual(['decision', 'progress'])
    expect(await codeOf(by(TOO_FAR))).toBe('INVALID_FRAME')
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

  test('a session that never ends, however much it says, is over after its time', async () => {
    const { near, far } = await framePair(MAX_FRAME_BYTES, 1 << 20)
    let isOver = false
    const telling = (async () => {
      await far.read({ timeoutMs: 500 })
      await far.write(decision(), { timeoutMs: 500 })
      while (!isOver) {
        await far.write(state({}), { timeoutMs: 500 })
        await new Promise(setImmediate)
      }
    })().catch(() => undefined)
    const news = async (): Promise<number> => {
      let count = 0
      for await (const _ of offer(near, asked, {
        signal: never,
        deadlines: { stallMs: 40, sessionMs: 60, closeMs: 30 }
      }))
        count++
      return count
    }
    expect(await codeOf(news())).toBe('TIMEOUT')
    isOver = true
    await telling
  })

  test('the longest pause in BUSY comes out; a server that does not close after END takes nothing away', async () => {
    await expect(session(Response.encode({ code: 6, retryMs: 3_600_000 }))).rejects.toMatchObject({
      code: 'BUSY',
      retryMs: 3_600_000
    })
    const { near, far } = await framePair(MAX_FRAME_BYTES, 1 << 20)
    const answering = far.read({ timeoutMs: 500 }).then(async () => {
      for (const frame of [decision(), end(1)]) await far.write(frame, { timeoutMs: 500 })
    })
    const kinds: string[] = []
    for await (const { kind } of offer(near, asked, waits)) kinds.push(kind)
    expect(kinds).toEqual(['decision'])
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
