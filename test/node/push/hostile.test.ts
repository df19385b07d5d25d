/** Offers that no honest pusher makes, on streams that a test writes: what is answered, what is kept, and who goes. */
import { afterEach, expect, test, vi } from 'vitest'
import { offer, push, type Offer, type PushNews } from '../../../protocols/push/index.js'
import { WireError } from '../../../protocols/wire.js'
import { signEntry } from '../../../src/ledger/append/draft.js'
import { Author } from '../../core/author.js'
import { stopAll, within } from '../../network/fixture.js'
import { startNode, type TestNode } from '../../helpers/test-node.js'
import { TestPeer } from '../../helpers/test-peer.js'

afterEach(stopAll)

const UNKNOWN = `b${'a'.repeat(52)}`

/** All decisions, or the code of the refusal. */
async function decisions(
  from: { open: TestNode['peerNetwork']['host']['open'] },
  to: TestNode,
  offers: Offer[],
  token?: Uint8Array
): Promise<unknown> {
  const heard: PushNews[] = []
  try {
    const stream = await from.open(to.peerId, push, within(5_000))
    for await (const news of offer(
      stream,
      { offers, ...(token !== undefined && { token }) },
      { signal: within(10_000) }
    )) {
      heard.push(news)
      if (heard.length === offers.length) break
    }
  } catch (error) {
    if (error instanceof WireError) return error.code
    throw error
  }
  return heard.map((news) =>
    news.kind === 'decision'
      ? [news.decision.decision, news.decision.reason, news.decision.size, news.decision.store === null]
      : news.kind
  )
}

function headOf(node: TestNode): Offer {
  const { header, signature } = node.ledger.parts.ledgers.own.head()!
  return { ledger: node.id, header, signature, mode: 'mirror' }
}

function offered(author: Author, ledger = author.ledger): Offer {
  const { header, signature } = author.entries.at(-1)!.raw
  return { ledger, header, signature, mode: 'mirror' }
}

/** A receiver, and a node that is connected with it. */
async function pair(accept: 'nobody' | 'ask' | 'anyone'): Promise<{ a: TestNode; b: TestNode }> {
  const a = await startNode({ name: 'a', sync: { push: { accept } } })
  const b = await startNode({ name: 'b' })
  await b.connect(a.addr)
  await vi.waitFor(
    () => {
      expect(a.peerNetwork.directory.get(b.peerId)?.proof).toBe('shown')
    },
    { timeout: 10_000 }
  )
  return { a, b }
}

test('a peer that has shown no record may offer nothing, whatever the rule', async () => {
  const a = await startNode({ sync: { push: { accept: 'anyone' } } })
  const author = await Author.create()
  const peer = await TestPeer.start({ authors: [author] })
  await peer.connect(a.addr)
  expect(await decisions(peer.host, a, [offered(author)])).toBe('DENIED')
  expect(await a.sync.status()).toHaveLength(1)
})

test('a forged signature, and a head of another ledger, cost the connection', async () => {
  for (const forge of [
    (head: Offer): Offer => ({ ...head, signature: Buffer.alloc(64, 7) }),
    (head: Offer): Offer => ({ ...head, ledger: UNKNOWN })
  ]) {
    const { a, b } = await pair('anyone')
    // The refusal, or as much as still came before the connection went.
    expect(['INVALID', 'CLOSED', 'TRUNCATED']).toContain(await decisions(b.peerNetwork.host, a, [forge(headOf(b))]))
    await vi.waitFor(
      () => {
        expect(a.peerNetwork.connections.isConnected(b.peerId)).toBe(false)
      },
      { timeout: 10_000 }
    )
    expect(await a.sync.status()).toHaveLength(1)
    await stopAll()
  }
})

test('a ledger whose keys the offerer cannot show is refused; nothing of it is stored', async () => {
  const { a, b } = await pair('anyone')
  const author = await Author.create(40)
  expect(await decisions(b.peerNetwork.host, a, [offered(author)])).toEqual([['refused', 1, 0, true]])
  expect(a.ledger.parts.ledgers.get(author.ledger)).toBeUndefined()
})

test('a head far beyond what there is: it is accepted, costs nothing, and is never confirmed', async () => {
  const { a, b } = await pair('anyone')
  const { own } = b.ledger.parts.ledgers
  const { key } = own.chain!
  const {
    raw: { header, signature }
  } = await signEntry(
    {
      v: 1,
      ledger: b.id,
      seq: Number.MAX_SAFE_INTEGER - 2,
      prev_hash: 'f'.repeat(64),
      key,
      id: 'far',
      stream: 's',
      type: 't',
      issuer_oid: null,
      subject_oid: null,
      timestamp: 1,
      payload_hash: null,
      payload_size: 0,
      meta: {}
    },
    null,
    own.signingKey!
  )
  expect(await decisions(b.peerNetwork.host, a, [{ ledger: b.id, header, signature, mode: 'mirror' }])).toEqual([
    ['accepted', 0, 0, false]
  ])
  await vi.waitFor(
    () => {
      expect(a.mirror(b.id).size).toBe(1)
    },
    { timeout: 10_000 }
  )
  expect(a.errors()).toEqual([])
})

test('to be adopted: not offered here; of another network: refused', async () => {
  const { a, b } = await pair('anyone')
  expect(await decisions(b.peerNetwork.host, a, [{ ...headOf(b), mode: 'adopt' }])).toEqual([['refused', 7, 0, true]])
})

test('what is held, and whether it is private, is told to nobody who may not offer: DENIED, or the same refusal', async () => {
  const a = await startNode({ name: 'a' })
  const secret = await startNode({ name: 'secret', access: 'private' })
  const b = await startNode({ name: 'b' })
  await secret.ledger.parts.ledgers.own.setAccess({
    grant: [{ ledger: a.id, scope: 'full' }],
    revoke: [],
    trust_milli: null
  })
  await secret.connect(a.addr)
  await secret.sync.follow(a.id)
  await a.sync.follow(secret.id)
  await a.synced(secret.id, 2)
  await b.connect(a.addr)
  const unknown = await Author.create(50)
  // by rule nobody: a stranger hears nothing
  expect(await decisions(b.peerNetwork.host, a, [headOf(secret)])).toBe('DENIED')
  expect(await decisions(b.peerNetwork.host, a, [offered(unknown)])).toBe('DENIED')
  // followed, he may speak of his own ledger, and learns no more of the others
  await a.sync.follow(b.id)
  await a.synced(b.id, 1)
  await vi.waitFor(
    () => {
      expect(a.peerNetwork.directory.provenLedger(b.peerId)).toBe(b.id)
    },
    { timeout: 10_000 }
  )
  const answers = await decisions(b.peerNetwork.host, a, [headOf(b), headOf(secret), offered(unknown)])
  expect(answers).toEqual([
    ['held', 0, 1, false],
    ['refused', 1, 0, true],
    ['refused', 1, 0, true]
  ])
})

test('a guessed token is no better than none', async () => {
  const { a, b } = await pair('nobody')
  await a.sync.invite()
  for (let n = 0; n < 5; n++)
    expect(await decisions(b.peerNetwork.host, a, [headOf(b)], Buffer.alloc(32, n))).toBe('DENIED')
})

test('an offer of the own ledger that is shorter changes nothing', async () => {
  const { a, b } = await pair('anyone')
  await a.ledger.append({ stream: 's', type: 't' })
  const [genesis] = await a.ledger.parts.ledgers.own.range(0, { count: 1, bytes: 100_000 })
  expect(
    await decisions(b.peerNetwork.host, a, [
      { ledger: a.id, header: genesis!.header, signature: genesis!.signature, mode: 'mirror' }
    ])
  ).toEqual([['held', 0, 1, false]])
  expect(await a.ledger.append({ stream: 's', type: 't' })).toMatchObject({ existing: false })
})

test('whose node a private ledger has is told to nobody by an offer of it', async () => {
  const a = await startNode({ name: 'a', access: 'private' })
  const b = await startNode({ name: 'b' })
  await b.connect(a.addr)
  await vi.waitFor(
    () => {
      expect(a.peerNetwork.directory.get(b.peerId)?.proof).toBe('shown')
    },
    { timeout: 10_000 }
  )
  expect(await decisions(b.peerNetwork.host, a, [headOf(a)])).toBe('DENIED')
})
