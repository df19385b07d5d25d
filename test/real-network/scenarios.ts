/**
 * What real networks do to nodes, and what has to come of it by itself: nobody connects, pulls or restarts anything by
 * hand.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { World } from './world.js'

const HOUR_MS = 60 * 60_000
/** In which the others live through the sleep, a second each. */
const SLEEP_STEPS = 30

/** What took how long to heal, in ms. */
export type Figures = Record<string, number>

/** The cable of one node is out until all have noticed and for a while more; both sides go on appending. */
export async function partition({ moreMs = 0 } = {}): Promise<Figures> {
  return await World.run(async (world) => {
    const [a, b, c] = await world.three()
    await world.lan.linkDown(c.host)
    const began = performance.now()
    await Promise.all([a.append(300), c.append(200)])
    await world.lost(c)
    await world.converged({ nodes: [a, b] })
    await delay(moreMs)
    await Promise.all([b.append(100), c.append(100)])
    const downMs = Math.round(performance.now() - began)
    await world.lan.linkUp(c.host)
    const healedMs = await world.converged()
    await world.checkPeace()
    return { downMs, healedMs }
  })
}

/** The cable is out for so short that no connection ends. */
export async function glitch({ downMs = 3000 } = {}): Promise<Figures> {
  return await World.run(async (world) => {
    const [a, , c] = await world.three()
    await world.lan.linkDown(c.host)
    await Promise.all([a.append(300), c.append(200)])
    await delay(downMs)
    await world.lan.linkUp(c.host)
    const healedMs = await world.converged()
    await world.checkPeace()
    return { downMs, healedMs }
  })
}

/**
 * A node gets another address: one that only the others' bootstrap list knows, and then the one that joined through it.
 */
export async function addressChange(): Promise<Figures> {
  return await World.run(async (world) => {
    const [a, b, c] = await world.three()
    await c.host.changeAddress(9)
    await Promise.all([a.append(50), c.append(50)])
    const joinedMs = await world.converged()
    await a.host.changeAddress(9)
    await Promise.all([a.append(50), b.append(50)])
    const bootstrapMs = await world.converged()
    await world.checkPeace()
    return { joinedMs, bootstrapMs }
  })
}

/** One machine is suspended until the others have given its connections up; for them the time passes, in steps. */
export async function sleep({ sleepMs = HOUR_MS } = {}): Promise<Figures> {
  return await World.run(async (world) => {
    const [a, b, c] = await world.three()
    await world.lan.linkDown(c.host)
    c.sleep()
    let awake = false
    let passed = 0
    const time = (async () => {
      for (const stepMs = sleepMs / SLEEP_STEPS; !awake && passed < sleepMs; await delay(1000)) {
        passed = Math.min(passed + stepMs, sleepMs)
        for (const node of [a, b]) await node.moveClock(passed)
        await a.append(10)
      }
    })()
    await world.lost(c)
    awake = true
    await time
    for (const node of [a, b]) await node.moveClock(sleepMs)
    await world.converged({ nodes: [a, b] })
    await c.moveClock(sleepMs)
    c.wake()
    await world.lan.linkUp(c.host)
    await c.append(20)
    const awakeMs = await world.converged()
    await world.checkPeace()
    return { sleepMs, awakeMs }
  })
}

/** The author whom all know by its first address, follows nobody, joins through nobody, and moves. */
export async function movedAuthor(): Promise<Figures> {
  return await World.run(async (world) => {
    const author = await world.node('author')
    const followers = [
      await world.node('b', { bootstrap: [author.addr] }),
      await world.node('c', { bootstrap: [author.addr] })
    ]
    for (const { client } of followers) await client.call('sync.follow', { ledger: author.ledger })
    await author.append(20)
    await world.mirrored(author, followers)
    await author.host.changeAddress(9)
    await author.append(20)
    const foundMs = await world.mirrored(author, followers)
    await world.checkPeace()
    return { foundMs }
  })
}

/**
 * Between author and follower only a proxy passes bytes on: slowly, sometimes none at all, and it cuts connections in
 * the middle of a pull.
 */
export async function badLine({ entries = 6000, cuts = 3, stallMs = 5000 } = {}): Promise<Figures> {
  return await World.run(
    async (world) => {
      const author = await world.node('author')
      const line = await world.badLine(author.host)
      await line.command('latency 40')
      await author.append(entries, { bytes: 1500 })
      const host = await world.lan.host('follower')
      const follower = await world.nodeOn(host, { bootstrap: [author.addrAt(host.gateway, line.port)] })
      await follower.client.call('sync.follow', { ledger: author.ledger })
      let size = await follower.growsBeyond(author.ledger, 0)
      for (let cut = 0; cut < cuts; cut++) {
        await line.command('cut')
        size = await follower.growsBeyond(author.ledger, size)
      }
      const heldAtStall = size
      await line.command('stall')
      await delay(stallMs)
      await line.command('flow')
      const resumedMs = await world.mirrored(author, [follower])
      await world.checkPeace()
      return { entries, cuts, stallMs, heldAtStall, resumedMs }
    },
    { forwards: false }
  )
}

/**
 * The peer that all join through is down when they start, and comes later; then it is gone for good, and a node that
 * knew nobody else starts anew.
 */
export async function lateBootstrap(): Promise<Figures> {
  return await World.run(async (world) => {
    const first = await world.node('first')
    const { addr } = first
    await first.kill()
    const b = await world.node('b', { bootstrap: [addr] })
    const c = await world.node('c', { bootstrap: [addr] })
    await b.client.call('sync.follow', { ledger: c.ledger })
    await b.append(10)
    await c.append(10)
    await delay(3000)
    await first.restart()
    const joinedMs = await world.mirrored(c, [b])
    await world.retire(first)
    await c.append(10)
    await b.kill()
    await b.restart()
    const withoutMs = await world.mirrored(c, [b])
    await world.checkPeace()
    return { joinedMs, withoutMs }
  })
}

/** kill -9 of the follower in the middle of a pull, over a line that is slow. */
export async function killedFollower({ entries = 6000, kills = 2 } = {}): Promise<Figures> {
  return await World.run(
    async (world) => {
      const author = await world.node('author')
      await author.append(entries, { bytes: 1500 })
      const line = await world.badLine(author.host)
      await line.command('latency 40')
      const host = await world.lan.host('follower')
      const follower = await world.nodeOn(host, { bootstrap: [author.addrAt(host.gateway, line.port)] })
      await follower.client.call('sync.follow', { ledger: author.ledger })
      let held = 0
      for (let kill = 0; kill < kills; kill++) {
        held = await follower.growsBeyond(author.ledger, held)
        await follower.kill()
        await follower.checkFsck()
        await follower.restart()
        // What was not on the disk yet is pulled again.
        held = (await follower.statusOf(author.ledger)).size
      }
      const resumedMs = await world.mirrored(author, [follower])
      await world.checkPeace()
      await follower.kill()
      await follower.checkFsck()
      return { entries, kills, heldAfterKill: held, resumedMs }
    },
    { forwards: false }
  )
}

/** A clock that is wrong by an hour, and is put right: back. */
export async function clockSetBack(): Promise<Figures> {
  return await World.run(async (world) => {
    const [a, b, c] = await world.three()
    await c.moveClock(HOUR_MS)
    await Promise.all([a, b, c].map((node) => node.append(600, { bytes: 2000 })))
    const aheadMs = await world.converged()
    await c.moveClock(0)
    await Promise.all([a, b, c].map((node) => node.append(600, { bytes: 2000 })))
    const rightMs = await world.converged()
    await world.checkPeace()
    return { aheadMs, rightMs }
  })
}
