/**
 * Pushers behind NAT that live for 20 s a day, and a backup that crashes, is made anew, and has places for some. One
 * seed is one history.
 */
import { history } from '../histories.js'
import { World } from '../world.js'
import { BackupNode } from './backup-node.js'
import { PushingNode } from './pushing-node.js'

const DAY_MS = 24 * 60 * 60_000
const LIFE_MS = 20_000

/** S6: what it said while it had this disk is not above what it opens with. */
function checkReceipts(pushers: PushingNode[], backup: BackupNode): string[] {
  return pushers.flatMap(({ id, flow, history: { ledger } }) =>
    flow.store === backup.incarnation && flow.durable > backup.store(ledger).visible
      ? [`${id}: ${flow.durable} confirmed, ${backup.store(ledger).visible} there`]
      : []
  )
}

export interface PushPlay {
  pushers: number
  days: number
  /** Ledgers that the backup takes. */ places?: number
  /** Does it crash, and lose its disk? */ faults?: boolean
  /** Entries that each pusher may come to have. */ length?: number
}
export interface Played {
  backup: BackupNode
  pushers: PushingNode[]
  /** Receipts that said more than was there. */ wrong: string[]
  digest: string
}

export async function play(
  seed: number,
  { pushers: count, days, places = Infinity, faults = true, length = 60 }: PushPlay
): Promise<Played> {
  const world = new World(seed, { latency: [5, 120], loss: 0.01 })
  world.hubs = []
  const backup = new BackupNode(world, 'n0', [])
  backup.places = places
  world.hubs = ['n0']
  backup.start()
  const pushers: PushingNode[] = []
  for (let n = 1; n <= count; n++)
    pushers.push(new PushingNode(world, `n${n}`, await history(`pusher ${n}`, length), 'n0'))
  const wrong: string[] = []
  for (let day = 0; day < days; day++) {
    for (const one of pushers) {
      for (let n = Math.floor(world.random.next() * 12); n > 0; n--) one.append()
      world.after(Math.floor((world.random.next() * DAY_MS) / 2), () => {
        one.live(LIFE_MS)
        for (let n = 0; n < 4; n++)
          world.after(Math.floor((world.random.next() * LIFE_MS) / 2), () => {
            one.append()
          })
      })
    }
    if (faults) {
      world.after(Math.floor(world.random.next() * DAY_MS), () => {
        const wipes = world.random.next() < 0.3
        if (wipes) backup.wipe()
        else {
          backup.crash()
          wrong.push(...checkReceipts(pushers, backup))
          backup.start()
        }
      })
    }
    await world.run(DAY_MS)
    wrong.push(...checkReceipts(pushers, backup))
  }
  // two more days without faults and without new entries
  for (let day = 0; day < 2; day++) {
    for (const one of pushers)
      world.after(Math.floor((world.random.next() * DAY_MS) / 2), () => {
        one.live(4 * LIFE_MS)
      })
    await world.run(DAY_MS)
  }
  return { backup, pushers, wrong, digest: world.digest() }
}

/**
 * What is wrong in the end: nothing, when all is confirmed by the store that is there now, and the entries are the
 * pushers'.
 */
export function problems({ backup, pushers, wrong }: Played): string[] {
  return [
    ...wrong,
    ...pushers.flatMap(({ id, flow, size, history: { ledger, entries } }) => {
      const held = backup.store(ledger).entries
      const isRight =
        flow.code === null &&
        flow.durable === size &&
        flow.store === backup.incarnation &&
        held.length === size &&
        held.every(({ hash }, n) => hash === entries[n]!.hash)
      return isRight ? [] : [`${id}: ${JSON.stringify(flow)} of ${size}, ${held.length} held`]
    })
  ]
}
