/**
 * Walks every surface on which a private ledger could show, as a stranger, and finds what a ledger that does not exist
 * would show.
 */
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { announceTopic } from '../../protocols/announce/index.js'
import {
  fetchEvidence,
  fetchHead,
  fetchKeyEntries,
  fetchPayloads,
  fetchRange,
  pull
} from '../../protocols/pull/index.js'
import type { AccessScope } from '../../src/core/ledger-types.js'
import { createLedger, type CreateLedgerOptions } from '../../src/node/create-ledger.js'
import { silentLog, systemClock } from '../../src/node/runtime/system.js'
import { openDatastore } from '../../src/store/datastore.js'
import { interoperabilityPlugin } from '../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../src/node/plugins/sync-plugin.js'
import type { Log } from '../../src/ports.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

/** A well-formed id that nobody has. */
const UNKNOWN = `b${'a'.repeat(52)}`
const WAIT = { timeout: 15_000, interval: 30 }

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((ledger) => ledger.close()))
})

function collectLog(): Log & { text: () => string } {
  const lines: string[] = []
  const line = (fields: Record<string, unknown>, message: string): void => {
    lines.push(JSON.stringify(fields) + message)
  }
  return { debug: line, info: line, warn: line, error: line, text: () => lines.join('\n') }
}

async function start(name: string, options: Partial<CreateLedgerOptions<never>> = {}) {
  const log = collectLog()
  const ledger = await createLedger({
    dataDir: await temporaryFolder(),
    name,
    network: 'test',
    log,
    ...options,
    plugins: [interoperabilityPlugin(), syncPlugin()]
  })
  open.push(ledger)
  const peerNetwork = ledger.parts.peerNetwork!
  return {
    ledger,
    peerNetwork,
    log,
    id: ledger.id,
    peer: peerNetwork.host.peerId,
    addr: peerNetwork.host.addrs()[0]!,
    own: ledger.parts.ledgers.own,
    sync: ledger.plugins.sync
  }
}

type TestNode = Awaited<ReturnType<typeof start>>

async function grant(owner: TestNode, reader: TestNode, scope: AccessScope = 'full'): Promise<void> {
  await owner.own.setAccess({ grant: [{ ledger: reader.id, scope }], revoke: [], trust_milli: null })
}

/** One connects to the other and follows its public ledger, so that the other can prove who it is. */
async function meet(one: TestNode, other: TestNode): Promise<void> {
  await one.peerNetwork.connections.connect(other.addr, AbortSignal.timeout(10_000))
  await one.sync.follow(other.id)
  await expect.poll(() => one.peerNetwork.directory.provenLedger(other.peer), WAIT).toBe(other.id)
}

async function synced(follower: TestNode, ledger: string, size: number): Promise<void> {
  await expect.poll(async () => (await follower.sync.status(ledger))[0], WAIT).toMatchObject({ status: 'synced', size })
}

const signal = (): AbortSignal => AbortSignal.timeout(10_000)

async function outcome(attempt: Promise<unknown>): Promise<unknown> {
  try {
    return { gave: await attempt }
  } catch (error) {
    const { code, available, retryMs, message } = error as {
      code?: string
      available?: unknown
      retryMs?: number
      message: string
    }
    return { code, available, retryMs, message }
  }
}

/** Everything that a peer can be asked about a ledger, by everything that can be asked. */
async function askAll(asker: TestNode, peer: string, ledger: string): Promise<Record<string, unknown>> {
  const stream = () => asker.peerNetwork.host.open(peer, pull, signal())
  const session = asker.peerNetwork.sessions.of(peer)
  const about = (heads: Record<string, unknown>): unknown =>
    JSON.parse(JSON.stringify(heads).replaceAll(ledger, 'LEDGER'))
  return {
    heads: about((await outcome(session.askHeads([{ ledger, size: 0 }]))) as Record<string, unknown>),
    headsAtSize: about(
      (await outcome(session.askHeads([{ ledger, size: 3, headHash: '00'.repeat(32), hasEvidence: true }]))) as Record<
        string,
        unknown
      >
    ),
    entries: await outcome(session.askEntries(ledger, 0, 8)),
    keys: await outcome(session.askKeyEntries(ledger)),
    head: await outcome(fetchHead(await stream(), ledger, { signal: signal() })),
    range: await outcome(fetchRange(await stream(), { ledger, from: 0, count: 8, want: 'full' }, { signal: signal() })),
    beyond: await outcome(
      fetchRange(await stream(), { ledger, from: 1_000_000, count: 8, want: 'headers' }, { signal: signal() })
    ),
    payloads: await outcome(fetchPayloads(await stream(), { ledger, seqs: [0, 1] }, { signal: signal() })),
    keyEntries: await outcome(fetchKeyEntries(await stream(), ledger, { signal: signal() })),
    evidence: await outcome(fetchEvidence(await stream(), ledger, { signal: signal() }))
  }
}

describe('a private ledger, its owner, a reader and a stranger', () => {
  async function three() {
    const owner = await start('owner', { access: 'private' })
    const reader = await start('reader')
    const stranger = await start('stranger')
    await owner.ledger.appendBatch([1, 2, 3].map((i) => ({ stream: 's', type: 'secret', payload: { i } })))
    await meet(owner, reader)
    await reader.sync.follow(owner.id)
    await grant(owner, reader)
    await synced(reader, owner.id, owner.own.size)
    await meet(stranger, reader)
    await stranger.peerNetwork.connections.connect(owner.addr, signal())
    // The owner follows the stranger's ledger: it knows who asks, and still has nothing for it.
    await owner.sync.follow(stranger.id)
    await expect.poll(() => owner.peerNetwork.directory.provenLedger(stranger.peer), WAIT).toBe(stranger.id)
    return { owner, reader, stranger }
  }

  test('the reader has it; to the stranger it does not exist, on any surface', async () => {
    const { owner, reader, stranger } = await three()
    const { entry } = await owner.ledger.append({ stream: 's', type: 'secret', payload: { i: 4 } })
    await expect
      .poll(async () => (await reader.ledger.get({ hash: entry.hash }, owner.id))?.payload, WAIT)
      .toEqual({ i: 4 })
    // the reader's node knows whom it reads; the owner's record is for it alone
    expect(reader.peerNetwork.directory.provenLedger(owner.peer)).toBe(owner.id)

    for (const holder of [owner, reader]) {
      const unknown = await askAll(stranger, holder.peer, UNKNOWN)
      expect(await askAll(stranger, holder.peer, owner.id)).toEqual(unknown)
      expect(JSON.stringify(unknown)).toContain('UNAVAILABLE')
    }
    // gossip: no topic, on either side
    for (const id of [owner.id, UNKNOWN])
      expect(stranger.peerNetwork.host.subscribers(announceTopic('test', id))).toEqual([])
    for (const holder of [owner, reader]) expect((await holder.sync.status(owner.id))[0]!.announced).toBe(false)
    // DHT: no provider record, here or there
    const key = `/ledgermesh/test/ledger/${owner.id}`
    for (const node of [stranger, reader, owner]) {
      const found = []
      for await (const provider of node.peerNetwork.host.findProviders(key, AbortSignal.timeout(5_000)))
        found.push(provider)
      expect(found).toEqual([])
    }
    // node record: the owner is a peer without a ledger
    expect(stranger.peerNetwork.directory.get(owner.peer)).toBeNull()
    expect(stranger.peerNetwork.connections.peers().find(({ peer }) => peer === owner.peer)).toMatchObject({
      ledger: null,
      name: null
    })
    expect(stranger.peerNetwork.sessions.of(owner.peer).intro.record).toBeNull()
    expect((await stranger.ledger.plugins.interoperability.ledgers()).map(({ ledger }) => ledger)).not.toContain(
      owner.id
    )
    // and nothing that the stranger heard or keeps names it
    const digest = createHash('sha256').update(key).digest()
    const known = [
      stranger.log.text(),
      JSON.stringify(stranger.peerNetwork.directory.list()),
      JSON.stringify(await stranger.ledger.plugins.interoperability.ledgers())
    ].join()
    expect(known).not.toContain(owner.id)
    expect(known).not.toContain('"owner"')
    // both refusals are the operator's to see, and nobody else's
    expect(owner.peerNetwork.refusals.list()).toContainEqual(
      expect.objectContaining({ peer: stranger.peer, ledger: owner.id, reason: 'NOT_A_READER', reader: stranger.id })
    )
    expect(reader.peerNetwork.refusals.list()).toContainEqual(
      expect.objectContaining({ peer: stranger.peer, ledger: owner.id, reason: 'NOT_A_READER', reader: null })
    )
    expect(JSON.stringify(owner.peerNetwork.refusals.list())).not.toContain(UNKNOWN)
    await stranger.ledger.close()
    const kept = await openDatastore(stranger.ledger.parts.home.paths.libp2p, { clock: systemClock, log: silentLog })
    open.push(kept)
    let values = 0
    for await (const { key: name, value } of kept.query({})) {
      values++
      expect(name.toString()).not.toContain(owner.id)
      expect(Buffer.from(value).includes(owner.id)).toBe(false)
      expect(Buffer.from(value).includes(digest)).toBe(false)
    }
    expect(values).toBeGreaterThan(0)
  }, 60_000)

  test('a head or evidence told by a stranger meets no reaction, as for an unknown ledger', async () => {
    const { owner, stranger } = await three()
    const junk = {
      header: Buffer.from('{}'),
      signature: new Uint8Array(64),
      checkpoint: null,
      evidence: Buffer.from('{}'),
      earliest: 0
    }
    const session = stranger.peerNetwork.sessions.of(owner.peer)
    for (const ledger of [UNKNOWN, owner.id]) {
      session.tellHeads([{ ...junk, ledger }])
      session.tellEvidence(ledger, Buffer.from('{}'))
    }
    // notices are handled in order: an answer to a later question comes after them
    await session.askHeads([{ ledger: owner.id, size: 0 }])
    await stranger.ledger.append({ stream: 's', type: 't' })
    await synced(owner, stranger.id, stranger.own.size)
    expect(owner.peerNetwork.connections.isConnected(stranger.peer)).toBe(true)
    // the same about the stranger's own ledger is a lie about what it may know, and costs the connection
    session.tellHeads([{ ...junk, ledger: stranger.id, evidence: null }])
    await expect.poll(() => owner.peerNetwork.connections.isConnected(stranger.peer), WAIT).toBe(false)
  }, 60_000)

  test('a reader that is revoked is a stranger from the next question on, and learns of no new head', async () => {
    const { owner, reader } = await three()
    const size = owner.own.size
    await owner.own.setAccess({ grant: [], revoke: [reader.id], trust_milli: null })
    await owner.ledger.append({ stream: 's', type: 'later' })
    expect(await askAll(reader, owner.peer, owner.id)).toEqual(await askAll(reader, owner.peer, UNKNOWN))
    expect(reader.ledger.parts.ledgers.get(owner.id)!.size).toBe(size)
  }, 60_000)

  test('following an id whose genesis is not held yet subscribes to nothing', async () => {
    const { stranger, owner } = await three()
    await stranger.sync.follow(owner.id)
    expect((await stranger.sync.status(owner.id))[0]).toMatchObject({ announced: false, size: 0 })
    expect(owner.peerNetwork.host.subscribers(announceTopic('test', owner.id))).toEqual([])
  }, 60_000)
})

describe('scopes', () => {
  async function pair(scope: AccessScope) {
    const owner = await start('owner', { access: 'private' })
    const time = { skew: 0 }
    const reader = await start('reader', { clock: { ...systemClock, now: () => Date.now() + time.skew } })
    await owner.ledger.append({ stream: 's', type: 'secret', payload: { i: 1 } })
    await meet(owner, reader)
    await grant(owner, reader, scope)
    await expect.poll(() => reader.peerNetwork.directory.get(owner.peer)?.record.ledger, WAIT).toBe(owner.id)
    return { owner, reader, time }
  }

  test('query-only: what checks an answer, but no ranges and no payloads; both operators see why', async () => {
    const { owner, reader, time } = await pair('query-only')
    const heard = await askAll(reader, owner.peer, owner.id)
    const denied = expect.objectContaining({ code: 'DENIED' })
    expect(heard).toMatchObject({
      heads: { gave: { denied: ['LEDGER'], heads: [], none: [] } },
      entries: denied,
      range: denied,
      beyond: denied,
      payloads: denied,
      keys: { gave: [expect.anything()] },
      keyEntries: { gave: [expect.anything()] },
      head: { gave: expect.objectContaining({ ledger: owner.id }) },
      evidence: { gave: null }
    })
    expect(owner.peerNetwork.rights.may(reader.peer, owner.own, 'query')).toBe(true)
    await reader.sync.follow(owner.id)
    await expect
      .poll(() => owner.peerNetwork.refusals.list(), WAIT)
      .toContainEqual(
        expect.objectContaining({ peer: reader.peer, ledger: owner.id, reason: 'SCOPE', reader: reader.id })
      )
    time.skew = 31_000 // that nothing comes is a stall after 30 s
    await expect.poll(async () => (await reader.sync.status(owner.id))[0]?.stall?.code, WAIT).toBe('DENIED')
    // a new head is nothing for it
    await owner.ledger.append({ stream: 's', type: 'secret' })
    expect(reader.ledger.parts.ledgers.get(owner.id)!.size).toBe(0)
  }, 30_000)

  test('sync-only: ranges, but no queries; the scope can change, and the latest word counts', async () => {
    const { owner, reader } = await pair('sync-only')
    expect(owner.peerNetwork.rights.may(reader.peer, owner.own, 'query')).toBe(false)
    expect(owner.peerNetwork.rights.ask(reader.peer, owner.id, 'query')).toBe('denied')
    await reader.sync.follow(owner.id)
    await synced(reader, owner.id, owner.own.size)
    await grant(owner, reader, 'query-only')
    expect(owner.peerNetwork.rights.may(reader.peer, owner.own, 'query')).toBe(true)
    expect(owner.peerNetwork.rights.may(reader.peer, owner.own, 'sync')).toBe(false)
  }, 30_000)

  test('trust of the owner lets in, too little does not, and a revocation by name counts more', async () => {
    let level = 699
    const asked: string[] = []
    const trustLevelMilli = (from: string, to: string): number => {
      asked.push(`${from} ${to}`)
      return level
    }
    const owner = await start('owner', { access: 'private', trustLevelMilli })
    const reader = await start('reader')
    await meet(owner, reader)
    const set = async (revoke: string[], trust: number | null): Promise<void> => {
      await owner.own.setAccess({ grant: [], revoke, trust_milli: trust })
    }
    const may = (): boolean => owner.peerNetwork.rights.may(reader.peer, owner.own, 'sync')
    await set([], 700)
    owner.peerNetwork.rights.prepare(reader.peer)
    expect(may()).toBe(false)
    level = 700
    owner.peerNetwork.rights.trustChanged()
    expect(may()).toBe(true)
    expect(asked).toContain(`${owner.id} ${reader.id}`)
    await reader.sync.follow(owner.id)
    await synced(reader, owner.id, owner.own.size)
    // the mirror enforces what it read in the chain: nobody is trusted there
    expect(reader.ledger.parts.ledgers.get(owner.id)!.access.trustMilli).toBe(700)
    await set([reader.id], 700)
    expect(may()).toBe(false)
    await set([], null)
    await grant(owner, reader)
    expect(may()).toBe(true)
  }, 30_000)
})

test('the readers of a private ledger outlive a restart', async () => {
  const dataDir = await temporaryFolder()
  const owner = await start('owner', { access: 'private', dataDir })
  for (let i = 0; i < 3; i++)
    await owner.own.setAccess({
      grant: [{ ledger: `b${'a'.repeat(51)}${i === 0 ? 'q' : 'a'}`, scope: i === 2 ? 'query-only' : 'full' }],
      revoke: [],
      trust_milli: 500 + i
    })
  await owner.ledger.close()
  const again = await start('owner', { dataDir })
  expect(again.own.access).toEqual({
    grants: new Map([
      [`b${'a'.repeat(51)}q`, 'full'],
      [UNKNOWN, 'query-only']
    ]),
    revoked: new Set(),
    trustMilli: 502
  })
}, 30_000)
