import { expect, test } from 'vitest'
import {
  askGet,
  askSelect,
  queryProtocol,
  type GetRequest,
  type QueryReply,
  type QuerySource,
  type SelectRequest,
  type WireIndex
} from '../../../protocols/query/index.js'
import { Response as Message } from '../../../protocols/query/query.pb.js'
import { decodeResponse, encodeResponse } from '../../../protocols/query/response.js'
import { encodeRequest } from '../../../protocols/query/request.js'
import { WireError, type FrameStream } from '../../../protocols/wire.js'
import { selectOf } from '../../helpers/select-of.js'
import {
  LARGEST,
  LEDGER,
  OTHER,
  bytes,
  codeOf,
  codeOfCall,
  entry,
  framePair,
  never,
  noise,
  plain,
  type Pair
} from '../streams.js'

const SELECT = selectOf(LEDGER)
const GET: GetRequest = { ledger: LEDGER, wanted: { seqs: [3] }, want: 'full', knownSize: null }
const key = { header: bytes(200), signature: bytes(64) }
const options = { signal: never, deadlines: { stallMs: 500, closeMs: 50 } }

function replyOf(some: Partial<QueryReply> = {}): QueryReply {
  return {
    basis: { checkpoint: 'a note', keyEntries: [key], consistency: [], evidence: null, indexFault: null },
    entries: [entry(3)],
    tree: [bytes(32)],
    index: null,
    count: some.entries?.length ?? 1,
    ending: 'end',
    all: false,
    next: null,
    ...some
  }
}

async function served(
  reply: QueryReply | WireError | (() => Promise<QueryReply>),
  asked: (request: SelectRequest | GetRequest) => void = () => {}
): Promise<Pair & { charged: number[] }> {
  const pair = await framePair()
  const charged: number[] = []
  pair.far.charge = async (units) => {
    charged.push(units)
    return await Promise.resolve(0)
  }
  const answer = async (request: SelectRequest | GetRequest): Promise<{ reply: QueryReply; examined: number }> => {
    asked(request)
    if (reply instanceof WireError) throw reply
    return { reply: typeof reply === 'function' ? await reply() : reply, examined: 2_000 }
  }
  const source: QuerySource = {
    select: async (_peer, request) => await answer(request),
    get: async (_peer, request) => await answer(request)
  }
  void serve(pair.far, source)
  return { ...pair, charged }
}

async function serve(stream: FrameStream, source: QuerySource): Promise<void> {
  await queryProtocol({ busyAfterMs: 60, closeMs: 50, requestMs: 500 })
    .serve(stream, 'peer', source, never)
    .catch(() => undefined)
}

test('a reply comes as it was given, and is paid for: before it is read, and for what was read', async () => {
  const consistency = [bytes(32, 1), bytes(32, 2)]
  const evidence = bytes(900)
  const full = replyOf({
    basis: { checkpoint: 'a note', keyEntries: [key, key], consistency, evidence, indexFault: null },
    entries: [entry(4), entry(9, null), entry(12)],
    ending: 'limit',
    next: 13
  })
  let seen: unknown
  const request: SelectRequest = {
    ...SELECT,
    filter: {
      stream: 's',
      type: 't',
      issuer: 'i',
      subject: 'o',
      id: 'x',
      refersTo: { ledger: OTHER, entryId: 'e' },
      timeFrom: 0,
      timeTo: 5
    },
    from: 2,
    to: 500,
    treeSize: 20,
    knownSize: 10
  }
  const { near, charged } = await served(full, (asked) => (seen = asked))
  expect(plain(await askSelect(near, request, options))).toEqual(plain(full))
  expect(seen).toEqual(request)
  expect(charged).toEqual([1, 2])
})

test('single entries by hash, by seq and by id', async () => {
  for (const wanted of [{ hashes: [bytes(32)] }, { seqs: [0, 2 ** 53 - 1] }, { ids: ['größe', 'x'.repeat(128)] }]) {
    let seen: unknown
    const { near } = await served(replyOf(), (asked) => (seen = asked))
    expect((await askGet(near, { ...GET, wanted }, options)).entries).toHaveLength(1)
    expect(seen).toEqual({ ...GET, wanted })
  }
})

test('a frozen ledger without a checkpoint below the evidence: the evidence alone', async () => {
  const frozen = replyOf({
    basis: { checkpoint: null, keyEntries: [], consistency: [], evidence: bytes(1_048_576), indexFault: null },
    entries: [],
    tree: []
  })
  const { near } = await served(frozen)
  expect(await askSelect(near, SELECT, options)).toEqual({ ...frozen, count: 0 })
})

test('the largest legal things go through: entries, evidence, key entries, a proof of 16,384 hashes', async () => {
  const reply = replyOf({
    basis: {
      checkpoint: 'n'.repeat(4_096),
      keyEntries: Array.from({ length: 256 }, (_, at) => ({ header: noise(4_000, at + 1), signature: bytes(64) })),
      consistency: Array.from({ length: 54 }, () => bytes(32)),
      evidence: null,
      indexFault: noise(1_048_576, 5)
    },
    entries: [LARGEST, LARGEST, LARGEST],
    tree: Array.from({ length: 16_384 }, (_, at) => noise(32, at + 1))
  })
  const { near } = await served(reply)
  expect(plain(await askSelect(near, SELECT, options))).toEqual(plain(reply))
})

test('refusals, a source that fails, and one that is slow', async () => {
  for (const code of ['UNAVAILABLE', 'DENIED', 'BUSY', 'INVALID'] as const) {
    const { near } = await served(new WireError(code, 'x', { retryMs: 5 }))
    expect(await codeOf(askSelect(near, SELECT, options))).toBe(code)
  }
  const none = new WireError('UNAVAILABLE', 'x', { available: { earliest: 0, size: 0 } })
  const { near } = await served(none)
  await expect(askSelect(near, SELECT, options)).rejects.toMatchObject({ available: { earliest: 0, size: 0 } })
  const failing = await served(() => Promise.reject(new Error('the disk')))
  expect(await codeOf(askSelect(failing.near, SELECT, options))).toBe('UNAVAILABLE')
  const slow = await served(() => new Promise(() => {}))
  await expect(askSelect(slow.near, SELECT, options)).rejects.toMatchObject({ code: 'BUSY', retryMs: 2_000 })
})

test('what cannot be asked is refused before it is sent: every limit, and one more', () => {
  const select =
    (some: Partial<SelectRequest>): (() => unknown) =>
    () =>
      encodeRequest({ kind: 'select', select: { ...SELECT, ...some } })
  const get =
    (some: Partial<GetRequest>): (() => unknown) =>
    () =>
      encodeRequest({ kind: 'get', get: { ...GET, ...some } })
  const name = 'x'.repeat(128)
  for (const fine of [
    select({ limit: 1 }),
    select({ limit: 512, maxBytes: 1 }),
    select({ from: 7, to: 7 }),
    select({ from: 2 ** 53 - 1, treeSize: 2 ** 53 - 1, knownSize: 1 }),
    select({ filter: { stream: name, id: name, refersTo: { ledger: OTHER, entryId: name } } }),
    get({ wanted: { seqs: Array.from({ length: 64 }, (_, at) => at) } }),
    get({ wanted: { ids: Array.from({ length: 64 }, () => name) } }),
    get({ wanted: { hashes: Array.from({ length: 64 }, () => bytes(32)) } })
  ])
    expect(fine).not.toThrow()
  for (const wrong of [
    select({ ledger: 'x' }),
    select({ limit: 0 }),
    select({ limit: 513 }),
    select({ maxBytes: 0 }),
    select({ maxBytes: 4_194_305 }),
    select({ from: 8, to: 7 }),
    select({ from: -1 }),
    select({ from: 0.5 }),
    select({ from: 2 ** 53 }),
    select({ treeSize: 0 }),
    select({ knownSize: 0 }),
    select({ filter: { stream: '' } }),
    select({ filter: { subject: `${name}x` } }),
    select({ filter: { subject: '\ud800' } }),
    select({ filter: { refersTo: { ledger: 'x' } } }),
    select({ filter: { refersTo: { ledger: OTHER, entryId: '' } } }),
    select({ filter: { timeFrom: -1 } }),
    get({ wanted: { seqs: [] } }),
    get({ wanted: { seqs: Array.from({ length: 65 }, (_, at) => at) } }),
    get({ wanted: { hashes: [bytes(31)] } }),
    get({ wanted: { ids: [''] } }),
    get({ wanted: { ids: [`${name}x`] } })
  ])
    expect(codeOfCall(wrong)).toBe('INVALID')
})

const ref = bytes(44)
const largestIndex: WireIndex = {
  entry: key,
  family: 8,
  siblings: Array.from({ length: 80 }, () => bytes(32)),
  leaf: { key: bytes(32), count: Number.MAX_SAFE_INTEGER, list: ref },
  run: {
    first: 0,
    items: [{ entry: 0 }, { skipped: ref, width: 2 }, ...Array.from({ length: 4_094 }, () => ({ posting: bytes(28) }))],
    outside: Array.from({ length: 106 }, () => ref)
  }
}

test('the largest index goes through, and one more of anything does not', async () => {
  const reply = replyOf({ all: true, index: largestIndex })
  const { near } = await served(reply)
  expect((await askSelect(near, { ...SELECT, show: 'all' }, options)).index).toEqual(largestIndex)
  const { run } = largestIndex
  for (const wrong of [
    { family: 9 },
    { siblings: [...largestIndex.siblings, bytes(32)] },
    { siblings: [bytes(31)] },
    { leaf: { ...largestIndex.leaf!, list: bytes(43) } },
    { run: { ...run!, items: [...run!.items, { entry: 1 }] } },
    { run: { ...run!, items: [] } },
    { run: { ...run!, items: [{ posting: bytes(27) }] } },
    { run: { ...run!, outside: [...run!.outside, ref] } }
  ])
    expect(() => encodeResponse({ kind: 'proof', tree: [], index: { ...largestIndex, ...wrong } })).toThrow(WireError)
})

test('an index that shows nothing, and one behind a Get, are no answer', async () => {
  const { near } = await served(replyOf({ all: false, index: largestIndex }))
  await expect(askSelect(near, { ...SELECT, show: 'either' }, options)).rejects.toMatchObject({ code: 'INVALID_FRAME' })
  const { near: other } = await served(replyOf({ index: largestIndex }))
  await expect(askGet(other, GET, options)).rejects.toMatchObject({ code: 'INVALID_FRAME' })
})

test.each([
  ['no entry', {}],
  ['an item of two kinds', { run: { first: 0, items: [{ entry: 1, posting: bytes(28) }], outside: [] } }],
  ['an item of none', { run: { first: 0, items: [{}], outside: [] } }],
  ['a width without its ref', { run: { first: 0, items: [{ entry: 1, width: 2 }], outside: [] } }],
  ['a ref without its width', { run: { first: 0, items: [{ skipped: ref }], outside: [] } }],
  ['an index entry with a payload', { entry: { ...key, payload: bytes(3) } }]
])('%s is refused', (_what, some) => {
  const entry = _what === 'no entry' ? {} : { entry: key }
  const index = { ...entry, family: 0, siblings: [], ...some }
  const frame = Message.encode({ code: 1, proof: { tree: [], index: index as never } })
  expect(() => decodeResponse(frame)).toThrow(WireError)
})
