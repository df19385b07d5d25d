import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  announceTopic,
  announcementId,
  decodeAnnouncement,
  encodeAnnouncement,
  nodesTopic,
  type Announcement
} from '../../protocols/announce/index.js'
import { Announcement as Message } from '../../protocols/announce/announce.pb.js'
import { entryHash } from '../../src/core/entry.js'
import { LEDGER, bytes, codeOfCall, decodedOr, noise, plain } from './streams.js'

const signed = { header: bytes(300), signature: bytes(64) }
const record = { body: bytes(500), signature: bytes(64), keyEntries: [signed, signed] }
const rejected = (data: Uint8Array): string => codeOfCall(() => decodeAnnouncement(data))

test.each<[string, Announcement]>([
  ['head', { head: signed }],
  ['evidence', { evidence: bytes(65_536) }],
  ['record', { record }],
  ['largest head', { head: { header: noise(32_768), signature: bytes(64) } }]
])('%s comes out as it went in', (_name, announcement) => {
  expect(plain(decodeAnnouncement(encodeAnnouncement(announcement)))).toEqual(plain(announcement))
})

test('one byte above each limit, and one below where it is exact', () => {
  expect(rejected(Message.encode({ head: { header: bytes(32_769), signature: bytes(64) } }))).toBe('TOO_LARGE')
  expect(rejected(Message.encode({ head: { header: bytes(0), signature: bytes(64) } }))).toBe('INVALID_FRAME')
  for (const length of [0, 63, 65])
    expect(rejected(Message.encode({ head: { header: bytes(9), signature: bytes(length) } }))).toBe('INVALID_FRAME')
  expect(rejected(Message.encode({ evidence: bytes(65_537) }))).toBe('TOO_LARGE')
  expect(rejected(Message.encode({ evidence: bytes(0) }))).toBe('INVALID_FRAME')
  expect(rejected(Message.encode({ record: { ...record, body: bytes(16_385) } }))).toBe('TOO_LARGE')
  expect(
    rejected(Message.encode({ record: { ...record, keyEntries: Array.from({ length: 257 }, () => signed) } }))
  ).toBe('TOO_LARGE')
  expect(rejected(bytes(131_073))).toBe('TOO_LARGE')
  expect(codeOfCall(() => encodeAnnouncement({ evidence: bytes(65_537) }))).toBe('INVALID')
  expect(
    codeOfCall(() =>
      encodeAnnouncement({
        record: {
          ...record,
          keyEntries: Array.from({ length: 6 }, () => ({ header: bytes(32_768), signature: bytes(64) }))
        }
      })
    )
  ).toBe('INVALID')
})

test('every truncation, a trailing byte, two bodies, an unknown field, and other encodings of the same message are rejected', () => {
  const good = Buffer.from(encodeAnnouncement({ head: { header: bytes(20), signature: bytes(64) } }))
  for (let cut = 0; cut < good.length; cut++) expect(rejected(good.subarray(0, cut))).toBe('INVALID_FRAME')
  for (const more of [[0], [0x20, 1], [...Message.encode({ evidence: bytes(3) })], [...good]])
    expect(rejected(Buffer.concat([good, Buffer.from(more)]))).toBe('INVALID_FRAME')
  const inner = good.subarray(2)
  // The length as a longer varint; the fields in the other order; a field twice.
  expect(rejected(Buffer.concat([Buffer.from([0x0a, 0x80 | inner.length, 0]), inner]))).toBe('INVALID_FRAME')
  expect(rejected(Buffer.concat([good.subarray(0, 2), inner.subarray(22), inner.subarray(0, 22)]))).toBe(
    'INVALID_FRAME'
  )
  expect(rejected(Buffer.concat([Buffer.from([0x0a, inner.length + 22]), inner.subarray(0, 22), inner]))).toBe(
    'INVALID_FRAME'
  )
  expect(rejected(bytes(100_000, 0x0b))).toBe('INVALID_FRAME')
})

test('random and mutated bytes never fail uncoded; what decodes encodes to the same bytes', () => {
  const good = encodeAnnouncement({ record })
  const mutated = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
    const copy = Uint8Array.from(good)
    copy[at] = value
    return copy
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (data) => {
      expect(announcementId(data)).toHaveLength(32)
      const announcement = decodedOr(decodeAnnouncement, data)
      expect(announcement === null ? data : Uint8Array.from(encodeAnnouncement(announcement))).toEqual(data)
    }),
    { numRuns: 2_000 }
  )
})

test('the message id of a head is its entry hash; other messages have ids of their own', () => {
  expect(Buffer.from(announcementId(encodeAnnouncement({ head: signed }))).toString('hex')).toBe(entryHash(signed))
  const ids = [
    encodeAnnouncement({ evidence: bytes(5) }),
    encodeAnnouncement({ record }),
    bytes(5),
    bytes(200_000)
  ].map((data) => Buffer.from(announcementId(data)).toString('hex'))
  expect(new Set(ids).size).toBe(4)
})

test('topics', () => {
  expect(announceTopic('main', LEDGER)).toBe(`/ledgermesh/main/announce/${LEDGER}`)
  expect(nodesTopic('main')).toBe('/ledgermesh/main/nodes')
  for (const make of [
    () => announceTopic('Main', LEDGER),
    () => announceTopic('main', 'x'),
    () => nodesTopic('a/b'),
    () => nodesTopic('')
  ])
    expect(codeOfCall(make)).toBe('INVALID')
})
