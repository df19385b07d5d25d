/** What strangers do to a node; each runs in a process of its own, so that the honest peer does not share its event loop. */
import { connect } from 'node:net'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { announcementId, announceTopic, encodeAnnouncement, nodesTopic } from '../../protocols/announce/index.js'
import { pull } from '../../protocols/pull/index.js'
import { encodeRequest } from '../../protocols/pull/request.js'
import { encodeNodeRecord, type NodeRecord } from '../../src/core/node-record.js'
import { signingInput } from '../../src/core/signature.js'
import { Author, NETWORK } from '../../test/core/author.js'
import { keyAt } from '../../test/helpers/key-at.js'
import { TestPeer } from '../../test/helpers/test-peer.js'
import { random, stopAll, within } from '../../test/network/fixture.js'

export interface Target { addr: string, peerId: string, ledger: string, connections: number, streams: number, records: number, forged: number, seconds: number }

/** Says what was done, in numbers. */
type Attack = (target: Target, over: () => boolean) => Promise<string>

const DIALS_AT_ONCE = 32
const turn = async (ms = 0): Promise<void> => { await new Promise((resolve) => { setTimeout(resolve, ms) }) }

async function stranger (): Promise<Libp2p> {
  return await createLibp2p({ transports: [tcp()], connectionEncrypters: [noise()], streamMuxers: [yamux()], connectionManager: { maxDialQueueLength: 5_000 } })
}

async function silentSockets ({ addr, connections, seconds }: Target, over: () => boolean): Promise<string> {
  const [, , host, , port] = addr.split('/')
  let opened = 0
  while (!over()) {
    const sockets = Array.from({ length: Math.min(200, connections) }, (_, i) => {
      const socket = connect({ port: Number(port), host: host!, localAddress: `127.0.0.${2 + i % 50}` })
      socket.on('error', () => { /* refused: as it should be */ })
      if (i % 2 === 0) socket.write(random.bytes(500))
      return socket
    })
    opened += sockets.length
    await turn(Math.min(1_000, seconds * 100))
    for (const socket of sockets) socket.destroy()
    if (opened >= connections) break
  }
  return `${opened} sockets`
}

async function strangers ({ addr, connections }: Target, over: () => boolean): Promise<string> {
  const target = multiaddr(addr)
  let [tried, stayed] = [0, 0]
  const open: Libp2p[] = []
  await Promise.all(Array.from({ length: DIALS_AT_ONCE }, async () => {
    while (!over() && tried < connections) {
      tried++
      const node = await stranger()
      await node.dial(target, { signal: within(10_000) }).catch(() => { /* refused: as it should be */ })
      await turn(50)
      if (node.getConnections().length === 0) {
        await node.stop()
      } else {
        open.push(node)
        stayed++
      }
    }
  }))
  await Promise.all(open.map(async (node) => { await node.stop() }))
  return `${tried} peers dialled, ${stayed} got a place`
}

async function unusedStreams ({ addr, streams }: Target, over: () => boolean): Promise<string> {
  let [opened, refused] = [0, 0]
  while (!over() && opened < streams) {
    const node = await stranger()
    try {
      const connection = await node.dial(multiaddr(addr), { signal: within(10_000) })
      while (!over() && opened < streams && connection.status === 'open') {
        await Promise.allSettled(Array.from({ length: 50 }, async () => {
          opened++
          const stream = await connection.newStream(`/ledgermesh/${NETWORK}/pull/1`, { signal: within(5_000), maxOutboundStreams: 10_000 })
          stream.abort(new Error('next'))
        }))
      }
    } catch {
      refused++
    }
    await node.stop()
  }
  return `${opened} streams, ${refused} dials refused`
}

async function slowReaders ({ addr, peerId, ledger }: Target, over: () => boolean): Promise<string> {
  const request = encodeRequest({ kind: 'range', ledger, range: { ledger, from: 0, count: 500, want: 'full' } })
  const crowd = await Promise.all(Array.from({ length: 12 }, async () => await TestPeer.start()))
  let opened = 0
  await Promise.all(crowd.map(async (peer) => {
    while (!over()) {
      try {
        if (!peer.sessions.has(peerId)) await peer.connect(addr)
        for (let i = 0; i < 8; i++) {
          const stream = await peer.host.open(peerId, pull, within(5_000))
          await stream.write(request, { timeoutMs: 5_000 })
          opened++
        }
      } catch { /* reset: as it should be */ }
      await turn(1_000)
    }
  }))
  return `${opened} replies asked for and not read`
}

async function stalledWriters ({ addr, peerId }: Target, over: () => boolean): Promise<string> {
  const crowd = await Promise.all(Array.from({ length: 12 }, async () => await TestPeer.start()))
  let opened = 0
  await Promise.all(crowd.map(async (peer) => {
    while (!over()) {
      try {
        if (!peer.sessions.has(peerId)) await peer.connect(addr)
        for (let i = 0; i < 8; i++) {
          await peer.host.open(peerId, pull, within(5_000))
          opened++
        }
      } catch { /* reset: as it should be */ }
      await turn(500)
    }
  }))
  return `${opened} streams without a request`
}

async function helloFlood ({ addr, peerId, ledger }: Target, over: () => boolean): Promise<string> {
  const crowd = await Promise.all(Array.from({ length: 8 }, async () => await TestPeer.start()))
  let [answered, refused] = [0, 0]
  await Promise.all(crowd.map(async (peer) => {
    await peer.connect(addr)
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (!over()) {
        try {
          await peer.sessions.get(peerId)!.askEntries(ledger, 1, 64, { signal: within(60_000) })
          answered++
        } catch {
          refused++
          await turn(10)
        }
      }
    }))
  }))
  return `${answered} questions answered, ${refused} refused`
}

/** Of the ledger that the honest peer writes: its signature has to be checked. */
async function forgedAnnouncements ({ addr, peerId, forged }: Target, over: () => boolean): Promise<string> {
  const author = await Author.create()
  const { header, signature } = (await author.make()).raw
  let [sent, liars] = [0, 0]
  const topic = announceTopic(NETWORK, author.ledger)
  while (!over() && sent < forged) {
    liars++
    const liar = await TestPeer.start()
    try {
      await liar.connect(addr)
      liar.host.subscribe(topic, async () => await Promise.resolve('accept'), announcementId)
      for (let i = 0; i < 100 && !liar.host.subscribers(topic).includes(peerId); i++) await turn(20)
      while (!over() && sent < forged && liar.host.isConnected(peerId)) {
        await liar.host.publish(topic, encodeAnnouncement({ head: { header, signature: Buffer.concat([signature.slice(0, 58), Buffer.from([liars, sent >> 24, sent >> 16, sent >> 8, sent, 0])]) } }))
        if (++sent % 50 === 0) await turn()
      }
    } catch { /* refused: as it should be */ }
    await liar.host.stop()
  }
  return `${sent} forged by ${liars} liars`
}

async function sybilRecords ({ addr, peerId, ledger, records }: Target, over: () => boolean): Promise<string> {
  const peer = await TestPeer.start()
  await peer.connect(addr)
  const topic = nodesTopic(NETWORK)
  peer.host.subscribe(topic, async () => await Promise.resolve('accept'), announcementId)
  for (let i = 0; i < 200 && !peer.host.subscribers(topic).includes(peerId); i++) await turn(20)
  const signer = keyAt(1)
  const template: NodeRecord = {
    v: 1, network: NETWORK, ledger, peer_id: peer.host.peerId, key: signer.publicKey, seq: 1, issued: Date.now(), expires: Date.now() + 3_600_000, addrs: [], capabilities: ['sync'],
    metadata: { version: '1', region: null, streams: [] }
  }
  let sent = 0
  for (; sent < records && !over() && peer.host.isConnected(peerId); sent++) {
    const letters = sent.toString(2).replaceAll('0', 'a').replaceAll('1', 'b')
    // Half of them say that they are nodes of the daemon's own ledger, which makes it check their signature: it is right, and its key is not in force.
    const of = sent % 2 === 0 ? ledger : `b${letters.padStart(51, 'c')}a`
    const body = encodeNodeRecord({ ...template, ledger: of, peer_id: `${template.peer_id.slice(0, 20)}${letters.replaceAll('a', 'A').padStart(32, 'C')}` })
    const signed = of === ledger ? await signer.sign(signingInput('nodeRecord', body)) : random.bytes(64)
    await peer.host.publish(topic, encodeAnnouncement({ record: { body, signature: signed, keyEntries: [] } }))
    if (sent % 100 === 0) await turn()
  }
  return `${sent} records told${peer.host.isConnected(peerId) ? '' : ', then the teller was out'}`
}

export const ATTACKS: Record<string, Attack> = {
  'silent sockets': silentSockets, strangers, 'unused streams': unusedStreams, 'slow readers': slowReaders, 'stalled writers': stalledWriters, 'hello flood': helloFlood,
  'forged announcements': forgedAnnouncements, 'sybil records': sybilRecords
}

export async function attack (name: string, target: Target): Promise<string> {
  const end = performance.now() + target.seconds * 1000
  const done = await ATTACKS[name]!(target, () => performance.now() > end)
  await stopAll()
  return done
}
