/** Peers that do not follow SPEC.md: servers first, for it is they who are asked. */
import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  askGet,
  askSelect,
  queryProtocol,
  type GetRequest,
  type QuerySource,
  type SelectRequest
} from '../../../protocols/query/index.js'
import { Entries, Request, Response } from '../../../protocols/query/query.pb.js'
import { decodeRequest } from '../../../protocols/query/request.js'
import { compress, WireError, type FrameStream } from '../../../protocols/wire.js'
import { LEDGER, OTHER, bytes, codeOf, codeOfCall, entry, framePair, never, noise } from '../streams.js'

const SELECT: SelectRequest = {
  ledger: LEDGER,
  filter: {},
  from: 0,
  to: null,
  order: 'asc',
  limit: 512,
  maxBytes: 100_000,
  want: 'full',
  show: 'matches',
  treeSize: null,
  knownSize: null
}
const REFUSED = /^(?:INVALID_FRAME|TOO_LARGE)$/
const options = { signal: never, deadlines: { stallMs: 200, closeMs: 30 } }

/** A server that reads the request and then sends these frames, whatever they are. */
async function answered(frames: Uint8Array[], ending: 'close' | 'reset' | 'stall' = 'close'): Promise<FrameStream> {
  const pair = await framePair()
  void (async () => {
    await pair.far.read({ timeoutMs: 5_000 })
    for (const frame of frames) await pair.far.write(frame)
    if (ending === 'close') await pair.far.closeWrite()
    if (ending === 'reset') pair.far.abort(new Error('reset'))
  })().catch(() => undefined)
  return pair.near
}

const basis = (some: object = {}): Uint8Array =>
  Response.encode({ code: 1, basis: { ledger: LEDGER, checkpoint: 'note', keyEntries: 1, consistency: [], ...some } })
const proof = (count = 1): Uint8Array =>
  Response.encode({ code: 1, proof: { tree: Array.from({ length: count }, () => bytes(32)) } })
const end = (some: object = {}): Uint8Array =>
  Response.encode({ code: 2, end: { count: 2, status: 1, all: false, ...some } })

async function groupOf(content: Uint8Array, inflated = content.byteLength): Promise<Uint8Array> {
  return Response.encode({ code: 1, group: { inflated, data: await compress(content) } })
}

/** A key entry and `count` entries. */
async function items(
  count: number,
  payload: Uint8Array | null = bytes(50),
  keyPayload?: Uint8Array
): Promise<Uint8Array> {
  const wire = (seq: number, body: Uint8Array | null | undefined): object => {
    const { header, signature } = entry(seq)
    return { header, signature, ...(body == null ? {} : { payload: body }) }
  }
  return await groupOf(
    Entries.encode({
      entries: [wire(0, keyPayload), ...Array.from({ length: count }, (_, at) => wire(at + 1, payload))] as never
    })
  )
}

const attempt = async (
  frames: Uint8Array[],
  request: Partial<SelectRequest> = {},
  ending?: 'close' | 'reset' | 'stall'
): Promise<string> => await codeOf(askSelect(await answered(frames, ending), { ...SELECT, ...request }, options))

test('an honest reply is taken; a server that then does not close takes nothing from it', async () => {
  for (const ending of ['close', 'stall'] as const) {
    const near = await answered([basis(), await items(2), proof(), end()], ending)
    expect((await askSelect(near, SELECT, options)).entries).toHaveLength(2)
  }
})

test('END missing, early close, reset and stall', async () => {
  const frames = [basis(), await items(2), proof()]
  expect(await attempt(frames)).toBe('TRUNCATED')
  expect(await attempt([])).toBe('TRUNCATED')
  expect(await attempt(frames, {}, 'reset')).toBe('CLOSED')
  expect(await attempt(frames, {}, 'stall')).toBe('TIMEOUT')
})

test('frames in another order, twice, missing, or after END', async () => {
  const [b, i, p, e] = [basis(), await items(2), proof(), end()]
  for (const frames of [
    [i, p, e],
    [e],
    [b, b, i, p, e],
    [b, p, i, e],
    [b, i, p, p, e],
    [b, i, e],
    [b, i, p, e, e],
    [b, i, p, e, i],
    [b, i, p, Response.encode({ code: 5 })],
    [basis({ ledger: OTHER }), i, p, e]
  ])
    expect(await attempt(frames)).toBe('INVALID_FRAME')
})

test('counts that lie, key entries that are missing or carry payloads', async () => {
  for (const lie of [{ count: 1 }, { count: 3 }, { count: 0 }])
    expect(await attempt([basis(), await items(2), proof(), end(lie)])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ keyEntries: 4 }), await items(2), proof(), end()])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ keyEntries: 0 }), await items(2), proof(), end()])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ keyEntries: 257 }), await items(2), proof(), end()])).toBe('TOO_LARGE')
  expect(await attempt([basis(), await items(2, null, bytes(9)), proof(), end()])).toBe('INVALID_FRAME')
})

test('a basis without a checkpoint, with too much, or with what is no hash', async () => {
  const evidence = bytes(9)
  const without = { checkpoint: undefined, keyEntries: 0 }
  expect(await attempt([basis(without), end({ count: 0 })])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ ...without, evidence, consistency: [bytes(32)] }), end({ count: 0 })])).toBe(
    'INVALID_FRAME'
  )
  expect(await attempt([basis({ ...without, evidence }), await items(0), end({ count: 0 })])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ ...without, evidence }), proof(), end({ count: 0 })])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ checkpoint: 'x'.repeat(4_097) })])).toBe('TOO_LARGE')
  expect(await attempt([basis({ evidence: bytes(1_048_577) })])).toBe('TOO_LARGE')
  expect(await attempt([basis({ evidence: bytes(0) })])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ consistency: [bytes(31)] })])).toBe('INVALID_FRAME')
  expect(await attempt([basis({ consistency: Array.from({ length: 55 }, () => bytes(32)) })])).toBe('TOO_LARGE')
  expect(await attempt([basis(), proof(16_385)])).toBe('TOO_LARGE')
})

test('more than was asked for: entries, matches, bytes, payloads', async () => {
  expect(await attempt([basis(), await items(3), proof(), end({ count: 3 })], { limit: 2 })).toBe('TOO_LARGE')
  expect(await attempt([basis(), await items(513), proof(), end({ count: 512 })])).toBe('TOO_LARGE')
  expect(await attempt([basis(), await items(2), proof(), end()], { want: 'headers' })).toBe('INVALID_FRAME')
  const big = noise(200_000)
  const many = await Promise.all(
    Array.from(
      { length: 7 },
      async () => await groupOf(Entries.encode({ entries: [{ header: bytes(9), signature: bytes(64), payload: big }] }))
    )
  )
  expect(await attempt([basis(), ...many, ...many, proof(), end({ count: 14 })], { maxBytes: 1_000 })).toBe('TOO_LARGE')
})

test('one byte, one hash or one entry past each limit of a group, a basis and a request', async () => {
  const wire = (header: Uint8Array, payload?: Uint8Array): object => ({
    header,
    signature: bytes(64),
    ...(payload === undefined ? {} : { payload })
  })
  const entries = (list: object[]): Uint8Array => Entries.encode({ entries: list as never })
  /** Groups that are within their own limits, or the one that is not. */
  const groups = async (lists: object[][]): Promise<Uint8Array[]> =>
    await Promise.all(lists.map(async (list) => await groupOf(entries(list))))
  const key = wire(bytes(9))
  const asked = async (lists: object[][], count: number, keyEntries = 1): Promise<string> => {
    const near = await answered([basis({ keyEntries }), ...(await groups(lists)), proof(), end({ count })])
    return await askSelect(near, { ...SELECT, maxBytes: 4_194_304 }, options).then(
      () => 'OK',
      (error: unknown) => (error as WireError).code
    )
  }

  // A group of several items, which would have to be two.
  const half = noise(131_072)
  expect(await asked([[key], [wire(bytes(9), half)], [wire(bytes(9), half)]], 2)).toBe('OK')
  expect(await asked([[key], [wire(bytes(9), half), wire(bytes(9), half)]], 2)).toMatch(REFUSED)
  // An item: its header, its payload, its signature.
  expect(await asked([[key], [wire(bytes(32_768), noise(1_048_576))]], 1)).toBe('OK')
  expect(await asked([[key], [wire(bytes(32_769))]], 1)).toMatch(REFUSED)
  expect(await asked([[key], [wire(bytes(9), noise(1_048_577))]], 1)).toMatch(REFUSED)
  expect(await asked([[key], [{ header: bytes(9), signature: bytes(63) }]], 1)).toMatch(REFUSED)
  // A basis: an index fault that is too long, or beside evidence.
  expect(await attempt([basis({ indexFault: bytes(1_048_577) })])).toMatch(REFUSED)
  expect(await attempt([basis({ indexFault: bytes(0) })])).toMatch(REFUSED)
  // Requests: of any kind longer than they may be, and one more of what is asked for.
  const get = { ledger: LEDGER, hashes: [], seqs: [], ids: [], want: 1 }
  const name = 'x'.repeat(128)
  for (const [wrong, fine] of [
    [{ ids: Array.from({ length: 65 }, () => 'x') }, { ids: Array.from({ length: 64 }, () => name) }],
    [{ seqs: Array.from({ length: 65 }, (_, at) => at) }, { seqs: Array.from({ length: 64 }, (_, at) => at) }],
    [{ hashes: Array.from({ length: 65 }, () => bytes(32)) }, { hashes: Array.from({ length: 64 }, () => bytes(32)) }],
    [{ ids: [`${name}x`] }, { ids: [name] }]
  ]) {
    expect(() => decodeRequest(Request.encode({ get: { ...get, ...fine } }))).not.toThrow()
    expect(codeOfCall(() => decodeRequest(Request.encode({ get: { ...get, ...wrong } })))).toMatch(REFUSED)
  }
})

test('what was to be shown is not: all for some, some for all', async () => {
  const all = [basis(), await items(4), proof(), end({ count: 2, all: true })]
  expect((await askSelect(await answered(all), { ...SELECT, show: 'all' }, options)).count).toBe(2)
  expect((await askSelect(await answered(all), { ...SELECT, show: 'either' }, options)).all).toBe(true)
  expect(await attempt(all, { show: 'matches' })).toBe('INVALID_FRAME')
  expect(await attempt([basis(), await items(2), proof(), end()], { show: 'all' })).toBe('INVALID_FRAME')
  expect(await attempt([basis(), await items(2), proof(), end({ count: 3, all: true })], { show: 'all' })).toBe(
    'INVALID_FRAME'
  )
  const get: GetRequest = { ledger: LEDGER, wanted: { seqs: [1, 2] }, want: 'full', knownSize: null }
  expect(await codeOf(askGet(await answered(all), get, options))).toBe('TOO_LARGE')
  expect(
    await codeOf(askGet(await answered([basis(), await items(2), proof(), end({ all: true })]), get, options))
  ).toBe('INVALID_FRAME')
})

test('a next page that is none: pages that would never end', async () => {
  const paged = async (
    status: number,
    next: number | undefined,
    request: Partial<SelectRequest> = {}
  ): Promise<string> =>
    await attempt([basis(), await items(2), proof(), end({ status, ...(next === undefined ? {} : { next }) })], request)
  expect(await paged(1, 7)).toBe('INVALID_FRAME')
  expect(await paged(2, undefined)).toBe('INVALID_FRAME')
  expect(await paged(4, 7)).toBe('INVALID_FRAME')
  expect(await paged(2, 5, { from: 5 })).toBe('INVALID_FRAME')
  expect(await paged(2, 3, { from: 5 })).toBe('INVALID_FRAME')
  expect(await paged(3, 10, { from: 5, to: 9 })).toBe('INVALID_FRAME')
  expect(await paged(2, 9, { from: 5, to: 9, order: 'desc' })).toBe('INVALID_FRAME')
  expect(await paged(2, 4, { from: 5, to: 9, order: 'desc' })).toBe('INVALID_FRAME')
})

test('a declared size that lies, a zip bomb, garbage and trailing bytes', async () => {
  const content = Entries.encode({ entries: [{ header: bytes(9), signature: bytes(64) }] })
  const data = await compress(content)
  const frame = (inflated: number, packed: Uint8Array): Uint8Array =>
    Response.encode({ code: 1, group: { inflated, data: packed } })
  for (const [inflated, packed, code] of [
    [content.byteLength + 1, data, 'INVALID_FRAME'],
    [0, data, 'INVALID_FRAME'],
    [262_144, zstdCompressSync(new Uint8Array(128 << 20)), 'INVALID_FRAME'],
    [1_081_423, data, 'TOO_LARGE'],
    [100, noise(100), 'INVALID_FRAME'],
    [content.byteLength, Buffer.concat([data, bytes(1)]), 'INVALID_FRAME']
  ] as const)
    expect(await attempt([basis(), frame(inflated, packed)])).toBe(code)
  expect(await attempt([basis(), noise(60)])).toBe('INVALID_FRAME')
  expect(await attempt([basis(), Buffer.concat([proof(), bytes(3)])])).toBe('INVALID_FRAME')
})

test('requests that no client of ours makes are refused, and none is answered twice', async () => {
  const asks: string[] = []
  const never_ = async (): Promise<never> => {
    asks.push('asked')
    return await Promise.reject(new WireError('UNAVAILABLE', 'x'))
  }
  const source: QuerySource = { select: never_, get: never_ }
  const send = async (request: Uint8Array): Promise<number> => {
    const { near, far } = await framePair()
    void queryProtocol({ closeMs: 30 })
      .serve(far, 'peer', source, never)
      .catch(() => undefined)
    await near.write(request)
    await near.closeWrite()
    return Response.decode((await near.read({ timeoutMs: 5_000 }))!).code
  }
  const select = { ledger: LEDGER, from: 0, descending: false, limit: 1, maxBytes: 1, want: 1, show: 1 }
  const get = { ledger: LEDGER, hashes: [], seqs: [1], ids: [], want: 1 }
  expect(await send(Request.encode({ select }))).toBe(4)
  expect(asks).toHaveLength(1)
  for (const wrong of [
    { select: { ...select, want: 3 } },
    { select: { ...select, show: 4 } },
    { select: { ...select, limit: 513 } },
    { select: { ...select, filter: {} } },
    { get: { ...get, ids: ['x'] } },
    { get: { ...get, seqs: [] } },
    { get: { ...get, want: 0 } },
    {}
  ]) {
    expect(codeOfCall(() => decodeRequest(Request.encode(wrong as never)))).toMatch(/^(?:INVALID_FRAME|TOO_LARGE)$/)
    expect(await send(Request.encode(wrong as never))).toBe(3)
  }
  expect(await send(noise(40))).toBe(3)
  expect(asks).toHaveLength(1)
})
