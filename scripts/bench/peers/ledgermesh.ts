/** Us: whole nodes, as in the daemon, with network, store and audit. */
import { setTimeout as wait } from 'node:timers/promises'
import { createLedger } from '../../../src/node/create-ledger.js'
import { interoperabilityPlugin } from '../../../src/node/plugins/interoperability-plugin.js'
import { syncPlugin } from '../../../src/node/plugins/sync-plugin.js'
import type { Follower, System } from './system.js'

/** Milliseconds between two looks at how far the audit is. */
const POLL_MS = 2
/** The genesis is entry 0, so the first record is entry 1. */
const GENESIS = 1

const open = async (dataDir: string) =>
  await createLedger({ dataDir, plugins: [interoperabilityPlugin(), syncPlugin()] })

export const system: System = {
  author: async (folder) => {
    const ledger = await open(folder)
    return {
      address: { ledger: ledger.id, addr: ledger.parts.peerNetwork!.host.addrs()[0]! },
      append: async (record) => await ledger.append(record),
      appendBatch: async (records) => await ledger.appendBatch(records),
      close: async () => {
        await ledger.close()
      }
    }
  },
  follower: async (folder, { ledger }) => follower(await open(folder), ledger!)
}

function follower(ledger: Awaited<ReturnType<typeof open>>, id: string): Follower {
  const mirror = () => ledger.parts.ledgers.get(id)
  const stored = async (size: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = ledger.parts.ledgers.on('stored', (from) => {
      if (from.id === id && from.size >= size) resolve()
    })
    // what was stored before somebody listened
    if ((mirror()?.size ?? 0) >= size) resolve()
    await promise
    stop()
  }
  return {
    catchUp: async ({ addr }, count) => {
      await ledger.plugins.interoperability.connect(addr!)
      await ledger.plugins.sync.follow(id)
      await stored(count + GENESIS)
    },
    allChecked: async (count) => {
      while (mirror()!.audited < count + GENESIS) await wait(POLL_MS)
    },
    read: async (index) => {
      await stored(index + GENESIS + 1)
      return (await mirror()!.get({ seq: index + GENESIS }))!
    },
    close: async () => {
      await ledger.close()
    }
  }
}
