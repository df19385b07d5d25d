/** Frames of push/1. */
import type { PushRequest } from '../../../protocols/push/index.js'
import * as pushRequest from '../../../protocols/push/request.js'
import * as pushResponse from '../../../protocols/push/response.js'
import { decoder, type Target } from '../target.js'
import { busy, denied, frameErrors, keyEntries, ledger, other } from './wire-samples.js'

export const pushTargets: Target[] = [
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
  })
]
