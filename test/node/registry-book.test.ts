/** Whom a registry lists when impostors come first (FAULTS S8, R7): records signed by peers that are not our code. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { SignedRecord } from '../../protocols/wire.js'
import type { SigningKey } from '../../src/core/keys.js'
import { decodeNodeRecord, encodeNodeRecord } from '../../src/core/node-record.js'
import { peerIdOf } from '../../src/core/peer-key.js'
import { signingInput, verifySignature } from '../../src/core/signature.js'
import { RegistryBook } from '../../src/node/discovery/registry-book.js'
import type { Directory } from '../../src/node/peers/peer-directory.js'
import type { Verifier } from '../../src/node/signatures/verifier.js'
import { Author } from '../core/author.js'
import { keyAt } from '../helpers/key-at.js'
import { codeOf } from '../network/fixture.js'

const NOW = 1_700_000_000_000
const hosts = new Map<string, string>()
/** Keys of records that a chain held here proves. */
const proven = new Set<string>()
let book: RegistryBook
let author: Author

beforeEach(async () => {
  hosts.clear()
  proven.clear()
  author = await Author.create(20)
  const directory = {
    proofOf: ({ record, shownKey }: { record: { key: string }; shownKey: string | null }) =>
      proven.has(record.key) ? 'proven' : shownKey === record.key ? 'shown' : 'claimed',
    isSelfSigned: () => true
  } as unknown as Directory
  book = new RegistryBook({
    network: 'test',
    directory,
    verifier: { forPeer: () => verifySignature } as unknown as Verifier,
    clock: { now: () => NOW, after: () => () => {} },
    hostOf: (peer) => hosts.get(peer) ?? null
  })
})

/** Peer `n` registers as a node of `of`, signed by `signer` (default: itself). */
async function register(
  n: number,
  { of = author, signer = keyAt(n), host = `10.0.0.${n}` }: { of?: Author; signer?: SigningKey; host?: string } = {}
): Promise<string> {
  const peer = peerIdOf(keyAt(n).publicKey)
  hosts.set(peer, host)
  const body = encodeNodeRecord({
    v: 1,
    network: 'test',
    ledger: of.ledger,
    peer_id: peer,
    key: signer.publicKey,
    seq: 1,
    issued: NOW,
    expires: NOW + 3_600_000,
    addrs: [],
    capabilities: ['sync'],
    metadata: { version: '1', region: null, streams: [] }
  })
  const signed: SignedRecord = {
    body,
    signature: await signer.sign(signingInput('nodeRecord', body)),
    keyEntries: of.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature }))
  }
  return await codeOf(book.register(peer, signed))
}

/** Numbers of the peers that are listed, in order. */
async function listed(of = author): Promise<number[]> {
  const numbers = new Map(Array.from({ length: 400 }, (_, n) => [peerIdOf(keyAt(n).publicKey), n]))
  return (await book.getLedger('', of.ledger)).map(({ record }) => numbers.get(decodeNodeRecord(record.body).peer_id)!)
}

describe('a registry', () => {
  test('lists few that only claim to be of a ledger, fewer of one host, and only while they are there', async () => {
    const codes: string[] = []
    for (let n = 0; n < 16; n++) codes.push(await register(n, { host: n < 4 ? '10.0.0.1' : `10.0.1.${n}` }))
    expect(codes.filter((code) => code === 'no error')).toHaveLength(4)
    expect(await listed()).toEqual([5, 4, 1, 0])
    // They leave: their places are free, and the real node was never kept out.
    hosts.clear()
    expect(await register(100, { signer: author.signer })).toBe('no error')
    expect(await listed()).toEqual([100])
  })

  test('lists few of one host for all ledgers together, however many it makes up', async () => {
    let taken = 0
    for (let n = 0; n < 20; n++)
      if ((await register(200 + n, { of: await Author.create(30 + n), host: '10.9.9.9' })) === 'no error') taken++
    expect(taken).toBe(16)
  })

  test('is full: who shows its keys displaces who claims, and who is proved displaces both', async () => {
    for (let n = 0; n < 4; n++) await register(n)
    for (let n = 100; n < 116; n++) expect(await register(n, { signer: author.signer })).toBe('no error')
    expect(await listed()).toEqual(Array.from({ length: 16 }, (_, n) => 115 - n))
    expect(await register(120, { signer: author.signer })).toBe('DENIED')
    expect(await register(121)).toBe('DENIED')
    const own = keyAt(300)
    proven.add(own.publicKey)
    expect(await register(300)).toBe('no error')
    expect(await listed()).toContain(300)
    expect(await listed()).toHaveLength(16)
  })

  test('lists those who claim last', async () => {
    await register(100, { signer: author.signer })
    for (let n = 0; n < 4; n++) await register(n)
    expect((await listed())[0]).toBe(100)
    const all = await book.discover('', { limit: 64 })
    expect(decodeNodeRecord(all[0]!.record.body).key).toBe(author.signer.publicKey)
  })

  test('a later key displaces an earlier one of the same history, whoever comes first; histories that part are both listed', async () => {
    const retired = author.signer
    const before = author.fork()
    const other = author.fork()
    await author.rotate()
    await other.append()
    await other.rotate()
    expect(await register(1, { of: before, signer: retired })).toBe('no error')
    expect(await register(2, { signer: author.signer })).toBe('no error')
    expect(await listed()).toEqual([2])
    expect(await register(1, { of: before, signer: retired })).toBe('DENIED')
    expect(await register(3, { of: other, signer: other.signer })).toBe('no error')
    expect(await listed()).toEqual([3, 2])
  })
})
