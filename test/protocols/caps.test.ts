import { expect, test } from 'vitest'
import { Announcement } from '../../protocols/announce/announce.pb.js'
import { decodeAnnouncement } from '../../protocols/announce/index.js'
import { decodeFrame } from '../../protocols/hello/frame.js'
import { Frame } from '../../protocols/hello/hello.pb.js'
import { Entries, Payloads, Request } from '../../protocols/pull/pull.pb.js'
import { decodeRequest } from '../../protocols/pull/request.js'
import { entryItems, payloadItems } from '../../protocols/pull/response.js'
import { Response } from '../../protocols/attest/attest.pb.js'
import { decodeResponse } from '../../protocols/attest/frame.js'
import { Request as PushRequest, Response as PushResponse } from '../../protocols/push/push.pb.js'
import { decodeRequest as decodePushRequest } from '../../protocols/push/request.js'
import { decodeResponse as decodePushResponse } from '../../protocols/push/response.js'
import {
  Entries as QueryEntries,
  Request as QueryRequest,
  Response as QueryResponse
} from '../../protocols/query/query.pb.js'
import { decodeRequest as decodeQueryRequest } from '../../protocols/query/request.js'
import { decodeResponse as decodeQueryResponse, entryItems as queryItems } from '../../protocols/query/response.js'
import { Request as RegistryRequest, Response as RegistryResponse } from '../../protocols/registry/registry.pb.js'
import { decodeRequest as decodeRegistryRequest } from '../../protocols/registry/request.js'
import { decodeResponse as decodeRegistryResponse } from '../../protocols/registry/response.js'
import { bytes } from './streams.js'

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
const signed = { header: bytes(3), signature: bytes(64) }
const record = { body: bytes(3), signature: bytes(64), keyEntries: times(257, signed) }
const none = { heads: [], same: [], none: [], denied: [] }

// "had too many elements" is the decoder's own word: it stopped at the cap, and did not build the list first.
test.each<[string, () => unknown]>([
  ...(['hashes', 'seqs', 'ids'] as const).map((list): [string, () => unknown] => [
    `${list} of a Get`,
    () =>
      decodeQueryRequest(
        QueryRequest.encode({
          get: {
            ledger: 'a',
            hashes: [],
            seqs: [],
            ids: [],
            want: 1,
            [list]: times<unknown>(65, list === 'hashes' ? bytes(32) : list === 'seqs' ? 1 : 'i')
          }
        })
      )
  ]),
  [
    'hashes of a multiproof',
    () => decodeQueryResponse(QueryResponse.encode({ code: 1, proof: { tree: times(16_385, bytes(32)) } }))
  ],
  [
    'hashes of a consistency proof',
    () =>
      decodeQueryResponse(
        QueryResponse.encode({ code: 1, basis: { ledger: 'a', keyEntries: 1, consistency: times(55, bytes(32)) } })
      )
  ],
  ['entries of a group of query', () => queryItems.decode(QueryEntries.encode({ entries: times(769, signed) }))],
  [
    'key entries of an Intro',
    () => decodeFrame(Frame.encode({ intro: { network: 'a', software: 'b', clockMs: 1, record, features: [] } }))
  ],
  [
    'features',
    () => decodeFrame(Frame.encode({ intro: { network: 'a', software: 'b', clockMs: 1, features: times(33, 'f') } }))
  ],
  ['key entries of a noticed record', () => decodeFrame(Frame.encode({ notice: { record } }))],
  [
    'noticed heads',
    () =>
      decodeFrame(Frame.encode({ notice: { heads: { heads: times(513, { ledger: 'a', ...signed, earliest: 0 }) } } }))
  ],
  [
    'wanted heads',
    () =>
      decodeFrame(
        Frame.encode({
          request: {
            id: 1,
            heads: { wanted: times(513, { ledger: 'a', size: 1, hasEvidence: false, evidenceIds: [] }) }
          }
        })
      )
  ],
  [
    'evidence ids',
    () =>
      decodeFrame(
        Frame.encode({
          request: {
            id: 1,
            heads: { wanted: [{ ledger: 'a', size: 1, hasEvidence: false, evidenceIds: times(17, bytes(32)) }] }
          }
        })
      )
  ],
  ...(['same', 'none', 'denied'] as const).map((list): [string, () => unknown] => [
    list,
    () => decodeFrame(Frame.encode({ reply: { id: 1, code: 1, heads: { ...none, [list]: times(513, 'a') } } }))
  ]),
  [
    'heads in a reply',
    () =>
      decodeFrame(
        Frame.encode({
          reply: { id: 1, code: 1, heads: { ...none, heads: times(513, { ledger: 'a', ...signed, earliest: 0 }) } }
        })
      )
  ],
  [
    'entries in a reply',
    () => decodeFrame(Frame.encode({ reply: { id: 1, code: 1, entries: { entries: times(65, signed) } } }))
  ],
  [
    'key entries in a reply',
    () => decodeFrame(Frame.encode({ reply: { id: 1, code: 1, keyEntries: { entries: times(257, signed) } } }))
  ],
  ['seqs', () => decodeRequest(Request.encode({ payloads: { ledger: 'a', seqs: times(513, 1) } }))],
  ...(['streams', 'types', 'issuers', 'subjects'] as const).map((list): [string, () => unknown] => [
    list,
    () =>
      decodeRequest(
        Request.encode({
          range: {
            ledger: 'a',
            from: 0,
            count: 1,
            want: 3,
            filter: { streams: [], types: [], issuers: [], subjects: [], [list]: times(65, 'a') }
          }
        })
      )
  ]),
  ['entries of a group', () => entryItems.decode(Entries.encode({ entries: times(513, signed) }))],
  ['payloads of a group', () => payloadItems.decode(Payloads.encode({ payloads: times(513, { seq: 1 }) }))],
  [
    'attestations',
    () => decodeResponse(Response.encode({ code: 1, items: { items: times(257, { attestation: signed }) } }))
  ],
  ['offers', () => decodePushRequest(PushRequest.encode({ offers: times(65, { ledger: 'a', ...signed, mode: 1 }) }))],
  ...(['streams', 'types', 'issuers', 'subjects'] as const).map((list): [string, () => unknown] => [
    `${list} of an offer`,
    () =>
      decodePushRequest(
        PushRequest.encode({
          offers: [
            {
              ledger: 'a',
              ...signed,
              mode: 1,
              filter: { streams: [], types: [], issuers: [], subjects: [], [list]: times(65, 'a') }
            }
          ]
        })
      )
  ]),
  [
    'runs',
    () =>
      decodePushResponse(
        PushResponse.encode({
          code: 1,
          results: { ledger: 'a', runs: times(513, { from: 1, count: 1, outcome: 1, reason: 0 }) }
        })
      )
  ],
  [
    'streams of a decision',
    () =>
      decodePushResponse(
        PushResponse.encode({
          code: 1,
          decision: {
            ledger: 'a',
            decision: 1,
            reason: 0,
            mode: 1,
            size: 0,
            store: bytes(16),
            hash: bytes(0),
            filter: { streams: times(65, 'a'), types: [], issuers: [], subjects: [] }
          }
        })
      )
  ],
  ['key entries of a registered record', () => decodeRegistryRequest(RegistryRequest.encode({ register: record }))],
  [
    'key entries of a listing',
    () => decodeRegistryResponse(RegistryResponse.encode({ code: 1, listing: { record, status: 0, updated: 0 } }))
  ],
  ['key entries of an announced record', () => decodeAnnouncement(Announcement.encode({ record }))]
])('%s are capped while they are read', (_name, decode) => {
  expect(decode).toThrow(
    expect.objectContaining({ code: 'TOO_LARGE', message: expect.stringContaining('had too many elements') as string })
  )
})
