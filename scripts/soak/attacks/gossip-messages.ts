import { encodeAnnouncement, nodesTopic } from '../../../protocols/announce/index.js'
import { encodeNodeRecord, type NodeRecord } from '../../../src/core/node-record.js'
import { NETWORK } from '../../../test/core/author.js'
import { rpcFrame } from '../../../test/helpers/gossip-frames.js'
import { keyAt } from '../../../test/helpers/key-at.js'
import { random } from '../../../test/network/fixture.js'
import type { Attack } from '../attack.js'
import { flood, pool, told } from '../flood.js'

const GOSSIP = '/meshsub/1.1.0'
/** Messages of 17 bytes that fill an RPC, and messages of which each would be looked at. */
const MANY = 4_000
const FEW = 50
const POOL = 100

/** On topics that nobody subscribed to, the empty one among them. */
export const unknownTopics: Attack = async ({ addr, crowd }, over) =>
  told(
    await flood(
      addr,
      GOSSIP,
      crowd,
      over,
      pool(POOL, () => {
        const topics = ['', `/ledgermesh/${NETWORK}/announce/x`, Buffer.from(random.bytes(6)).toString('hex')]
        return rpcFrame({
          messages: Array.from({ length: MANY }, (_, i) => ({ topic: topics[i % 3]!, data: random.bytes(17) }))
        })
      })
    )
  )

/** Signed, which nothing here is, on a topic that the node listens to. */
export const signedMessages: Attack = async ({ addr, crowd }, over) =>
  told(
    await flood(
      addr,
      GOSSIP,
      crowd,
      over,
      pool(POOL, () =>
        rpcFrame({
          messages: Array.from({ length: FEW }, () => ({
            topic: nodesTopic(NETWORK),
            data: random.bytes(17),
            from: random.bytes(38),
            seqno: random.bytes(8),
            signature: random.bytes(64),
            key: random.bytes(36)
          }))
        })
      )
    )
  )

/** RPCs that say nothing. */
export const emptyRpcs: Attack = async ({ addr, crowd }, over) => {
  const frame = new Uint8Array(4_096)
  return told(await flood(addr, GOSSIP, crowd, over, () => frame))
}

/** RPCs whose control part is there and empty: two bytes more. */
export const emptyControl: Attack = async ({ addr, crowd }, over) => {
  const frame = Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.from([2, 0x1a, 0])))
  return told(await flood(addr, GOSSIP, crowd, over, () => frame))
}

/** Records of nodes of ledgers that nobody here knows: nothing is wrong with one, and there are too many. */
export const overQuota: Attack = async ({ addr, crowd }, over) => {
  const signer = keyAt(1)
  const record = {
    v: 1 as const,
    network: NETWORK,
    key: signer.publicKey,
    seq: 1,
    issued: Date.now(),
    expires: Date.now() + 3_600_000,
    addrs: [],
    capabilities: ['sync'],
    metadata: { version: '1', region: null, streams: [] }
  } satisfies Partial<NodeRecord>
  const peer = addr.split('/').at(-1)!
  let made = 0
  return told(
    await flood(
      addr,
      GOSSIP,
      crowd,
      over,
      pool(20 * POOL, () =>
        rpcFrame({
          messages: Array.from({ length: FEW }, () => {
            const letters = (made++).toString(2).replaceAll('0', 'a').replaceAll('1', 'b')
            const body = encodeNodeRecord({
              ...record,
              ledger: `b${letters.padStart(51, 'c')}a`,
              peer_id: `${peer.slice(0, 20)}${letters.replaceAll('a', 'A').padStart(32, 'C')}`
            })
            return {
              topic: nodesTopic(NETWORK),
              data: encodeAnnouncement({ record: { body, signature: random.bytes(64), keyEntries: [] } })
            }
          })
        })
      )
    )
  )
}
