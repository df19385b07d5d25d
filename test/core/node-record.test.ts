import fc from 'fast-check'
import { expect, describe, test } from 'vitest'
import { canonicalize } from '../../src/core/canonical.js'
import { MAX_NODE_RECORD_BYTES, MAX_NODE_RECORD_LIFE_MS, MAX_TIMESTAMP_MS } from '../../src/core/limits.js'
import {
  decodeNodeRecord,
  encodeNodeRecord,
  verifyNodeRecord,
  type NodeRecord,
  type SignedNodeRecord
} from '../../src/core/node-record.js'
import { signingInput, verifySignature } from '../../src/core/signature.js'
import { Author, codeOf, flipBit, key } from './author.js'

const author = await Author.create()
const now = 1_700_000_000_000
const record: NodeRecord = {
  v: 1,
  network: 'test',
  ledger: author.ledger,
  peer_id: '12D3KooWBq',
  key: author.signer.publicKey,
  seq: 3,
  issued: now,
  expires: now + 1000,
  addrs: ['/ip4/127.0.0.1/tcp/7440'],
  capabilities: ['pull'],
  metadata: { version: '0.1.0', streams: ['main'], region: null }
}

async function sign(body: Uint8Array, signer = author.signer): Promise<SignedNodeRecord> {
  return { body, signature: await signer.sign(signingInput('nodeRecord', body)) }
}

const signed = await sign(encodeNodeRecord(record))
const verify = (signed: SignedNodeRecord, at = now, network = 'test'): Promise<string | undefined> =>
  codeOf(() => verifyNodeRecord(signed, network, at, verifySignature))
const decode = (value: unknown): Promise<string | undefined> =>
  codeOf(() => decodeNodeRecord(Buffer.from(canonicalize(value))))

describe('a node record', () => {
  test('is read as it was signed', async () => {
    expect(await verifyNodeRecord(signed, 'test', now, verifySignature)).toEqual(record)
  })

  test('fails when any bit is turned over, truncated, or with trailing bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(signed.body.length * 8 - 1), fc.nat(511), async (bit, signatureBit) => {
        expect(await verify({ ...signed, body: flipBit(signed.body, bit) })).toBeDefined()
        expect(await verify({ ...signed, signature: flipBit(signed.signature, signatureBit) })).toBe('BAD_RECORD')
      }),
      { numRuns: 200 }
    )
    for (const length of [0, 1, signed.body.length - 1])
      expect(await verify({ ...signed, body: signed.body.subarray(0, length) })).toBe('MALFORMED')
    expect(await verify({ ...signed, body: Buffer.concat([signed.body, Buffer.of(0x20)]) })).toBe('NOT_CANONICAL')
    expect(await verify({ ...signed, signature: signed.signature.subarray(1) })).toBe('BAD_RECORD')
  })

  test('is for one network, until it expires, by its own key', async () => {
    expect(await verify(signed, now, 'main')).toBe('WRONG_NETWORK')
    expect(await verify(signed, record.expires - 1)).toBeUndefined()
    expect(await verify(signed, record.expires)).toBe('BAD_RECORD')
    expect(await verify(await sign(signed.body, key(66)))).toBe('BAD_RECORD')
    const asEntry = { body: signed.body, signature: await author.signer.sign(signingInput('entry', signed.body)) }
    expect(await verify(asEntry)).toBe('BAD_RECORD')
  })

  test('has every member, no other, each of its type and within its limit', async () => {
    for (const member of Object.keys(record) as (keyof NodeRecord)[]) {
      const { [member]: _, ...rest } = record
      expect(await decode(rest)).toBe('BAD_RECORD')
      for (const wrong of [true, null, '', {}, [1], -1, 1.5])
        expect(await decode({ ...record, [member]: wrong })).toBe('BAD_RECORD')
    }
    expect(await decode({ ...record, more: 1 })).toBe('BAD_RECORD')
    for (const wrong of [{ version: '' }, { streams: 'x' }, { region: '' }, { more: 1 }])
      expect(await decode({ ...record, metadata: { ...record.metadata, ...wrong } })).toBe('BAD_RECORD')
    for (const value of [null, [], 'x', 1]) expect(await decode(value)).toBe('BAD_RECORD')
    const limits: [Partial<NodeRecord>, Partial<NodeRecord>][] = [
      [{ expires: now + MAX_NODE_RECORD_LIFE_MS }, { expires: now + MAX_NODE_RECORD_LIFE_MS + 1 }],
      [{ expires: now + 1 }, { expires: now }],
      [
        { issued: MAX_TIMESTAMP_MS - 1, expires: MAX_TIMESTAMP_MS },
        { issued: MAX_TIMESTAMP_MS, expires: MAX_TIMESTAMP_MS + 1 }
      ],
      [{ addrs: Array.from({ length: 16 }, () => 'x'.repeat(256)) }, { addrs: Array.from({ length: 17 }, () => 'x') }],
      [{ addrs: [] }, { addrs: ['x'.repeat(257)] }],
      [
        { capabilities: Array.from({ length: 32 }, () => 'x') },
        { capabilities: Array.from({ length: 33 }, () => 'x') }
      ],
      [
        { metadata: { ...record.metadata, streams: Array.from({ length: 32 }, () => 'x') } },
        { metadata: { ...record.metadata, streams: Array.from({ length: 33 }, () => 'x') } }
      ]
    ]
    for (const [good, bad] of limits) {
      expect(await decode({ ...record, ...good })).toBeUndefined()
      expect(await decode({ ...record, ...bad })).toBe('BAD_RECORD')
      expect(await codeOf(() => encodeNodeRecord({ ...record, ...bad }))).toBe('BAD_RECORD')
    }
    expect(await codeOf(() => decodeNodeRecord(new Uint8Array(MAX_NODE_RECORD_BYTES + 1)))).toBe('BAD_RECORD')
  })
})
