// OrbitDB as its documentation says: an events database on Helia with bitswap, its blocks in LevelDB, gossipsub over
// TCP, Noise and Yamux.
import { once } from 'node:events'
import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { bitswap } from '@helia/block-brokers'
import { Helia } from '@helia/utils'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createOrbitDB } from '@orbitdb/core'
import { LevelBlockstore } from 'blockstore-level'
import { MemoryDatastore } from 'datastore-core'
import { createLibp2p } from 'libp2p'
import { multiaddr } from '@multiformats/multiaddr'

/** @type {import('./system.ts').System} */
export const system = {
  author: async (folder) => {
    const { orbitdb, libp2p, close } = await open(folder)
    const db = await orbitdb.open('bench', { type: 'events' })
    return {
      address: { db: db.address, peer: libp2p.getMultiaddrs()[0].toString() },
      append: async (record) => await db.add(record),
      appendBatch: async (records) => await Promise.all(records.map((record) => db.add(record))),
      close
    }
  },
  follower: async (folder) => {
    const { orbitdb, libp2p, close } = await open(folder)
    // by their place in the log: one author's Lamport clock counts 1, 2, 3 …
    const hashes = new Map()
    let db
    const arrived = async (time) => {
      while (!hashes.has(time)) await once(db.events, 'update')
    }
    return {
      catchUp: async ({ db: address, peer }, count) => {
        await libp2p.dial(multiaddr(peer))
        db = await orbitdb.open(address)
        db.events.on('update', ({ clock, hash }) => {
          hashes.set(clock.time, hash)
        })
        await arrived(count)
      },
      read: async (index) => {
        if (hashes.size <= 1) for await (const { clock, hash } of db.log.traverse()) hashes.set(clock.time, hash)
        await arrived(index + 1)
        return await db.get(hashes.get(index + 1))
      },
      close
    }
  }
}

async function open(folder) {
  const libp2p = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) }
  })
  const ipfs = new Helia({
    libp2p,
    blockstore: new LevelBlockstore(join(folder, 'blocks')),
    datastore: new MemoryDatastore(),
    blockBrokers: [bitswap()]
  })
  await ipfs.start()
  const orbitdb = await createOrbitDB({ ipfs, directory: join(folder, 'orbitdb') })
  return {
    orbitdb,
    libp2p,
    close: async () => {
      await orbitdb.stop()
      await ipfs.stop()
    }
  }
}
