/** What comes over the network: frames of every protocol, the framing below them, and what is inside groups. */
import assert from 'node:assert/strict'
import { announcementId, decodeAnnouncement, encodeAnnouncement } from '../../../protocols/announce/index.js'
import * as attest from '../../../protocols/attest/frame.js'
import { decodeFrame, encodeFrame, type Frame } from '../../../protocols/hello/frame.js'
import * as registryRequest from '../../../protocols/registry/request.js'
import * as registryResponse from '../../../protocols/registry/response.js'
import { author, evidences, signedRecord } from '../samples.js'
import { decoder, type Target } from '../target.js'
import { framingTargets } from './wire-framing.js'
import { pullTargets } from './wire-pull.js'
import { pushTargets } from './wire-push.js'
import { queryTargets } from './wire-query.js'
import { busy, denied, entries, frameErrors, head, keyEntries, ledger, other, unavailable } from './wire-samples.js'

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

const record = await signedRecord()
const listing = { record, status: 'online', updated: 1_700_000_000_000 } as const

export const wireTargets: Target[] = [
  ...queryTargets,
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
  ...pullTargets,
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
  ...pushTargets,
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
  ...framingTargets
]
