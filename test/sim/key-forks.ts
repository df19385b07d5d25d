/**
 * A key that signed two rotations (R1, key fork): the owner's, and one of whoever has a copy of the next key. Both
 * branches rotate once more.
 * Followers come at any time; some have written down a key of the owner's. Nobody may end on a mixture, or on one
 * branch without a word.
 */
import { strict as assert } from 'node:assert'
import { ledgerOf, type Entry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { setsKey } from '../../src/core/ledger-types.js'
import { extend, Holder, KEYS } from './branches.js'
import { NETWORK } from './histories.js'
import { SimNode } from './sim-node.js'
import { World } from './world.js'

const LENGTH = 24
const FOLLOWERS = 8
/** Followers that know which key is in force on the owner's branch. */
const PINNED = 2
/** Virtual, between two looks at what the followers believe. */
const LOOK_MS = 2_000
/** Virtual: three head exchanges after everybody is there. */
const COMING_MS = 120_000
const AFTER_MS = 400_000

class Follower extends SimNode {
  /**
   * Heard of the fork before anything of the ledger was held: on neither branch, whatever comes with the first entries.
   */
  heardEarly = false

  override told(from: string, ledger: string, evidence: Uint8Array): void {
    this.heardEarly ||= this.store(ledger).size === 0
    super.told(from, ledger, evidence)
  }
}

export interface Ends {
  frozen: number
  owners: number
  others: number
}

/**
 * One seed. How many of the followers without a pin end frozen, on the owner's branch, on the other one. Throws what
 * must not be.
 */
export async function keyFork(seed: number): Promise<Ends> {
  const world = new World(seed, { latency: [5, 80], loss: 0.01 })
  const pick = (count: number): number => Math.floor(world.random.next() * count)
  const common = 2 + pick(8)
  const start = await extend([], common, 'owner', [KEYS[0]!, KEYS[1]!], [])
  // Both rotate to key 1 at the same seq: to key 2 the owner, to key 3 the other one, each before the end.
  const again = (): number => common + 2 + pick(LENGTH - common - 3)
  const owner = await extend(start, LENGTH, 'owner', [KEYS[0]!, KEYS[1]!, KEYS[2]!], [common, again()])
  const other = await extend(start, LENGTH, 'other', [KEYS[0]!, KEYS[1]!, KEYS[3]!], [common, again()])
  const ledger = ledgerOf(owner[0]!)
  const accused = {
    network: NETWORK,
    ledger,
    keyEntries: start.filter(({ header }) => setsKey(header)).map(({ raw, header }) => ({ ...raw, seq: header.seq }))
  }
  const evidence = encodeEvidence(sameSeqEvidence(accused, common, owner[common]!.raw, other[common]!.raw))
  const come = (node: SimNode): void => {
    world.after(pick(COMING_MS), () => {
      node.start()
    })
  }
  const followers = Array.from({ length: FOLLOWERS }, (_, n) => new Follower(world, `n${n}`, [ledger]))
  for (const follower of followers.slice(0, PINNED)) follower.store(ledger).pin(KEYS[2]!.publicKey)
  const others = [
    new Holder(world, 'n20', owner, { evidence: pick(2) === 0 ? evidence : null }),
    new Holder(world, 'n21', other, { evidence: pick(2) === 0 ? evidence : null }),
    new Holder(world, 'n22', owner),
    new Holder(world, 'n23', other),
    new Holder(world, 'n24', start, { evidence })
  ]
  for (const node of [...followers, ...others]) come(node)
  world.after(COMING_MS, () => {
    followers[FOLLOWERS - 1]!.stop()
  })
  world.after(COMING_MS + 20_000, () => {
    followers[FOLLOWERS - 1]!.start()
  })
  // What a follower knew first decides: frozen as a key fork, or past it on one branch before it heard of the other.
  const knewFirst = new Map<SimNode, 'frozen' | readonly Entry[]>()
  for (let at = LOOK_MS; at < COMING_MS + AFTER_MS; at += LOOK_MS) {
    world.after(at, () => {
      for (const follower of followers.slice(PINNED)) {
        const {
          size,
          entries: [...held],
          keyFork: isFrozen,
          shown: heard
        } = follower.store(ledger)
        if (!knewFirst.has(follower) && isFrozen) knewFirst.set(follower, 'frozen')
        if (!knewFirst.has(follower) && size === LENGTH && heard === null) knewFirst.set(follower, held)
      }
    })
  }
  await world.run(COMING_MS + AFTER_MS)

  const ends: Ends = { frozen: 0, owners: 0, others: 0 }
  for (const [n, follower] of followers.entries()) {
    const { entries, visible, frozenAt, keyFork: isKeyFork, shown } = follower.store(ledger)
    const where = `seed ${seed}: two rotations at ${common}, ${follower.id}`
    const holds = (branch: readonly Entry[]): boolean => entries.every(({ hash }, seq) => hash === branch[seq]!.hash)
    assert(holds(owner) || holds(other), `${where}: a mixture of both branches`)
    assert(shown !== null && Buffer.compare(shown, evidence) === 0, `${where}: shows no evidence`)
    assert.deepEqual(follower.dropped, [], `${where}: dropped somebody who only passed on what a key had signed`)
    if (n < PINNED) {
      assert.deepEqual(
        { frozenAt, visible, owners: holds(owner) },
        { frozenAt: null, visible: LENGTH, owners: true },
        `${where}, with the owner's key written down`
      )
      continue
    }
    assert.deepEqual(
      { frozenAt, isKeyFork, visible },
      frozenAt === null
        ? { frozenAt, isKeyFork: false, visible: LENGTH }
        : { frozenAt: common, isKeyFork: true, visible: common },
      where
    )
    // Also the last one, which goes away: what it heard too early is kept.
    const first = follower.heardEarly ? 'frozen' : knewFirst.get(follower)
    if (first === 'frozen')
      assert.equal(frozenAt, common, `${where}: was frozen, and goes on without the operator's word`)
    else if (first !== undefined)
      assert.deepEqual(
        { frozenAt, same: holds(first) },
        { frozenAt: null, same: true },
        `${where}: was past it, and did not stay`
      )
    if (frozenAt !== null) ends.frozen++
    else if (holds(owner)) ends.owners++
    else ends.others++
  }
  return ends
}
