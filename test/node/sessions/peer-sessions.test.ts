import { expect, test } from 'vitest'
import type { HelloIntro, HelloSession } from '../../../protocols/hello/index.js'
import { WireError, type SignedRecord } from '../../../protocols/wire.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import { encodeNodeRecord } from '../../../src/core/node-record.js'
import { peerIdOf } from '../../../src/core/peer-key.js'
import { signingInput, verifySignature } from '../../../src/core/signature.js'
import { PeerSessions, type PeerSessionsInit } from '../../../src/node/sessions/peer-sessions.js'
import { Author, key, NETWORK } from '../../core/author.js'
import { START_MS, TestLog } from '../../ledger/support.js'

const SELF = peerIdOf(key(201).publicKey)
const PEER = peerIdOf(key(200).publicKey)
const author = await Author.create(30)

async function recordOf(peer: string): Promise<SignedRecord> {
  const body = encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: peer,
    key: author.signer.publicKey,
    seq: 1,
    issued: START_MS,
    expires: START_MS + 1000,
    addrs: [],
    capabilities: [],
    metadata: { version: '0.1.0', streams: [], region: null }
  })
  return { body, signature: await author.signer.sign(signingInput('nodeRecord', body)), keyEntries: [] }
}

interface Session extends HelloSession {
  end: (code?: string) => Promise<void>
}

function setup() {
  const heard: string[] = []
  const dropped: string[] = []
  const saw: string[] = []
  const log = new TestLog()
  const connected = new Set([PEER])
  const live = new Set<HelloSession>()
  const state = { twins: false, shown: null as Error | null }
  const note =
    (what: string) =>
    (peer: string): void => {
      heard.push(`${what} ${peer === PEER ? 'peer' : peer}`)
    }
  const sessions = new PeerSessions({
    network: NETWORK,
    host: () => ({ peerId: SELF, isConnected: (peer: string) => connected.has(peer) }),
    directory: {
      connected: note('connected'),
      onDisconnected: note('disconnected'),
      addShown: async () => {
        if (state.shown !== null) throw state.shown
      }
    },
    rights: { prepare: () => undefined },
    refusals: { refusedBy: note('refused') },
    verifier: { forPeer: () => verifySignature },
    disclosure: () => ({ review: () => undefined, forget: () => undefined }),
    twins: {
      isKnown: () => state.twins,
      joined: (session: HelloSession) => live.add(session),
      left: (session: HelloSession) => live.delete(session),
      another: (session: HelloSession) => [...live].find((one) => one !== session),
      showed: note('showed')
    },
    events: { peer: note('peer'), peerGone: note('gone'), record: note('record') },
    onChecked: (_checked: unknown, from: string) => saw.push(from),
    drop: (_peer: string, code: string) => dropped.push(code),
    again: note('again'),
    log
  } as unknown as PeerSessionsInit)
  const session = (intro: Partial<HelloIntro> = {}): Session => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const one = {
      peer: PEER,
      intro: { network: NETWORK, record: null, software: 'x', features: [], ...intro },
      closed: promise,
      error: null as unknown,
      end: async (code?: string) => {
        if (code !== undefined) one.error = { code }
        resolve()
        await new Promise(setImmediate)
      }
    }
    return one as unknown as Session
  }
  return { sessions, session, heard, dropped, saw, log, connected, state }
}

test('who is of another network, or shows a record that cannot be true, gets no session', async () => {
  const { sessions, session, state, dropped, heard } = setup()
  await expect(sessions.welcome(session({ network: 'other' }))).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
  expect(dropped).toEqual([])
  state.shown = new LedgermeshError('BAD_RECORD', 'it names another peer')
  const shown = session({ record: await recordOf(PEER) })
  await expect(sessions.welcome(shown)).rejects.toBeInstanceOf(WireError)
  expect([dropped, heard]).toEqual([['BAD_RECORD'], []])
  expect(() => sessions.of(PEER)).toThrow('not connected')
})

test('while we are busy, or for a newer version, it gets no session and is not punished (I5)', async () => {
  const { sessions, session, state, dropped } = setup()
  const shown = session({ record: await recordOf(PEER) })
  for (const code of ['OVERLOADED', 'UPGRADE_NEEDED'] as const) {
    state.shown = new LedgermeshError(code, 'no')
    await expect(sessions.welcome(shown)).rejects.toMatchObject({ code })
  }
  expect(dropped).toEqual([])
})

test('a session begins, ends, and the connection may bring another one', async () => {
  const { sessions, session, heard } = setup()
  const one = session()
  await sessions.welcome(one)
  expect(sessions.of(PEER)).toBe(one)
  await one.end()
  expect(heard).toEqual(['connected peer', 'peer peer', 'disconnected peer', 'gone peer', 'again peer'])
  expect(sessions.current.size).toBe(0)
})

test('a refusal is remembered, also that of a session which is not the current one', async () => {
  const { sessions, session, heard } = setup()
  const [old, one] = [session(), session()]
  await sessions.welcome(old)
  await sessions.welcome(one)
  heard.length = 0
  await old.end('DENIED')
  expect([heard, sessions.of(PEER)]).toEqual([['refused peer'], one])
})

test('of two sessions the newer one is talked to, and what happened on the older one is over', async () => {
  const { sessions, session, heard } = setup()
  await sessions.welcome(session())
  const one = session()
  await sessions.welcome(one)
  expect(sessions.of(PEER)).toBe(one)
  expect(heard.slice(2)).toEqual(['disconnected peer', 'gone peer', 'connected peer', 'peer peer'])
})

test('a second connection that shows nothing new takes over nothing, until the first has ended', async () => {
  const { sessions, session, heard, state } = setup()
  const one = session()
  await sessions.welcome(one)
  state.twins = true
  const second = session()
  await sessions.welcome(second)
  expect(sessions.of(PEER)).toBe(one)
  await one.end()
  expect(sessions.of(PEER)).toBe(second)
  expect(heard).not.toContain('again peer')
})

test('when the connection is gone too, nobody is talked to over what is left', async () => {
  const { sessions, session, connected, state } = setup()
  const one = session()
  await sessions.welcome(one)
  state.twins = true
  await sessions.welcome(session())
  connected.clear()
  await one.end()
  expect(sessions.current.size).toBe(0)
})

test('greeted: waits for this peer, and says who closed, or who never said a word', async () => {
  const { sessions, session, connected } = setup()
  const stop = new AbortController()
  const greeted = sessions.greeted(PEER, stop.signal)
  sessions.forget('somebody else')
  await sessions.welcome(session())
  await greeted
  sessions.forget(PEER)
  const mute = sessions.greeted(PEER, stop.signal)
  stop.abort()
  await expect(mute).rejects.toMatchObject({ code: 'UNREACHABLE' })
  const closed = sessions.greeted(PEER, new AbortController().signal)
  connected.clear()
  sessions.forget(PEER)
  await expect(closed).rejects.toMatchObject({ code: 'REFUSED' })
})

test('a record that is shown later is taken; one that names us says that there is a twin (R4), if it can be true', async () => {
  const { sessions, session, heard, dropped, saw } = setup()
  const { intro } = session()
  await sessions.recordShown(PEER, await recordOf(PEER), intro)
  expect([heard, saw]).toEqual([['showed peer', 'record peer'], []])
  const ours = await recordOf(SELF)
  await sessions.recordShown(PEER, ours, intro)
  expect([saw, dropped]).toEqual([[PEER], []])
  const forged = { ...ours, signature: Buffer.alloc(64) }
  await expect(sessions.recordShown(PEER, forged, intro)).rejects.toBeInstanceOf(WireError)
  await expect(sessions.recordShown(PEER, { ...ours, body: Buffer.from('{}') }, intro)).rejects.toMatchObject({
    code: 'INVALID'
  })
  expect([saw, dropped.length, heard.length]).toEqual([[PEER], 2, 2])
})
