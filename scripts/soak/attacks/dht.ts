/**
 * What strangers do to a node through its DHT (FAULTS S1, S7, S9, S10): plain libp2p, with messages written by hand.
 */
import { createServer } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import {
  ADD_PROVIDER,
  addresses,
  anyKey,
  encodeKad,
  fakeIds,
  FIND_NODE,
  frame,
  GET_PROVIDERS,
  PING,
  Stranger,
  type KadPeer
} from '../../../test/helpers/kad-peer.js'
import { turn, type Attack, type Target } from '../attack.js'

/** Strangers that ask at most until one has its answer. */
const READERS = 8

/**
 * Runs `once` with so many strangers at a time until it is over; each goes when it is refused or has done `times`, and
 * another one comes.
 */
async function crowd(
  { crowd: size }: Target,
  over: () => boolean,
  times: number,
  once: (stranger: Stranger, n: number) => Promise<void>
): Promise<{ strangers: number; done: number }> {
  let [strangers, done] = [0, 0]
  const one = async (): Promise<void> => {
    const stranger = await Stranger.start()
    strangers++
    try {
      for (let n = 0; n < times && !over(); n++) {
        await once(stranger, done)
        done++
      }
    } catch {
      await turn(50) // dropped or refused: as it should be
    } finally {
      await stranger.stop()
    }
  }
  await Promise.all(
    Array.from({ length: size }, async () => {
      while (!over()) await one()
    })
  )
  return { strangers, done }
}

async function floodOfAddresses(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const { strangers, done } = await crowd(target, over, 200, async (stranger, n) => {
    await stranger.tell(addr, {
      type: ADD_PROVIDER,
      key: anyKey(n % 50),
      providers: [{ id: stranger.id, addrs: addresses(5_000, n * 5_000) }]
    })
  })
  return `${done} records of 5,000 addresses by ${strangers} ids`
}

async function floodOfPeers(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const ids = await fakeIds(500)
  const { strangers, done } = await crowd(target, over, 200, async (stranger, n) => {
    await stranger.tell(addr, {
      type: ADD_PROVIDER,
      key: anyKey(n % 50),
      providers: ids.map((id, i) => ({ id, addrs: addresses(2, i * 2) }))
    })
  })
  return `${done} records of 500 peers by ${strangers} ids`
}

async function oversize(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const message = frame(new Uint8Array(1024 * 1024))
  const { strangers, done } = await crowd(target, over, 50, async (stranger) => {
    const stream = await stranger.open(addr)
    stream.send(message)
    await turn(20)
    if (!stranger.connected) throw new Error('dropped')
  })
  return `${done} messages of 1 MiB by ${strangers} ids`
}

async function unfinished(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const half = frame(new Uint8Array(64_000)).subarray(0, 60_000)
  const { strangers, done } = await crowd(target, over, 500, async (stranger) => {
    const stream = await stranger.open(addr)
    stream.send(half)
  })
  return `${done} messages begun by ${strangers} ids`
}

async function floodOfProviders(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const { strangers, done } = await crowd(target, over, 64, async (stranger, n) => {
    await stranger.tell(addr, {
      type: ADD_PROVIDER,
      key: anyKey(n % 64),
      providers: [{ id: stranger.id, addrs: addresses(1) }]
    })
  })
  // Half of all ids are greeted by the node, and dropped because they do not speak its protocol: then another one asks.
  let answer: Uint8Array | null = null
  for (let tries = 0; tries < READERS && answer === null; tries++) {
    const reader = await Stranger.start()
    answer = await reader.ask(addr, { type: GET_PROVIDERS, key: anyKey(0) }).catch(() => null)
    await reader.stop()
  }
  return `${done} provider records by ${strangers} ids of one host; an answer about a key has ${answer?.byteLength ?? 0} bytes`
}

async function questions(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const { strangers, done } = await crowd(target, over, 2_000, async (stranger) => {
    await stranger.tell(addr, { type: FIND_NODE, key: stranger.id })
  })
  return `${done} questions by ${strangers} ids`
}

/** Serves the DHT with `named` in every answer, to whoever asks, until it is over. */
async function lie(addr: string, named: KadPeer[], over: () => boolean): Promise<number> {
  const answers = new Map(
    [FIND_NODE, GET_PROVIDERS, PING].map((type) => [
      type,
      encodeKad({
        type,
        ...(type === PING
          ? {}
          : { closer: named.slice(0, 60), providers: type === GET_PROVIDERS ? named.slice(60) : [] })
      })
    ])
  )
  const liars = await Promise.all(
    Array.from({ length: 4 }, async () => await Stranger.start({ answer: (question) => answers.get(question[1]!) }))
  )
  while (!over()) {
    for (const liar of liars)
      if (!liar.connected)
        await liar.dial(addr).catch(() => {
          /* refused: as it should be */
        })
    await turn(200)
  }
  const asked = liars.reduce((sum, one) => sum + one.asked.length, 0)
  await Promise.all(
    liars.map(async (one) => {
      await one.stop()
    })
  )
  return asked
}

async function lyingAnswers(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  const ids = await fakeIds(120)
  const asked = await lie(
    addr,
    ids.map((id, i) => ({ id, addrs: addresses(i === 0 ? 2_000 : 16, i * 2_000) })),
    over
  )
  return `${asked} questions answered with peers that do not exist`
}

/** A door of this machine that is no peer's: every peer that is named is said to be behind it. */
async function chosenDials(target: Target, over: () => boolean): Promise<string> {
  const { addr } = target
  let knocks = 0
  const door = createServer((socket) => {
    knocks++
    socket.destroy()
  })
  await new Promise<void>((resolve) => {
    door.listen(0, '127.0.0.1', resolve)
  })
  const { port } = door.address() as { port: number }
  const addrs = [`/ip4/127.0.0.1/tcp/${port}`, `/ip6/::ffff:127.0.0.1/tcp/${port}`, `/dns4/localhost/tcp/${port}`].map(
    (text) => multiaddr(text).bytes
  )
  const asked = await lie(
    addr,
    (await fakeIds(120)).map((id) => ({ id, addrs })),
    over
  )
  door.close()
  return `${asked} questions answered; ${knocks} knocks at a door that was named for 120 peers`
}

export const DHT_ATTACKS: Record<string, Attack> = {
  'DHT: addresses': floodOfAddresses,
  'DHT: peers': floodOfPeers,
  'DHT: oversize': oversize,
  'DHT: unfinished': unfinished,
  'DHT: providers': floodOfProviders,
  'DHT: questions': questions,
  'DHT: lying answers': lyingAnswers,
  'DHT: chosen dials': chosenDials
}
