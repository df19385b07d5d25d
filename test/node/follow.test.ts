import { afterEach, describe, expect, test } from 'vitest'
import { Author } from '../core/author.js'
import { stopAll } from '../network/fixture.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { TestPeer } from '../helpers/test-peer.js'

afterEach(stopAll)

const notes = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ stream: 'main', type: 'note', payload: { n } }))

async function pair(count = 10): Promise<{ author: TestNode; follower: TestNode }> {
  const author = await startNode({ name: 'author' })
  await author.ledger.appendBatch(notes(count))
  const follower = await startNode()
  await follower.connect(author.addr)
  return { author, follower }
}

test('at every moment a ledger is synced, syncing or stalled with a code and a sentence', async () => {
  const { author, follower } = await pair(1500)
  const seen = new Set<string>()
  const problems: unknown[] = []
  const look = setInterval(() => {
    follower.sync
      .status()
      .then((all) => {
        for (const one of all) {
          seen.add(one.status)
          if (
            !['synced', 'syncing', 'stalled'].includes(one.status) ||
            (one.status === 'stalled') !== (one.stall !== null) ||
            one.stall?.explanation === '' ||
            one.audited > one.size
          )
            problems.push(one)
        }
      })
      .catch((error: unknown) => {
        problems.push(error)
      })
  }, 2)
  try {
    await follower.sync.follow(author.id)
    await follower.sync.pause(author.id)
    await follower.sync.resume(author.id)
    await follower.synced(author.id, 1501)
  } finally {
    clearInterval(look)
  }
  expect(problems).toEqual([])
  expect([...seen]).toEqual(expect.arrayContaining(['syncing', 'synced']))
})

test('paused: nothing is pulled, pull says so at once; resumed: it goes on', async () => {
  const { author, follower } = await pair()
  await follower.sync.follow(author.id)
  await follower.synced(author.id, 11)
  expect(await follower.sync.pause(author.id)).toMatchObject({
    status: 'stalled',
    stall: { code: 'PAUSED', next: null }
  })
  await author.ledger.append(notes(1)[0]!)
  expect(await follower.sync.pull(author.id)).toMatchObject({ status: 'stalled', size: 11, stall: { code: 'PAUSED' } })
  await follower.sync.resume(author.id)
  await follower.synced(author.id, 12)
})

test('paused and resumed, filters and follows outlive a restart', async () => {
  const { author, follower } = await pair()
  await follower.sync.follow(author.id, { filters: { streams: ['main'] } })
  await follower.synced(author.id, 11)
  await follower.sync.pause(author.id)
  await follower.close()
  const again = await startNode({ dataDir: follower.dataDir, bootstrap: [author.addr] })
  expect(await again.status(author.id)).toMatchObject({
    status: 'stalled',
    stall: { code: 'PAUSED' },
    filters: { streams: ['main'] },
    size: 11
  })
  await author.ledger.append(notes(1)[0]!)
  await again.sync.resume(author.id)
  await again.synced(author.id, 12)
  await again.close()
  const third = await startNode({ dataDir: follower.dataDir, bootstrap: [author.addr] })
  await third.synced(author.id, 12)
})

test('unfollow keeps what is held and serves it; forget deletes it; followed again it all comes back', async () => {
  const { author, follower } = await pair()
  await follower.sync.follow(author.id)
  await follower.synced(author.id, 11)
  await follower.sync.unfollow(author.id)
  expect(await follower.sync.status()).toMatchObject([{ ledger: follower.id, status: 'synced' }])
  expect(await follower.ledger.get({ seq: 3 }, author.id)).toMatchObject({ payload: { n: 2 } })
  await expect(follower.sync.unfollow(author.id)).rejects.toMatchObject({ code: 'NOT_FOLLOWED' })
  await author.ledger.append(notes(1)[0]!)
  await follower.sync.follow(author.id)
  await follower.synced(author.id, 12)
  await follower.sync.unfollow(author.id, { forget: true })
  expect(follower.mirror(author.id)).toBe(undefined)
  await expect(follower.ledger.get({ seq: 3 }, author.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await follower.sync.follow(author.id)
  await follower.synced(author.id, 12)
  expect(follower.errors()).toEqual([])
})

test('forget in the middle of a pull', async () => {
  const { author, follower } = await pair(1500)
  for (let i = 0; i < 5; i++) {
    await follower.sync.follow(author.id)
    await expect.poll(() => follower.mirror(author.id).size, { interval: 1 }).toBeGreaterThan(0)
    await follower.sync.unfollow(author.id, { forget: true })
  }
  await follower.sync.follow(author.id)
  await follower.synced(author.id, 1501)
  expect(follower.errors()).toEqual([])
})

describe('refused', () => {
  test('what is no ledger, the own one, what is not followed', async () => {
    const { author, follower } = await pair(1)
    await expect(follower.sync.follow('nonsense')).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
    await expect(follower.sync.follow(follower.id)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
    for (const method of ['unfollow', 'pull', 'pause', 'resume', 'status'] as const)
      await expect(follower.sync[method](author.id)).rejects.toMatchObject({ code: 'NOT_FOLLOWED' })
  })

  test('a ledger of another network, whoever hands it over', async () => {
    const author = await Author.create()
    const other = author.fork()
    other.entries.length = 0
    await other.append({
      ledger: null,
      seq: 0,
      prev_hash: null,
      type: 'ledger.genesis',
      meta: { network: 'elsewhere', name: 'x', access: 'public', next_key_hash: null }
    })
    await other.append()
    const peer = await TestPeer.start({ authors: [other] })
    const node = await startNode()
    await peer.connect(node.addr)
    await node.sync.follow(other.ledger)
    await node.becomes(other.ledger, { status: 'stalled', size: 0, stall: { code: 'WRONG_NETWORK' } })
    expect(peer.gone).toEqual([])
  })
})

test('closing in the middle of everything ends what is pending, and leaves no error', async () => {
  const { author, follower } = await pair(1500)
  await follower.sync.follow(author.id)
  const pulled = follower.sync.pull(author.id)
  const appended = Promise.allSettled(notes(20).map((note) => author.ledger.append(note)))
  await Promise.all([follower.close(), author.close()])
  await Promise.allSettled([pulled])
  await appended
  expect([...follower.errors(), ...author.errors()]).toEqual([])
})
