import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Frame } from '../../../protocols/hello/hello.pb.js'
import { decodeFrame, encodeFrame } from '../../../protocols/hello/frame.js'
import { helloProtocol, openHello } from '../../../protocols/hello/index.js'
import { NoticeQueue } from '../../../protocols/hello/queue.js'
import { WireError } from '../../../protocols/wire.js'
import {
  LEDGER,
  OTHER,
  bytes,
  codeOf,
  codeOfCall,
  decodedOr,
  entry,
  framePair,
  head,
  never,
  until
} from '../streams.js'
import { abuse, introMessage, quick, source, talk, wireHead } from './peers.js'

const heads = (id: number, ledger = LEDGER): Uint8Array =>
  Frame.encode({ request: { id, heads: { wanted: [{ ledger, size: 0, hasEvidence: false, evidenceIds: [] }] } } })
const wants = (evidenceIds: Uint8Array[], hasEvidence = false): Uint8Array =>
  Frame.encode({ request: { id: 1, heads: { wanted: [{ ledger: LEDGER, size: 0, hasEvidence, evidenceIds }] } } })
const lists = { heads: [], same: [], none: [], denied: [] }

test.each<[string, Uint8Array]>([
  ['nothing', bytes(0)],
  ['garbage', bytes(100, 0xff)],
  ['nested groups', bytes(200_000, 0x0b)],
  ['a second Intro', Frame.encode({ intro: introMessage() })],
  ['an unknown frame', Buffer.from([0x32, 0])],
  ['a reply to nothing', Frame.encode({ reply: { id: 1, code: 5 } })],
  ['a request without a body', Frame.encode({ request: { id: 1 } })],
  ['id 0', heads(0)],
  ['no ledgers', Frame.encode({ request: { id: 1, heads: { wanted: [] } } })],
  [
    'a ledger twice',
    Frame.encode({
      request: {
        id: 1,
        heads: {
          wanted: [
            { ledger: LEDGER, size: 0, hasEvidence: false, evidenceIds: [] },
            { ledger: LEDGER, size: 1, hasEvidence: false, evidenceIds: [] }
          ]
        }
      }
    })
  ],
  [
    '513 ledgers',
    Frame.encode({
      request: {
        id: 1,
        heads: {
          wanted: Array.from({ length: 513 }, () => ({ ledger: LEDGER, size: 0, hasEvidence: false, evidenceIds: [] }))
        }
      }
    })
  ],
  [
    'a short hash',
    Frame.encode({
      request: {
        id: 1,
        heads: { wanted: [{ ledger: LEDGER, size: 0, headHash: bytes(31), hasEvidence: false, evidenceIds: [] }] }
      }
    })
  ],
  ['17 evidence ids', wants(Array.from({ length: 17 }, (_, i) => bytes(32, i)))],
  ['an evidence id twice', wants([bytes(32, 1), bytes(32, 2), bytes(32, 1)])],
  ['a short evidence id', wants([bytes(31)])],
  ['a long evidence id', wants([bytes(33)])],
  ['evidence ids and the word that there is some', wants([bytes(32)], true)],
  ['a wrong ledger id', heads(1, LEDGER.toUpperCase())],
  ['0 entries', Frame.encode({ request: { id: 1, entries: { ledger: LEDGER, from: 0, count: 0 } } })],
  ['65 entries', Frame.encode({ request: { id: 1, entries: { ledger: LEDGER, from: 0, count: 65 } } })],
  [
    'entries up to 2^53',
    Frame.encode({ request: { id: 1, entries: { ledger: LEDGER, from: Number.MAX_SAFE_INTEGER, count: 1 } } })
  ],
  ['a notice without a body', Frame.encode({ notice: {} })],
  ['no heads', Frame.encode({ notice: { heads: { heads: [] } } })],
  [
    'a head with a long header',
    Frame.encode({ notice: { heads: { heads: [{ ...wireHead(), header: bytes(32_769) }] } } })
  ],
  ['evidence above its limit', Frame.encode({ notice: { evidence: { ledger: LEDGER, evidence: bytes(1_048_577) } } })],
  [
    'a record with 257 key entries',
    Frame.encode({
      notice: {
        record: {
          body: bytes(9),
          signature: bytes(64),
          keyEntries: Array.from({ length: 257 }, () => ({ header: bytes(9), signature: bytes(64) }))
        }
      }
    })
  ],
  ['a Bye with code END', Frame.encode({ bye: { code: 2 } })],
  ['a frame above the limit', bytes(1_114_113)],
  ['an unknown field', Buffer.concat([heads(1), Buffer.from([0x48, 1])])]
])('%s: a Bye with INVALID, the end, and a violation', async (_name, frame) => {
  const far = source()
  const { stream, served, next } = await abuse(far)
  await stream.write(frame)
  expect((await next())?.bye).toEqual({ code: 3 })
  expect(await served).toMatch(/^(INVALID_FRAME|TOO_LARGE)$/)
  await far.sessions[0]!.closed
})

test('ids that repeat or fall', async () => {
  for (const id of [5, 4]) {
    const { stream, served } = await abuse(source())
    await stream.write(heads(5))
    await stream.write(heads(id))
    expect(await served).toBe('INVALID_FRAME')
  }
})

test('eight unanswered requests are allowed, nine are not', async () => {
  for (const count of [8, 9]) {
    const slow = source({ heads: async () => new Promise(() => undefined) })
    const { stream, served, next } = await abuse(slow, { ...quick, busyAfterMs: 200 })
    for (let id = 1; id <= count; id++) await stream.write(heads(id))
    const first = await next()
    expect(first?.reply?.code ?? first?.bye?.code).toBe(count === 8 ? 6 : 3)
    stream.abort(new Error('done'))
    expect(await served).toBe(count === 8 ? 'served' : 'TOO_LARGE')
  }
})

test('a peer that asks on while the source still works on BUSY answers hears BUSY at once', async () => {
  let working = 0
  const slow = source({
    entries: async () => {
      working++
      return new Promise(() => undefined)
    }
  })
  const { stream, next } = await abuse(slow, { ...quick, busyAfterMs: 40 })
  for (let id = 1; id <= 40; id++) {
    await stream.write(Frame.encode({ request: { id, entries: { ledger: LEDGER, from: 0, count: 1 } } }))
    expect((await next())?.reply).toMatchObject({ id, code: 6, retryMs: 2_000 })
  }
  expect(working).toBe(8)
  stream.abort(new Error('done'))
})

test('a peer that answers one ledger at a time is asked 64 times', async () => {
  let asked = 0
  const far = source({
    heads: (_peer, wanted) => {
      asked++
      return { heads: [], same: [], none: [wanted[0]!.ledger], denied: [] }
    }
  })
  const { asker } = await talk(source(), far)
  const wanted = Array.from({ length: 100 }, (_, i) => ({
    ledger: `b${'a'.repeat(50)}${String.fromCharCode(97 + Math.floor(i / 20), 97 + (i % 20))}`,
    size: 0
  }))
  const { none, unanswered } = await asker.askHeads(wanted)
  expect([asked, none.length, unanswered.length]).toEqual([64, 64, 36])
  await asker.close()
})

test('a peer that never reads is not served without end', async () => {
  const far = source({ entries: async () => [entry(0, bytes(200_000))] })
  const { stream, served } = await abuse(far)
  for (let id = 1; id <= 500; id++) {
    if (!stream.writable) break
    await stream
      .write(Frame.encode({ request: { id, entries: { ledger: LEDGER, from: 0, count: 1 } } }))
      .catch(() => undefined)
  }
  expect(await served).not.toBe('served')
})

test('an Intro that is late, missing, cut off, or something else', async () => {
  const far = async (abuseStream: (pair: Awaited<ReturnType<typeof framePair>>) => Promise<void>): Promise<string> => {
    const pair = await framePair(4 << 20, 1_114_112)
    const serving = codeOf(helloProtocol(quick).serve(pair.far, 'near', source(), never))
    await abuseStream(pair)
    return serving
  }
  expect(await far(async () => undefined)).toBe('TIMEOUT')
  expect(await far(async ({ near }) => near.closeWrite())).toBe('TRUNCATED')
  expect(
    await far(async ({ near }) => {
      near.abort(new Error('gone'))
    })
  ).toBe('CLOSED')
  expect(await far(async ({ near }) => near.write(heads(1)))).toBe('INVALID_FRAME')
  expect(await far(async ({ near }) => near.write(Frame.encode({ bye: { code: 5 } })))).toBe('DENIED')
  for (const change of [
    { network: '' },
    { network: 'Bad Name' },
    { software: '' },
    { software: 'x'.repeat(129) },
    { clockMs: 0, record: { body: bytes(0), signature: bytes(64), keyEntries: [] } },
    { record: { body: bytes(16_385), signature: bytes(64), keyEntries: [] } },
    { record: { body: bytes(9), signature: bytes(1), keyEntries: [] } },
    { features: Array.from({ length: 33 }, () => 'f') },
    { features: ['f'.repeat(65)] },
    { features: [''] }
  ]) {
    expect(
      await far(async ({ near }) => near.write(Frame.encode({ intro: { ...introMessage(), ...change } })))
    ).toMatch(/^(INVALID_FRAME|TOO_LARGE)$/)
  }
  const pair = await framePair(4 << 20, 1_114_112)
  const refused = codeOf(helloProtocol(quick).serve(pair.far, 'near', source(), never))
  await pair.near.write(heads(1))
  await pair.near.read({ timeoutMs: 1_000 })
  expect(Frame.decode((await pair.near.read({ timeoutMs: 1_000 }))!).bye).toEqual({ code: 3 })
  expect(await refused).toBe('INVALID_FRAME')
  const whole = Frame.encode({ intro: introMessage() })
  for (let cut = 0; cut < whole.byteLength; cut += 1)
    expect(codeOfCall(() => decodeFrame(whole.subarray(0, cut)))).toBe('INVALID_FRAME')
})

test('a reply that answers something else ends the session', async () => {
  const replies: [string, (id: number) => Partial<Frame>][] = [
    [
      'entries instead',
      (id) => ({ reply: { id, code: 1, entries: { entries: [{ header: bytes(9), signature: bytes(64) }] } } })
    ],
    ['another ledger', (id) => ({ reply: { id, code: 1, heads: { ...lists, same: [OTHER] } } })],
    ['a ledger twice', (id) => ({ reply: { id, code: 1, heads: { ...lists, heads: [wireHead()], none: [LEDGER] } } })],
    ['none of them', (id) => ({ reply: { id, code: 1, heads: lists } })],
    ['another id', (id) => ({ reply: { id: id + 1, code: 5 } })],
    ['no code', (id) => ({ reply: { id, code: 0 } })],
    ['a code without fields', (id) => ({ reply: { id, code: 1 } })],
    ['fields without their code', (id) => ({ reply: { id, code: 5, retryMs: 4 } })]
  ]
  for (const [name, reply] of replies) {
    const far = source()
    const { stream, served, next } = await abuse(far)
    const asking = codeOf(far.sessions[0]!.askHeads([{ ledger: LEDGER, size: 0 }]))
    const { request } = (await next())!
    await stream.write(Frame.encode(reply(request!.id)))
    expect([name, await asking, await served]).toEqual([name, 'INVALID_FRAME', 'INVALID_FRAME'])
  }
})

test('more entries than asked, a reply twice, and no reply', async () => {
  const first = source()
  const one = await abuse(first)
  const many = codeOf(first.sessions[0]!.askEntries(LEDGER, 0, 1))
  const id = (await one.next())!.request!.id
  const entries = [1, 2].map(() => ({ header: bytes(9), signature: bytes(64) }))
  await one.stream.write(Frame.encode({ reply: { id, code: 1, entries: { entries } } }))
  expect(await many).toBe('INVALID_FRAME')

  const second = source()
  const two = await abuse(second)
  const denied = codeOf(second.sessions[0]!.askKeyEntries(LEDGER))
  const reply = Frame.encode({ reply: { id: (await two.next())!.request!.id, code: 5 } })
  await two.stream.write(reply)
  await two.stream.write(reply)
  expect([await denied, await two.served]).toEqual(['DENIED', 'INVALID_FRAME'])

  const third = source()
  const three = await abuse(third)
  expect(await codeOf(third.sessions[0]!.askKeyEntries(LEDGER))).toBe('TIMEOUT')
  expect(await three.served).toBe('served')
  expect(third.sessions[0]!.error).toMatchObject({ code: 'TIMEOUT' })
})

test('a peer that leaves, with a reset or without a Bye, ends the session', async () => {
  for (const leave of ['abort', 'close'] as const) {
    const far = source()
    const { stream, served } = await abuse(far)
    const asking = codeOf(far.sessions[0]!.askKeyEntries(LEDGER))
    if (leave === 'abort') stream.abort(new Error('gone'))
    else await stream.closeWrite()
    expect(await asking).toBe('CLOSED')
    expect(await served).toBe('served')
    expect(far.sessions[0]!.error).toMatchObject({ code: 'CLOSED' })
  }
})

test('a flood of notices costs the oldest ones, not memory, and requests go on', async () => {
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const far = source({
    onHeads: async (_peer, told) => {
      await gate
      far.heard.push(told)
    }
  })
  const { asker, answerer } = await talk(source(), far)
  for (let i = 0; i < 200; i++) asker.tellHeads([{ ...head(), header: bytes(30_000, i) }])
  await asker.askHeads([{ ledger: LEDGER, size: 0 }])
  await until(() => answerer.droppedNotices + asker.droppedNotices > 50)
  release()
  await until(() => far.heard.length + answerer.droppedNotices + asker.droppedNotices === 200)
  const last = far.heard.at(-1) as { header: Uint8Array }[]
  expect(last[0]!.header[0]).toBe(199)
  await asker.close()
})

test('the notice queue holds 256 notices, 4 MiB, and always the newest', () => {
  const queue = new NoticeQueue<number>()
  for (let i = 0; i < 257; i++) queue.push(i, 1)
  expect([queue.dropped, queue.shift()]).toEqual([1, 1])
  queue.push(1_000, 4_194_304 - 255)
  expect(queue.dropped).toBe(1)
  queue.push(1_001, 1)
  expect(queue.dropped).toBe(2)
  queue.push(1_002, 5_000_000)
  expect([queue.shift(), queue.shift()]).toEqual([1_002, undefined])
})

test('a violation found by the node in a notice ends the session as one', async () => {
  const far = source({
    onEvidence: () => {
      throw new WireError('INVALID_FRAME', 'not evidence at all')
    }
  })
  const { stream, served, next } = await abuse(far)
  await stream.write(Frame.encode({ notice: { evidence: { ledger: LEDGER, evidence: bytes(5) } } }))
  expect((await next())?.bye).toEqual({ code: 3 })
  expect(await served).toBe('INVALID_FRAME')
})

test('an own Intro that does not fit, or fails, is no fault of the peer', async () => {
  for (const intro of [
    () => ({ ...(source().intro('peer') as object), network: 'Bad Name' }) as never,
    () => {
      throw new Error('bug')
    }
  ]) {
    const pair = await framePair()
    expect(await codeOf(openHello(pair.near, source({ intro }), 'far', never, quick))).toMatch(/^(INVALID|CLOSED)$/)
  }
})

test('random and mutated frames never fail uncoded; what decodes encodes to the same bytes', () => {
  const samples = [
    Frame.encode({ intro: introMessage() }),
    heads(7),
    Frame.encode({ reply: { id: 3, code: 1, heads: { ...lists, heads: [wireHead()], same: [OTHER] } } }),
    Frame.encode({ reply: { id: 3, code: 6, retryMs: 5 } }),
    Frame.encode({ notice: { heads: { heads: [wireHead()] } } }),
    Frame.encode({ bye: { code: 1 } })
  ]
  const mutated = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(255)).map(([sample, at, value]) => {
    const copy = Uint8Array.from(sample)
    copy[at % copy.length] = value
    return copy
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 150 }), mutated, fc.constantFrom(...samples)), (data) => {
      const frame = decodedOr(decodeFrame, data)
      expect(frame === null ? data : Uint8Array.from(encodeFrame(frame))).toEqual(Uint8Array.from(data))
    }),
    { numRuns: 3_000 }
  )
  for (const sample of samples) expect(decodeFrame(sample)).toBeDefined()
})
