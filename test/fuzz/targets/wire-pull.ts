/** Frames of pull/1, and the entries and payloads inside its groups. */
import * as pullRequest from '../../../protocols/pull/request.js'
import {
  decodeResponse,
  encodeResponse,
  entryItems,
  payloadItems,
  type Response
} from '../../../protocols/pull/response.js'
import { compress } from '../../../protocols/zstd.js'
import { evidences } from '../samples.js'
import { decoder, type Target } from '../target.js'
import { busy, denied, entries, frameErrors, head, ledger, unavailable } from './wire-samples.js'

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

export const pullTargets: Target[] = [
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
  })
]
