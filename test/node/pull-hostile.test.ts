import { afterEach, describe, expect, test } from 'vitest'
import { WireError, type WireEntry } from '../../protocols/wire.js'
import { pull, type RangeRequest } from '../../protocols/pull/index.js'
import { encodeResponse, entryItems } from '../../protocols/pull/response.js'
import { compress } from '../../protocols/zstd.js'
import { keyHash } from '../../src/core/chain.js'
import type { Entry } from '../../src/core/entry.js'
import { protocolHandler, type ProtocolHandler } from '../../src/network/host.js'
import { Author, flipBit, key, looseHeader, signBytes } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { fastClock, startNode } from '../helpers/test-node.js'
import { each, TestPeer, type TestPeerOptions } from '../helpers/test-peer.js'

afterEach(stopAll)

async function authorOf(size: number, seed = 1): Promise<Author> {
  const author = await Author.create(seed)
  while (author.size < size) await author.appendPayload({ n: author.size })
  return author
}

const raw = (entries: Entry[]): WireEntry[] => entries.map((entry) => entry.raw)

/** Serves `make(from, count)` over both protocols that hand out ranges. */
function serving(make: (from: number, count: number) => WireEntry[] | Promise<WireEntry[]>): TestPeerOptions {
  return {
    hello: { entries: async (_, __, from, count) => await make(from, count) },
    pull: { range: async (_, { from, count }: RangeRequest) => each(await make(from, count)) }
  }
}

/**
 * Follows while only the liar is there, until it is thrown out; nothing of it is stored; then the honest one comes: how
 * much is held in the end.
 */
async function refuses(author: Author, options: TestPeerOptions, dropped = true): Promise<number> {
  const liar = await TestPeer.start({ authors: [author], ...options })
  const node = await startNode()
  await liar.connect(node.addr)
  await node.sync.follow(author.ledger)
  const isRefused = (): boolean =>
    dropped ? liar.gone.includes(node.peerId) : node.log.lines.some(({ message }) => message === 'a batch failed')
  await expect.poll(isRefused, { timeout: 10_000 }).toBe(true)
  expect(node.mirror(author.ledger).size).toBe(0)
  const honest = await TestPeer.start({ authors: [author] })
  await honest.connect(node.addr)
  await node.synced(author.ledger, author.size)
  expect(await node.mirror(author.ledger).missingPayloads(10)).toEqual([])
  expect(node.errors()).toEqual([])
  return node.mirror(author.ledger).audited
}

describe.each([
  ['over hello', 20],
  ['over pull', 200]
])('a range %s that is', (_, size) => {
  test('corrupted is refused, its sender dropped', async () => {
    const author = await authorOf(size)
    expect(
      await refuses(
        author,
        serving((from, count) =>
          raw(author.entries.slice(from, from + count)).map((entry, i) =>
            i === 7 ? { ...entry, signature: flipBit(entry.signature, 9) } : entry
          )
        )
      )
    ).toBe(size)
  })

  test('reordered', async () => {
    const author = await authorOf(size)
    expect(
      await refuses(
        author,
        serving((from, count) => {
          const entries = raw(author.entries.slice(from, from + count))
          return [...entries.slice(0, 3), entries[4]!, entries[3]!, ...entries.slice(5)]
        })
      )
    ).toBe(size)
  })

  test('of another place', async () => {
    const author = await authorOf(size)
    expect(
      await refuses(
        author,
        serving((from, count) => raw(author.entries.slice(from + 1, from + count)))
      )
    ).toBe(size)
  })

  test('of another ledger', async () => {
    const [author, other] = [await authorOf(size), await authorOf(size, 7)]
    expect(
      await refuses(
        author,
        serving((from, count) => raw(other.entries.slice(from, from + count)))
      )
    ).toBe(size)
  })

  test('not ending in a valid signature', async () => {
    const author = await authorOf(size)
    expect(
      await refuses(
        author,
        serving((from, count) =>
          raw(author.entries.slice(from, from + count)).map((entry, i, all) =>
            i === all.length - 1 ? { ...entry, signature: flipBit(entry.signature, 300) } : entry
          )
        )
      )
    ).toBe(size)
  })

  test('beside other payloads', async () => {
    const author = await authorOf(size)
    expect(
      await refuses(
        author,
        serving((from, count) =>
          raw(author.entries.slice(from, from + count)).map((entry, i) =>
            i === 5
              ? { ...entry, payload: Buffer.from('{"payload":1,"salt":"00112233445566778899aabbccddeeff"}') }
              : entry
          )
        )
      )
    ).toBe(size)
  })

  test('in another form than the canonical', async () => {
    const author = await authorOf(size)
    const header = Buffer.from(` ${Buffer.from(author.entries[4]!.raw.header).toString()}`)
    const loose = { ...(await signBytes(header, key(77))), payload: null }
    expect(
      await refuses(
        author,
        serving((from, count) =>
          raw(author.entries.slice(from, from + count)).map((entry, i) => (i === 4 ? loose : entry))
        )
      )
    ).toBe(size)
  })

  test('a rotation to a key that was not committed to', async () => {
    const author = await authorOf(size)
    const forged = author.fork()
    forged.entries.length = 10
    forged.next = key(99)
    await forged.rotate()
    while (forged.size < size) await forged.append()
    expect(
      await refuses(
        author,
        serving((from, count) => raw(forged.entries.slice(from, from + count)))
      )
    ).toBe(size)
  })
})

async function group(entries: WireEntry[]): Promise<Uint8Array> {
  const bytes = entryItems.encode(entries)
  return encodeResponse({ kind: 'group', inflated: bytes.byteLength, data: await compress(bytes) })
}

test('a range that is longer than asked', async () => {
  const author = await authorOf(200)
  expect(
    await refuses(author, {
      pullHandler: keysThen(author, async () => [
        await group(raw(author.entries)),
        await group(raw(author.entries.slice(0, 1))),
        encodeResponse({ kind: 'end', count: 201 })
      ])
    })
  ).toBe(200)
})

test('a zip bomb is not inflated, and its sender is dropped', async () => {
  const author = await authorOf(200)
  const bomb = await compress(new Uint8Array(64 * 1024 * 1024))
  const before = process.memoryUsage().rss
  expect(
    await refuses(author, {
      pullHandler: keysThen(author, async () => [encodeResponse({ kind: 'group', inflated: 100_000, data: bomb })])
    })
  ).toBe(200)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
})

test('garbage in place of a frame', async () => {
  const author = await authorOf(200)
  expect(
    await refuses(author, { pullHandler: keysThen(author, () => Promise.resolve([Buffer.from('garbage, this')])) })
  ).toBe(200)
})

test("a range that is cut off is nobody's fault; nothing of it is stored", async () => {
  const author = await authorOf(200)
  expect(
    await refuses(
      author,
      { pullHandler: keysThen(author, async () => [await group(raw(author.entries.slice(0, 50)))]) },
      false
    )
  ).toBe(200)
})

/** Honest about key entries; everything else is answered with `frames`. */
function keysThen(author: Author, frames: () => Promise<Uint8Array[]>): ProtocolHandler {
  const honest = protocolHandler(pull, {
    head: () => Promise.reject(new WireError('UNAVAILABLE', 'no')),
    range: () => Promise.reject(new WireError('UNAVAILABLE', 'no')),
    payloads: () => Promise.reject(new WireError('UNAVAILABLE', 'no')),
    keyEntries: () => Promise.resolve(raw(author.keyEntries())),
    evidence: () => Promise.resolve(null)
  })
  let requests = 0
  return {
    ...honest,
    serve: async (stream, peer, signal) => {
      if (requests++ === 0) return await honest.serve(stream, peer, signal)
      await stream.read({ signal })
      for (const frame of await frames()) await stream.write(frame, { signal })
      await stream.closeWrite({ signal })
    }
  }
}

describe('a head at 2^53 - 1', () => {
  const far = async (author: Author, signer = author.signer): Promise<WireEntry> => {
    const header = author.header({
      ledger: author.ledger,
      seq: Number.MAX_SAFE_INTEGER,
      prev_hash: '00'.repeat(32),
      key: signer.publicKey
    })
    return { ...(await signBytes(looseHeader({ ...header }), signer)), payload: null }
  }

  test("of a stranger's key is no claim", async () => {
    const author = await authorOf(30)
    const head = await far(author, key(50))
    let keysShown = 0
    const peer = await TestPeer.start({
      authors: [author],
      hello: {
        heads: (_, wanted) => ({
          heads: wanted.map(({ ledger }) => ({ ...peer.head(ledger), ...head })),
          same: [],
          none: [],
          denied: []
        })
      },
      pull: {
        keyEntries: () => {
          keysShown++
          return Promise.resolve(raw(author.keyEntries()))
        }
      }
    })
    const node = await startNode()
    await peer.connect(node.addr)
    await node.sync.follow(author.ledger)
    await expect.poll(() => keysShown).toBeGreaterThan(0)
    expect(await node.status(author.ledger)).toMatchObject({ size: 0, target: 0, peers: 0 })
    const honest = await TestPeer.start({ authors: [author] })
    await honest.connect(node.addr)
    await node.synced(author.ledger, 30)
    expect(await node.status(author.ledger)).toMatchObject({ target: 30 })
  })

  test("of the author's own costs nothing: all there is, is held, and the stall says so", async () => {
    const author = await authorOf(30)
    const head = await far(author)
    const peer = await TestPeer.start({
      authors: [author],
      hello: {
        heads: (_, wanted) => ({
          heads: wanted.map(({ ledger }) => ({ ...peer.head(ledger), ...head })),
          same: [],
          none: [],
          denied: []
        })
      }
    })
    const node = await startNode({ clock: fastClock(30) })
    await peer.connect(node.addr)
    const before = process.memoryUsage().heapUsed
    await node.sync.follow(author.ledger)
    await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'HEAD_UNBACKED' }, size: 30 })
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024)
  })
})

test('a peer that stalls does not stop the others', async () => {
  const author = await authorOf(700)
  const stalling = await TestPeer.start({
    authors: [author],
    hello: { entries: () => new Promise(() => {}) },
    pull: { range: () => new Promise(() => {}) }
  })
  const honest = await TestPeer.start({ authors: [author] })
  const node = await startNode({ clock: fastClock(20) })
  await stalling.connect(node.addr)
  await honest.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 700)
  expect(node.errors()).toEqual([])
})

test('a rotation in the middle is followed, and the key after it must be the new one', async () => {
  const author = await authorOf(40)
  await author.rotate()
  while (author.size < 90) await author.append()
  expect(keyHash(author.signer.publicKey)).not.toBe(keyHash(key(1).publicKey))
  const peer = await TestPeer.start({ authors: [author] })
  const node = await startNode()
  await peer.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 90)
})

test('entries of a newer version: all before them is held, and the stall says what to do', async () => {
  const author = await authorOf(30)
  const newer = {
    ...(await signBytes(looseHeader({ ...author.header(), v: 2, shiny: true }), author.signer)),
    payload: null
  }
  const served = [...raw(author.entries), newer]
  const { hello } = serving((from, count) => served.slice(from, from + count))
  const peer = await TestPeer.start({
    authors: [author],
    hello: {
      ...hello,
      heads: (_, wanted) => ({
        heads: wanted.map(({ ledger }) => ({ ...peer.head(ledger), header: newer.header, signature: newer.signature })),
        same: [],
        none: [],
        denied: []
      })
    }
  })
  const node = await startNode({ clock: fastClock(30) })
  await peer.connect(node.addr)
  await node.sync.follow(author.ledger)
  await node.becomes(author.ledger, { status: 'stalled', stall: { code: 'UPGRADE_NEEDED' }, size: 30, target: 31 })
  expect(peer.gone).toEqual([])
  expect(node.errors()).toEqual([])
})
