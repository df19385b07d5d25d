/**
 * A real node under abuse, over TCP: an honest peer is served within a bound meanwhile, and what the abuse takes up is
 * bounded.
 */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { announcementId, announceTopic, encodeAnnouncement } from '../../protocols/announce/index.js'
import { hello } from '../../protocols/hello/index.js'
import { fetchRange, pull } from '../../protocols/pull/index.js'
import { encodeRequest } from '../../protocols/pull/request.js'
import { keyAt } from '../helpers/key-at.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'
import { Author, flipBit, NETWORK } from '../core/author.js'
import { random, stopAll, within } from '../network/fixture.js'

// What is abused is slow, on a machine that is busy with other things as well.
vi.setConfig({ testTimeout: 90_000 })

afterEach(stopAll)

/** ms in which an honest peer gets its answer, whatever goes on. */
const SERVED_MS = 8_000
/** ms between two questions: the pace of an honest peer. */
const PAUSE_MS = 20
/** Bytes of an entry that no compression makes smaller, and entries that fill a reply. */
const BIG_BYTES = 700_000
const BIG_ENTRIES = 3

/** Asks again and again until `over`: the worst time of a pull, and of a question on the hello stream, in ms. */
async function serve(node: TestNode, honest: TestPeer, over: () => boolean): Promise<number> {
  const session = honest.sessions.get(node.peerId)!
  let worst = 0
  do {
    const before = performance.now()
    await session.askHeads([{ ledger: node.id, size: 0 }], { signal: within(SERVED_MS) })
    const stream = await honest.host.open(node.peerId, pull, within(SERVED_MS))
    expect(
      await fetchRange(stream, { ledger: node.id, from: 0, count: 1, want: 'full' }, { signal: within(SERVED_MS) })
    ).toHaveLength(1)
    worst = Math.max(worst, performance.now() - before)
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS)
    })
  } while (!over())
  return worst
}

async function scene(): Promise<{ node: TestNode; honest: TestPeer }> {
  const node = await startNode()
  const honest = await TestPeer.start()
  await honest.connect(node.addr)
  onTestFinished(() => {
    expect(node.errors()).toEqual([])
  })
  return { node, honest }
}

// That they make room when all places are taken: test/network/bounds.test.ts, and at full scale scripts/soak/abuse.ts.
test('a reader that takes nothing, on all its streams', async () => {
  const { node, honest } = await scene()
  for (let i = 0; i < BIG_ENTRIES; i++)
    await node.ledger.append({
      stream: 's',
      type: 't',
      payload: Buffer.from(random.bytes(BIG_BYTES / 2)).toString('hex')
    })
  const slow = await TestPeer.start()
  await slow.connect(node.addr)
  const request = encodeRequest({
    kind: 'range',
    ledger: node.id,
    range: { ledger: node.id, from: 0, count: 50, want: 'full' }
  })
  for (let i = 0; i < 8; i++) await (await slow.host.open(node.peerId, pull, within(SERVED_MS))).write(request)
  const start = performance.now()
  expect(await serve(node, honest, () => performance.now() - start > 2_000)).toBeLessThan(SERVED_MS)
})

test('writers that stall: half a request, half an Intro', async () => {
  const { node, honest } = await scene()
  const stalling = await TestPeer.start()
  await stalling.connect(node.addr)
  const { host } = stalling
  let gone = 0
  for (const protocol of [pull, pull, pull, pull, pull, pull, pull, pull, hello]) {
    const stream = await host.open(node.peerId, protocol, within(5_000))
    stream.closed.addEventListener('abort', () => {
      gone++
    })
  }
  expect(await serve(node, honest, () => gone >= 8)).toBeLessThan(SERVED_MS)
})

test('a flood of questions on the hello stream: who asks too much waits, then hears BUSY; the others do not', async () => {
  const { node, honest } = await scene()
  const greedy = await TestPeer.start()
  const session = await greedy.connect(node.addr)
  const ledgers = await Promise.all(
    Array.from({ length: 512 }, async (_, at) => ({
      ledger: `b${at
        .toString(32)
        .replaceAll(/[0189w-z]/g, 'q')
        .padStart(51, 'a')}a`,
      size: at
    }))
  )
  const wanted = [...new Map(ledgers.map((one) => [one.ledger, one])).values()]
  let answered = 0
  const start = performance.now()
  let over = false
  const flood = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!over) {
        await session.askHeads(wanted, { signal: within(SERVED_MS) }).then(
          () => {
            answered++
          },
          (error: { code: string }) => {
            expect(['BUSY', 'CLOSED']).toContain(error.code)
          }
        )
      }
    })
  )
  const worst = await serve(node, honest, () => performance.now() - start > 2_500)
  over = true
  const seconds = (performance.now() - start) / 1000
  await flood
  expect(worst).toBeLessThan(SERVED_MS)
  // 512 units at once and 64 a second; a question about n ledgers costs n/32 and a little, its answer a little more.
  expect(answered).toBeLessThanOrEqual(8 + (512 + 64 * (seconds + 1)) / (wanted.length / 32))
  expect(answered).toBeGreaterThan(8)
})

test('evidence and heads that are made up, at rate, as notices: the liar is out', async () => {
  const { node, honest } = await scene()
  const author = await Author.create()
  while (author.size < 3) await author.append()
  honest.entries.set(author.ledger, author.entries)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 3)
  const liar = await TestPeer.start({ authors: [author] })
  const session = await liar.connect(node.addr)
  const forged = await author.make()
  const start = performance.now()
  const flood = (async () => {
    for (let i = 0; i < 2_000 && liar.gone.length === 0; i++) {
      session.tellHeads([
        {
          ledger: author.ledger,
          header: forged.raw.header,
          signature: flipBit(forged.raw.signature, 9 + (i % 400)),
          checkpoint: null,
          evidence: null,
          earliest: 0
        }
      ])
      if (i % 10 === 0)
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
    }
  })()
  expect(await serve(node, honest, () => liar.gone.length > 0 || performance.now() - start > 10_000)).toBeLessThan(
    SERVED_MS
  )
  await flood
  expect(new Set(liar.gone)).toEqual(new Set([node.peerId]))
  expect(await node.status(author.ledger)).toMatchObject({ status: 'synced', size: 3 })
})

test('forged announcements at rate: the liar is out after a few, and the ledger goes on', async () => {
  const { node, honest } = await scene()
  const author = await Author.create()
  while (author.size < 3) await author.append()
  honest.entries.set(author.ledger, author.entries)
  await node.sync.follow(author.ledger)
  await node.synced(author.ledger, 3)
  const liar = await TestPeer.start()
  await liar.connect(node.addr)
  const topic = announceTopic(NETWORK, author.ledger)
  for (const { host } of [liar, honest]) {
    host.subscribe(topic, () => Promise.resolve('accept'), announcementId)
    await expect.poll(() => host.subscribers(topic), { timeout: 10_000 }).toContain(node.peerId)
  }
  const { header, signature } = (await author.make()).raw
  const flood = (async () => {
    for (let i = 0; i < 2_000 && liar.gone.length === 0; i++) {
      await liar.host.publish(
        topic,
        encodeAnnouncement({
          head: { header, signature: Buffer.concat([signature.slice(0, 60), Buffer.of(i >> 8, i & 255, 0, 0)]) }
        })
      )
      if (i % 10 === 0)
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
    }
  })()
  expect(await serve(node, honest, () => liar.gone.length > 0)).toBeLessThan(SERVED_MS)
  await flood
  const next = (await author.append()).raw
  await honest.host.publish(topic, encodeAnnouncement({ head: next }))
  await node.synced(author.ledger, 4)
})

test('sybil records: the directory does not grow beyond its bound, and who is proven, connected or of a held ledger stays', async () => {
  const { node, honest } = await scene()
  const other = await startNode()
  await node.connect(other.addr)
  await node.sync.follow(other.id)
  await node.synced(other.id, 1)
  const { directory } = node.peerNetwork
  await expect.poll(() => directory.get(other.peerId)?.proof).toBe('proven')
  await other.close()
  await node.becomes(other.id, { peers: 0 })
  const { record } = directory.get(other.peerId)!
  const before = performance.now()
  const flood = (async () => {
    for (let i = 0; i < 7_000; i++) {
      const ledger = `b${i.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').padStart(51, 'c')}a`
      const sybil = {
        ...record,
        peer_id: `${record.peer_id.slice(0, -8)}${i.toString(36).replaceAll(/[0l]/g, 'Z').padStart(8, 'x')}`,
        ledger,
        key: keyAt(1).publicKey,
        seq: i
      }
      directory.addHeard(
        { record: sybil, hash: '0'.repeat(64), shownKey: sybil.key, name: null, access: 'public' },
        'gossip'
      )
      if (i % 100 === 0)
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
    }
  })()
  let over = false
  void flood.finally(() => {
    over = true
  })
  expect(await serve(node, honest, () => over)).toBeLessThan(SERVED_MS)
  await flood
  expect(directory.size).toBeGreaterThan(3_900)
  expect(directory.size).toBeLessThanOrEqual(4_096)
  expect(directory.get(other.peerId)).toMatchObject({ proof: 'proven' })
  expect(performance.now() - before).toBeLessThan(15_000)
})
