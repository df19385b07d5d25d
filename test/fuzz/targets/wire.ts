/** What comes over the network: frames of every protocol, the framing below them, and what is inside groups. */
import assert from 'node:assert/strict'
import { streamPair } from '@libp2p/utils'
import { announcementId, decodeAnnouncement, encodeAnnouncement } from '../../../protocols/announce/index.js'
import * as attest from '../../../protocols/attest/frame.js'
import { decodeFrame, encodeFrame, type Frame } from '../../../protocols/hello/frame.js'
import * as pullRequest from '../../../protocols/pull/request.js'
import {
  decodeResponse,
  encodeResponse,
  entryItems,
  payloadItems,
  type Response
} from '../../../protocols/pull/response.js'
import * as pushRequest from '../../../protocols/push/request.js'
import * as pushResponse from '../../../protocols/push/response.js'
import type { PushRequest } from '../../../protocols/push/index.js'
import * as queryRequest from '../../../protocols/query/request.js'
import * as queryResponse from '../../../protocols/query/response.js'
import type { SelectRequest } from '../../../protocols/query/index.js'
import * as registryRequest from '../../../protocols/registry/request.js'
import * as registryResponse from '../../../protocols/registry/response.js'
import { FrameStream, WireError, type WireErrorCode } from '../../../protocols/wire.js'
import { compress, inflate } from '../../../protocols/zstd.js'
import { varint } from '../mutation.js'
import { author, signedRecord, evidences } from '../samples.js'
import { decoder, type Coded, type Target } from '../target.js'

export function wire(...allowed: WireErrorCode[]): Coded {
  return (error) => error instanceof WireError && allowed.includes(error.code)
}

const frameErrors = wire('INVALID_FRAME', 'TOO_LARGE')
const { ledger } = author
const other = `b${'a'.repeat(52)}`
const entries = author.entries.map(({ raw }) => raw)
const keyEntries = author.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature }))
const head = async () => ({
  ledger,
  header: entries[6]!.header,
  signature: entries[6]!.signature,
  checkpoint: await author.checkpoint(),
  evidence: (await evidences())[0]!,
  earliest: 0
})
const busy = new WireError('BUSY', '', { retryMs: 500 })
const unavailable = new WireError('UNAVAILABLE', '', { available: { earliest: 0, size: 7 } })
const denied = new WireError('DENIED', '')

async function helloFrames(): Promise<Frame[]> {
  const record = await signedRecord()
  return [
    {
      kind: 'intro',
      intro: { network: 'test', software: 'ledgermesh/0', clockMs: 1_700_000_000_000, record, features: ['a', 'b'] }
    },
    {
      kind: 'request',
      id: 1,
      ask: {
        kind: 'heads',
        wanted: [
          { ledger, size: 7, headHash: author.entries[6]!.hash, checkpointSize: 3, hasEvidence: true },
          { ledger: other, size: 0 }
        ]
      }
    },
    {
      kind: 'request',
      id: 9,
      ask: { kind: 'heads', wanted: [{ ledger, size: 7, evidenceIds: ['ab'.repeat(32), 'cd'.repeat(32)] }] }
    },
    { kind: 'request', id: 2, ask: { kind: 'entries', ledger, from: 3, count: 64 } },
    { kind: 'request', id: 3, ask: { kind: 'keyEntries', ledger } },
    {
      kind: 'reply',
      id: 1,
      answer: { kind: 'heads', heads: { heads: [await head()], same: [other], none: [], denied: [] } }
    },
    { kind: 'reply', id: 2, answer: { kind: 'entries', entries } },
    { kind: 'reply', id: 3, answer: { kind: 'keyEntries', entries: keyEntries } },
    { kind: 'reply', id: 4, answer: { kind: 'refused', error: busy } },
    { kind: 'reply', id: 5, answer: { kind: 'refused', error: unavailable } },
    { kind: 'notice', notice: { kind: 'heads', heads: [await head()] } },
    { kind: 'notice', notice: { kind: 'evidence', ledger, evidence: (await evidences())[0]! } },
    { kind: 'notice', notice: { kind: 'record', record } },
    { kind: 'bye', refusal: 'DENIED' }
  ]
}

async function pullResponses(): Promise<Response[]> {
  const group = entryItems.encode(entries)
  return [
    { kind: 'head', head: await head() },
    { kind: 'group', inflated: group.byteLength, data: await compress(group) },
    { kind: 'evidence', evidence: (await evidences())[1]! },
    { kind: 'end', count: 7 },
    { kind: 'refused', error: busy },
    { kind: 'refused', error: unavailable },
    { kind: 'refused', error: denied }
  ]
}

const select: SelectRequest = {
  ledger,
  filter: {},
  from: 0,
  to: null,
  order: 'asc',
  limit: 512,
  maxBytes: 4_194_304,
  want: 'full',
  show: 'either',
  treeSize: null,
  knownSize: null
}
const hash = Buffer.from(author.entries[0]!.hash, 'hex')

function queryRequests(): queryRequest.Request[] {
  return [
    { kind: 'select', select },
    {
      kind: 'select',
      select: {
        ...select,
        filter: {
          stream: 'main',
          type: 'note',
          issuer: 'oid:1',
          subject: 'größe',
          id: '1',
          refersTo: { ledger: other, entryId: 'x' },
          timeFrom: 0,
          timeTo: 253_402_300_800_000
        },
        from: 3,
        to: 7,
        order: 'desc',
        want: 'headers',
        show: 'all',
        treeSize: 7,
        knownSize: 5
      }
    },
    { kind: 'get', get: { ledger, wanted: { hashes: [hash, hash] }, want: 'full', knownSize: null } },
    { kind: 'get', get: { ledger, wanted: { seqs: [0, 6] }, want: 'headers', knownSize: 3 } },
    { kind: 'get', get: { ledger, wanted: { ids: ['entry-1', 'größe'] }, want: 'full', knownSize: null } }
  ]
}

async function queryResponses(): Promise<queryResponse.Response[]> {
  const group = queryResponse.entryItems.encode(entries)
  const checkpoint = await author.checkpoint()
  const evidence = (await evidences())[0]!
  return [
    { kind: 'basis', basis: { ledger, checkpoint, keyEntries: 2, consistency: [hash, hash], evidence } },
    { kind: 'basis', basis: { ledger, checkpoint, keyEntries: 1, consistency: [], evidence: null } },
    { kind: 'basis', basis: { ledger, checkpoint: null, keyEntries: 0, consistency: [], evidence } },
    { kind: 'group', inflated: group.byteLength, data: await compress(group) },
    { kind: 'proof', tree: [hash, hash, hash] },
    { kind: 'proof', tree: [] },
    { kind: 'end', end: { count: 7, ending: 'end', all: true, next: null } },
    { kind: 'end', end: { count: 0, ending: 'budget', all: false, next: 20_000 } },
    { kind: 'refused', error: busy },
    { kind: 'refused', error: unavailable },
    { kind: 'refused', error: denied }
  ]
}

const record = await signedRecord()
const listing = { record, status: 'online', updated: 1_700_000_000_000 } as const

export const wireTargets: Target[] = [
  decoder({
    name: 'query-request',
    coded: frameErrors,
    seeds: () => queryRequests().map(queryRequest.encodeRequest),
    decode: queryRequest.decodeRequest,
    encode: queryRequest.encodeRequest
  }),
  decoder({
    name: 'query-response',
    coded: frameErrors,
    seeds: async () => (await queryResponses()).map(queryResponse.encodeResponse),
    decode: queryResponse.decodeResponse,
    encode: queryResponse.encodeResponse
  }),
  decoder({
    name: 'query-entries',
    coded: frameErrors,
    seeds: () => [queryResponse.entryItems.encode(entries), queryResponse.entryItems.encode(entries.slice(2, 3))],
    decode: queryResponse.entryItems.decode,
    encode: queryResponse.entryItems.encode
  }),
  decoder({
    name: 'hello',
    coded: frameErrors,
    seeds: async () => (await helloFrames()).map(encodeFrame),
    decode: decodeFrame,
    encode: encodeFrame
  }),
  decoder({
    name: 'announce',
    coded: frameErrors,
    seeds: async () => [
      encodeAnnouncement({ head: entries[6]! }),
      encodeAnnouncement({ evidence: (await evidences())[0]! }),
      encodeAnnouncement({ record })
    ],
    decode: decodeAnnouncement,
    encode: encodeAnnouncement
  }),
  {
    name: 'announce-id',
    seeds: () => [encodeAnnouncement({ head: entries[6]! })],
    run: (bytes) => announcementId(bytes).byteLength === 32 || assert.fail('an id of another length')
  },
  decoder({
    name: 'pull-request',
    coded: frameErrors,
    decode: pullRequest.decodeRequest,
    encode: pullRequest.encodeRequest,
    seeds: () =>
      (
        [
          { kind: 'head', ledger },
          { kind: 'keyEntries', ledger },
          { kind: 'evidence', ledger },
          { kind: 'payloads', ledger, payloads: { ledger, seqs: [0, 5, 600] } },
          { kind: 'range', ledger, range: { ledger, from: 3, count: 512, want: 'full' } },
          {
            kind: 'range',
            ledger,
            range: {
              ledger,
              from: 0,
              count: 1,
              want: 'filtered',
              filter: { streams: ['main', 'é'], types: ['note'], issuers: [], subjects: ['oid:2'] }
            }
          }
        ] as const
      ).map((request) => pullRequest.encodeRequest(request as Parameters<typeof pullRequest.encodeRequest>[0]))
  }),
  decoder({
    name: 'pull-response',
    coded: frameErrors,
    seeds: async () => (await pullResponses()).map(encodeResponse),
    decode: decodeResponse,
    encode: encodeResponse
  }),
  decoder({
    name: 'pull-entries',
    coded: frameErrors,
    seeds: () => [entryItems.encode(entries), entryItems.encode([entries[2]!])],
    decode: entryItems.decode,
    encode: entryItems.encode
  }),
  decoder({
    name: 'pull-payloads',
    coded: frameErrors,
    seeds: () => [
      payloadItems.encode([
        { seq: 0, payload: null },
        { seq: 2, payload: entries[2]!.payload }
      ])
    ],
    decode: payloadItems.decode,
    encode: payloadItems.encode
  }),
  decoder({
    name: 'attest-request',
    coded: frameErrors,
    seeds: () => [attest.encodeRequest({ about: ledger }), attest.encodeRequest({ by: ledger })],
    decode: attest.decodeRequest,
    encode: attest.encodeRequest
  }),
  decoder({
    name: 'attest-response',
    coded: frameErrors,
    decode: attest.decodeResponse,
    encode: attest.encodeResponse,
    seeds: () => [
      attest.encodeResponse({
        kind: 'items',
        items: [
          { attestation: keyEntries[0]!, acceptance: null },
          { attestation: keyEntries[1]!, acceptance: keyEntries[0]! }
        ]
      }),
      attest.encodeResponse({ kind: 'end', count: 2 }),
      attest.encodeResponse({ kind: 'refused', error: busy })
    ]
  }),
  decoder({
    name: 'push-request',
    coded: frameErrors,
    decode: pushRequest.decodeRequest,
    encode: pushRequest.encodeRequest,
    seeds: () =>
      (
        [
          { offers: [{ ledger, ...keyEntries[0]!, mode: 'mirror' }] },
          {
            offers: [
              { ledger, ...keyEntries[0]!, mode: 'either', filter: { streams: ['main', 'é'], types: ['note'] } },
              { ledger: other, ...keyEntries[1]!, mode: 'adopt' }
            ],
            token: Buffer.alloc(32, 7)
          }
        ] satisfies PushRequest[]
      ).map(pushRequest.encodeRequest)
  }),
  decoder({
    name: 'push-response',
    coded: frameErrors,
    decode: pushResponse.decodeResponse,
    encode: pushResponse.encodeResponse,
    seeds: () =>
      (
        [
          {
            kind: 'decision',
            decision: {
              ledger,
              decision: 'accepted',
              reason: 0,
              mode: 'mirror',
              size: 3,
              hash: Buffer.alloc(32, 1),
              store: Buffer.alloc(16, 2),
              filter: { types: ['note'] }
            }
          },
          {
            kind: 'decision',
            decision: {
              ledger,
              decision: 'refused',
              reason: 6,
              mode: null,
              size: 0,
              hash: null,
              store: null,
              retryMs: 3_600_000
            }
          },
          {
            kind: 'progress',
            progress: { ledger, stored: 7, durable: 5, audited: 6, adopted: 2, stall: 0, hash: Buffer.alloc(32, 1) }
          },
          {
            kind: 'results',
            results: {
              ledger,
              runs: [
                { from: 0, count: 3, outcome: 1, reason: 0 },
                { from: 3, count: 4, outcome: 6, reason: 12, other: Buffer.alloc(32, 9) }
              ]
            }
          },
          { kind: 'end', count: 4 },
          { kind: 'refused', error: busy },
          { kind: 'refused', error: denied }
        ] satisfies pushResponse.Response[]
      ).map(pushResponse.encodeResponse)
  }),
  decoder({
    name: 'registry-request',
    coded: frameErrors,
    decode: registryRequest.decodeRequest,
    encode: registryRequest.encodeRequest,
    seeds: () =>
      (
        [
          { kind: 'register', record },
          { kind: 'discover', discover: { capability: 'sync', region: 'eu', limit: 64 } },
          { kind: 'getLedger', ledger },
          { kind: 'updateStatus', ledger, status: 'offline' }
        ] as const
      ).map(registryRequest.encodeRequest)
  }),
  decoder({
    name: 'registry-response',
    coded: frameErrors,
    decode: registryResponse.decodeResponse,
    encode: registryResponse.encodeResponse,
    seeds: () =>
      (
        [
          { kind: 'listing', listing },
          { kind: 'end', count: 1 },
          { kind: 'refused', error: busy },
          { kind: 'refused', error: denied }
        ] as const
      ).map(registryResponse.encodeResponse)
  }),
  decoder({
    // The first three bytes: the declared size.
    name: 'zstd',
    coded: wire('INVALID_FRAME'),
    shortRuns: 150,
    seeds: async () =>
      await Promise.all(
        [entryItems.encode(entries), Buffer.alloc(100_000, 7), Buffer.alloc(1, 7)].map(async (data) =>
          Buffer.concat([size(data.byteLength), await compress(data)])
        )
      ),
    decode: (bytes) =>
      inflate(bytes.subarray(3), Buffer.concat([bytes.subarray(0, 3), Buffer.alloc(3)]).readUIntBE(0, 3)),
    check: (inflated, bytes) => {
      assert.equal(inflated.byteLength, Buffer.from(bytes).readUIntBE(0, 3))
    }
  }),
  {
    // The first byte: in chunks of how many bytes the rest arrives.
    name: 'frame-stream',
    shortRuns: 150,
    seeds: () => [
      Buffer.concat([Buffer.of(3), ...[5, 0, 200].flatMap((length) => [varint(length), Buffer.alloc(length, 9)])]),
      Buffer.concat([Buffer.of(255), varint(4096), Buffer.alloc(4096, 1)])
    ],
    run: readFrames
  }
]

function size(bytes: number): Buffer {
  const buffer = Buffer.alloc(3)
  buffer.writeUIntBE(bytes, 0, 3)
  return buffer
}

/** Frames that were read are the beginning of what was sent; what follows them is an error of the layer, or nothing. */
async function readFrames(bytes: Uint8Array): Promise<boolean> {
  const [near, far] = await streamPair()
  const stream = new FrameStream(far, 65_536)
  const sent = Buffer.from(bytes.subarray(1))
  const step = (bytes[0] ?? 0) + 1
  for (let at = 0; at < sent.length && near.writeStatus === 'writable'; at += step)
    near.send(sent.subarray(at, at + step))
  const closing = near.close()
  const frames: Buffer[] = []
  let failed = false
  try {
    for await (const frame of stream.frames({ timeoutMs: 5_000 }))
      frames.push(Buffer.concat([varint(frame.byteLength), frame]))
  } catch (error) {
    if (!wire('INVALID_FRAME', 'TOO_LARGE', 'TRUNCATED')(error)) throw error
    failed = true
  }
  stream.abort(new WireError('CLOSED', 'done'))
  await closing.catch(() => undefined) // the other side may be gone by now
  const read = Buffer.concat(frames)
  assert.deepEqual(read, sent.subarray(0, read.length))
  if (!failed) assert.equal(read.length, sent.length)
  return !failed
}
