import { announceTopic, nodesTopic } from '../../../protocols/announce/index.js'
import { NETWORK } from '../../../test/core/author.js'
import { prefixed, rpcFrame, varint, type Rpc } from '../../../test/helpers/gossip-frames.js'
import { random } from '../../../test/network/fixture.js'
import { sent, Stranger } from '../../../test/helpers/stranger.js'
import { turn, type Attack, type Target } from '../attack.js'
import { flood, pool, told } from '../flood.js'

const GOSSIP = '/meshsub/1.1.0'
const MANY = 1_000
const POOL = 100
/** The multihash of an Ed25519 peer id. */
const peerBytes = (): Uint8Array => Buffer.concat([Buffer.from('002408011220', 'hex'), random.bytes(32)])

const ids = (): Uint8Array[] => Array.from({ length: MANY }, () => random.bytes(32))

function control(make: (topic: string) => Rpc): Attack {
  return async ({ addr, ledger, crowd }: Target, over) => {
    const topics = [nodesTopic(NETWORK), announceTopic(NETWORK, ledger)]
    let at = 0
    return told(
      await flood(
        addr,
        GOSSIP,
        crowd,
        over,
        pool(POOL, () => rpcFrame(make(topics[at++ % 2]!)))
      )
    )
  }
}

export const ihaves = control((topic) => ({ ihave: [{ topic, ids: ids() }] }))
export const iwants = control(() => ({ iwant: [ids()] }))
export const idontwants = control(() => ({ idontwant: [ids().slice(0, 500)] }))
export const grafts = control((topic) => ({
  graft: Array.from({ length: MANY }, (_, i) => (i % 2 === 0 ? topic : `${topic}${i}`))
}))
/** With peers to connect to, and a wish not to be asked for a year. */
export const prunes = control((topic) => ({
  graft: [topic],
  prune: Array.from({ length: MANY / 10 }, () => ({
    topic,
    peers: Array.from({ length: 10 }, peerBytes),
    backoff: 31_536_000
  }))
}))
/** Joining and leaving topics of this network, each of another name. */
export const subscriptions = control((topic) => ({
  subscriptions: Array.from({ length: MANY }, (_, i) => ({
    subscribe: i % 3 !== 2,
    topic: `${topic}/${Buffer.from(random.bytes(8)).toString('hex')}`
  }))
}))
/** More entries than any honest RPC has. */
export const entries = control(() => ({ ihave: Array.from({ length: 20_000 }, () => ({ topic: '', ids: [] })) }))

/** Begun and not ended: 1 MiB each, but for the last byte, by many ids that then wait. */
export const unfinished: Attack = async ({ addr, crowd }, over) => {
  const most = Buffer.concat([varint(1024 * 1024), Buffer.alloc(1024 * 1024 - 1)])
  let [held, reset] = [0, 0]
  await Promise.all(
    Array.from({ length: 2 * crowd }, async () => {
      const open: Stranger[] = []
      for (let i = 0; i < 6 && !over(); i++) {
        const one = await Stranger.dial(addr).catch(() => null) // no place: as it should be
        if (one === null) break
        open.push(one)
        for (let streams = 0; streams < 4; streams++) {
          const stream = await one.open(GOSSIP).catch(() => null)
          if (stream !== null && (await sent(stream, most))) held++
          else reset++
        }
      }
      while (!over()) await turn(100)
      await Promise.all(
        open.map(async (one) => {
          await one.stop()
        })
      )
    })
  )
  return `${held} RPCs of 1 MiB begun, ${reset} reset`
}

/** One byte more than an RPC may have. */
export const oversize: Attack = async ({ addr, crowd }, over) => {
  const whole = prefixed(new Uint8Array(1024 * 1024 + 1))
  return told(await flood(addr, GOSSIP, crowd, over, () => whole))
}
