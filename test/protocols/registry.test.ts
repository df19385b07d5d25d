import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  discoverAt,
  getLedgerAt,
  registerAt,
  registry,
  updateStatusAt,
  type Listing,
  type RegistrySource
} from '../../protocols/registry/index.js'
import {
  MAX_FRAME_BYTES,
  MAX_LISTINGS,
  MAX_NAME_BYTES,
  MAX_NODES,
  MAX_RECORD_BYTES,
  MAX_REPLY_BYTES,
  MAX_REQUEST_BYTES
} from '../../protocols/registry/limits.js'
import { Request, Response } from '../../protocols/registry/registry.pb.js'
import { decodeRequest, encodeRequest } from '../../protocols/registry/request.js'
import { decodeResponse, encodeResponse } from '../../protocols/registry/response.js'
import { WireError, type SignedRecord } from '../../protocols/wire.js'
import { LEDGER, bytes, codeOf, codeOfCall, decodedOr, framePair, never, plain } from './streams.js'

const record: SignedRecord = {
  body: Buffer.from('{"v":1}'),
  signature: bytes(64),
  keyEntries: [{ header: Buffer.from('{}'), signature: bytes(64) }]
}
const listing: Listing = { record, status: 'online', updated: 1_700_000_000_000 }
const calls: unknown[] = []
const source = (listings: Listing[]): RegistrySource => ({
  register: async (peer, given) => {
    calls.push(['register', peer, plain(given)])
  },
  discover: async (peer, request) => {
    calls.push(['discover', peer, request])
    return listings
  },
  getLedger: async () => listings,
  updateStatus: async (peer, ledger, status) => {
    calls.push(['status', peer, ledger, status])
  }
})

/** A server at the far end; what it throws is its own. */
async function serving(from: RegistrySource) {
  const pair = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
  const served = registry.serve(pair.far, 'peer', from, never).then(
    () => null,
    (error: unknown) => (error instanceof WireError ? error.code : error)
  )
  return { ...pair, served }
}

describe('client and server', () => {
  test('register, discover, get one ledger, tell the status', async () => {
    calls.length = 0
    await registerAt((await serving(source([]))).near, record, { signal: never })
    expect(
      plain(
        await discoverAt(
          (await serving(source([listing, listing]))).near,
          { capability: 'sync', region: 'eu', limit: 2 },
          { signal: never }
        )
      )
    ).toEqual(plain([listing, listing]))
    expect(plain(await getLedgerAt((await serving(source([listing]))).near, LEDGER, { signal: never }))).toEqual(
      plain([listing])
    )
    await updateStatusAt((await serving(source([]))).near, LEDGER, 'offline', { signal: never })
    expect(calls).toEqual([
      ['register', 'peer', plain(record)],
      ['discover', 'peer', { capability: 'sync', region: 'eu', limit: 2 }],
      ['status', 'peer', LEDGER, 'offline']
    ])
  })

  test('a server sends no more than was asked for, and nothing for a ledger means UNAVAILABLE', async () => {
    const many = Array.from({ length: MAX_NODES + 5 }, () => listing)
    expect(await discoverAt((await serving(source(many))).near, { limit: 3 }, { signal: never })).toHaveLength(3)
    expect(await getLedgerAt((await serving(source(many))).near, LEDGER, { signal: never })).toHaveLength(MAX_NODES)
    expect(await codeOf(getLedgerAt((await serving(source([]))).near, LEDGER, { signal: never }))).toBe('UNAVAILABLE')
  })

  test.each(['DENIED', 'INVALID', 'UNAVAILABLE', 'BUSY'] as const)("the source's %s is the answer", async (code) => {
    const refusing = {
      ...source([]),
      register: async () => {
        throw new WireError(code, 'secret words', { retryMs: 5 })
      }
    }
    const { near, served } = await serving(refusing)
    const error = await registerAt(near, record, { signal: never }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect((error as Error).message).not.toContain('secret')
    expect(await served).toBeNull()
  })

  test('a failing source is UNAVAILABLE for the peer, and an error here', async () => {
    const { near, served } = await serving({
      ...source([]),
      register: async () => {
        throw new TypeError('a bug')
      }
    })
    expect(await codeOf(registerAt(near, record, { signal: never }))).toBe('UNAVAILABLE')
    expect(await served).toBeInstanceOf(TypeError)
  })
})

describe('a hostile client', () => {
  const requests: [string, Uint8Array][] = [
    ['an empty request', bytes(0)],
    ['noise', bytes(40)],
    ['trailing bytes', Buffer.concat([encodeRequest({ kind: 'getLedger', ledger: LEDGER }), bytes(1, 0)])],
    ['limit 0', Request.encode({ discover: { limit: 0 } })],
    ['limit one past', Request.encode({ discover: { limit: MAX_LISTINGS + 1 } })],
    ['a capability one past', Request.encode({ discover: { capability: 'x'.repeat(MAX_NAME_BYTES + 1), limit: 1 } })],
    ['an empty region', Request.encode({ discover: { region: '', limit: 1 } })],
    ['no ledger', Request.encode({ getLedger: { ledger: 'b123' } })],
    ['status 0', Request.encode({ updateStatus: { ledger: LEDGER, status: 0 } })],
    ['status 3', Request.encode({ updateStatus: { ledger: LEDGER, status: 3 } })],
    ['a record one past', Request.encode({ register: { ...record, body: bytes(MAX_RECORD_BYTES + 1) } })],
    ['an empty record', Request.encode({ register: { ...record, body: bytes(0) } })],
    ['a short signature', Request.encode({ register: { ...record, signature: bytes(63) } })]
  ]
  test.each(requests)('%s is refused, and counted against it', async (_name, request) => {
    const { near, served } = await serving(source([listing]))
    await near.write(request, { signal: never })
    const answer = await near.read({ signal: never })
    expect(decodeResponse(answer!)).toMatchObject({ kind: 'refused', error: { code: 'INVALID' } })
    expect(['INVALID_FRAME', 'TOO_LARGE']).toContain(await served)
  })

  test('one that closes without a word is no offence', async () => {
    const { near, served } = await serving(source([]))
    await near.closeWrite({ signal: never })
    expect(await served).toBe('TRUNCATED')
  })
})

describe('a hostile server', () => {
  const ok = encodeResponse({ kind: 'listing', listing })
  const end = (count: number): Uint8Array => encodeResponse({ kind: 'end', count })
  const replies: [string, Uint8Array[], string][] = [
    ['no END', [ok], 'TRUNCATED'],
    ['nothing', [], 'TRUNCATED'],
    ['END that counts too many', [ok, end(2)], 'INVALID_FRAME'],
    ['END that counts too few', [ok, end(0)], 'INVALID_FRAME'],
    ['one listing more than asked', [ok, ok, ok, end(3)], 'TOO_LARGE'],
    [
      'a refusal inside',
      [ok, encodeResponse({ kind: 'refused', error: new WireError('DENIED', '') })],
      'INVALID_FRAME'
    ],
    ['a frame after END', [ok, end(1), ok], 'INVALID_FRAME'],
    ['an unknown code', [Response.encode({ code: 9 })], 'INVALID_FRAME'],
    [
      'a listing without a record',
      [Response.encode({ code: 1, listing: { status: 0, updated: 0 } as never })],
      'INVALID_FRAME'
    ],
    ['an unknown status', [Response.encode({ code: 1, listing: { record, status: 3, updated: 0 } })], 'INVALID_FRAME'],
    ['DENIED with more', [Response.encode({ code: 5, count: 1 })], 'INVALID_FRAME'],
    ['BUSY without a pause', [Response.encode({ code: 6 })], 'INVALID_FRAME']
  ]
  test.each(replies)('%s', async (_name, frames, code) => {
    const { near, far } = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
    const asked = codeOf(discoverAt(near, { limit: 2 }, { signal: never }))
    await far.read({ signal: never })
    for (const frame of frames)
      await far.write(frame, { signal: never }).catch((error: unknown) => {
        if (!(error instanceof WireError)) throw error
      })
    await far.closeWrite({ signal: never }).catch((error: unknown) => {
      if (!(error instanceof WireError)) throw error
    })
    expect(await asked).toBe(code)
  })

  test('listings where none were asked for', async () => {
    const { near, far } = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
    const asked = codeOf(registerAt(near, record, { signal: never }))
    await far.read({ signal: never })
    await far.write(ok, { signal: never })
    expect(await asked).toBe('TOO_LARGE')
  })
})

test('a reply ends at its limit of bytes; a server that goes on is cut off', async () => {
  const large: Listing = {
    ...listing,
    record: {
      body: bytes(MAX_RECORD_BYTES),
      signature: bytes(64),
      keyEntries: Array.from({ length: 3 }, () => ({ header: bytes(32_768), signature: bytes(64) }))
    }
  }
  const size = encodeResponse({ kind: 'listing', listing: large }).byteLength
  const fit = Math.floor(MAX_REPLY_BYTES / size)
  const many = Array.from({ length: fit + 1 }, () => large)
  expect(await discoverAt((await serving(source(many))).near, { limit: 200 }, { signal: never })).toHaveLength(fit)
  const { near, far } = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
  const asked = codeOf(discoverAt(near, { limit: 200 }, { signal: never }))
  await far.read({ signal: never })
  for (const one of many) await far.write(encodeResponse({ kind: 'listing', listing: one }), { signal: never })
  expect(await asked).toBe('TOO_LARGE')
})

test('a record that fills the largest request fits the frame of a listing', () => {
  const sized = (length: number): SignedRecord => ({
    body: bytes(MAX_RECORD_BYTES),
    signature: bytes(64),
    keyEntries: [
      ...Array.from({ length: 3 }, () => ({ header: bytes(32_768), signature: bytes(64) })),
      { header: bytes(length), signature: bytes(64) }
    ]
  })
  const spare = MAX_REQUEST_BYTES - encodeRequest({ kind: 'register', record: sized(10_000) }).byteLength
  const largest = sized(10_000 + spare)
  expect(encodeRequest({ kind: 'register', record: largest }).byteLength).toBe(MAX_REQUEST_BYTES)
  expect(codeOfCall(() => encodeRequest({ kind: 'register', record: sized(10_001 + spare) }))).toBe('INVALID')
  expect(
    encodeResponse({
      kind: 'listing',
      listing: { record: largest, status: 'offline', updated: Number.MAX_SAFE_INTEGER }
    }).byteLength
  ).toBeLessThanOrEqual(MAX_FRAME_BYTES)
})

test('the largest record that fits a frame travels; one that does not is refused before it is sent', async () => {
  const entries = (count: number) =>
    Array.from({ length: count }, () => ({ header: bytes(32_768), signature: bytes(64) }))
  const largest = { body: bytes(MAX_RECORD_BYTES), signature: bytes(64), keyEntries: entries(3) }
  calls.length = 0
  await registerAt((await serving(source([]))).near, largest, { signal: never })
  expect(calls).toEqual([['register', 'peer', plain(largest)]])
  const { near } = await framePair(MAX_FRAME_BYTES, MAX_FRAME_BYTES)
  expect(await codeOf(registerAt(near, { ...largest, keyEntries: entries(4) }, { signal: never }))).toBe('INVALID')
})

test('whatever the bytes: a message or a coded error, and a message encodes back to them', () => {
  const again = (data: Uint8Array): Uint8Array[] => {
    const request = decodedOr(decodeRequest, data)
    const response = decodedOr(decodeResponse, data)
    return [
      ...(request === null ? [] : [encodeRequest(request)]),
      ...(response === null || response.kind === 'refused' ? [] : [encodeResponse(response)])
    ]
  }
  expect(() =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (data) =>
        again(data).every((bytes) => Buffer.from(bytes).equals(data))
      ),
      { numRuns: 500 }
    )
  ).not.toThrow()
})

test('what the protocol cannot ask is our own mistake', () => {
  expect(codeOfCall(() => encodeRequest({ kind: 'discover', discover: { limit: 0 } }))).toBe('INVALID')
  expect(codeOfCall(() => encodeRequest({ kind: 'getLedger', ledger: 'x' }))).toBe('INVALID')
})
