/** What push says survives its encoding, also where it is as much as is allowed. */
import { expect, test } from 'vitest'
import type { PushNews, PushRequest } from '../../../protocols/push/index.js'
import { decodeRequest, encodeRequest } from '../../../protocols/push/request.js'
import { decodeResponse, encodeResponse } from '../../../protocols/push/response.js'
import { LEDGER, OTHER, bytes } from '../streams.js'
import { accepted, one, progress, run } from './samples.js'

test('the fullest filter that is allowed arrives as it is', () => {
  const names = Array.from({ length: 64 }, (_, i) => String(i).padStart(128, 'a'))
  const filter = { streams: names, types: names, issuers: names, subjects: names }
  expect(decodeRequest(encodeRequest({ offers: [{ ...one, filter }] })).offers[0]!.filter).toEqual(filter)
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
