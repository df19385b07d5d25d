/**
 * Evidence of several kinds, each heard by somebody else (R1): in the end all hold the same pieces and believe the
 * same, whoever heard of which first.
 */
import { strict as assert } from 'node:assert'
import { keyEpoch } from '../../src/core/chain.js'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { ledgerOf, type Entry } from '../../src/core/entry.js'
import { encodeEvidence, notIncludedEvidence, sameSeqEvidence, sameSizeEvidence } from '../../src/core/evidence.js'
import { evidenceToKeep, judgeEvidence } from '../../src/core/judge-evidence.js'
import { setsKey } from '../../src/core/ledger-types.js'
import { inclusionProof, merkleRoot } from '../../src/core/merkle.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { extend, Holder, KEYS } from './branches.js'
import { NETWORK, verify } from './histories.js'
import { SimNode } from './sim-node.js'
import { World } from './world.js'

const LENGTH = 24
const ROTATIONS = [8, 16]
const FOLLOWERS = 6
/** Virtual: some head exchanges after everybody is there. */
const COMING_MS = 120_000
const AFTER_MS = 600_000

/** One seed: how many pieces there were, how many of them are kept, and where that freezes. Throws what must not be. */
export async function spread(seed: number): Promise<{ made: number; kept: number; frozenAt: number | null }> {
  const world = new World(seed, { latency: [5, 80], loss: 0.01 })
  const pick = (count: number): number => Math.floor(world.random.next() * count)
  const owner = await extend([], LENGTH, 'owner', KEYS, ROTATIONS)
  const ledger = ledgerOf(owner[0]!)
  const bounds = [1, ...ROTATIONS.map((at) => at + 1), LENGTH]
  // Two to five: by retired keys, and in some seeds by the one in force.
  const made = await Promise.all(
    Array.from({ length: 2 + pick(4) }, async (_, n) => {
      const stolen = pick(3)
      const at = bounds[stolen]! + pick(bounds[stolen + 1]! - 1 - bounds[stolen]!)
      const branch = await extend(owner.slice(0, at), at + 1, `thief ${n}`, [KEYS[stolen]!, KEYS[4]!], [])
      const accused = {
        network: NETWORK,
        ledger,
        keyEntries: owner
          .filter(({ header }) => setsKey(header) && header.seq <= at)
          .map(({ raw, header }) => ({ ...raw, seq: header.seq }))
      }
      const note = async (entries: readonly Entry[]): Promise<string> =>
        await signCheckpoint(
          {
            origin: checkpointOrigin(NETWORK, ledger),
            size: at + 1,
            root: merkleRoot(entries.slice(0, at + 1).map(({ hash }) => hash))
          },
          KEYS[stolen]!
        )
      const key = KEYS[stolen]!.publicKey
      return encodeEvidence(
        n % 3 === 0
          ? sameSizeEvidence(accused, key, await note(owner), await note(branch))
          : n % 3 === 1
            ? sameSeqEvidence(accused, at, owner[at]!.raw, branch[at]!.raw)
            : notIncludedEvidence(
                accused,
                key,
                branch[at]!.raw,
                await note(owner),
                owner[at]!.hash,
                inclusionProof(
                  owner.slice(0, at + 1).map(({ hash }) => hash),
                  at
                )
              )
      )
    })
  )
  const followers = Array.from({ length: FOLLOWERS }, (_, n) => new SimNode(world, `n${n}`, [ledger]))
  // Each shows one piece with what it has, to those that it meets; who has nothing yet hears of it all the same.
  const holders = made.map(
    (evidence, n) =>
      new Holder(world, `n${20 + n}`, pick(2) === 0 ? owner : owner.slice(0, 1 + pick(LENGTH)), { evidence })
  )
  for (const node of [...followers, ...holders, new Holder(world, 'n19', owner)])
    world.after(pick(COMING_MS), () => {
      node.start()
    })
  for (const [n, holder] of holders.entries())
    world.after(COMING_MS + pick(60_000), () => {
      world.connect(holder.id, `n${(n + pick(FOLLOWERS)) % FOLLOWERS}`)
    })
  world.after(COMING_MS, () => {
    followers[0]!.stop()
  })
  world.after(COMING_MS + 20_000, () => {
    followers[0]!.start()
  })
  world.after(pick(COMING_MS), () => {
    if (followers[1]!.alive) followers[1]!.crash()
  })
  world.after(COMING_MS + 20_000, () => {
    followers[1]!.start()
  })
  await world.run(COMING_MS + AFTER_MS)

  const all = await Promise.all(made.map(async (bytes) => await verifyEvidence(bytes, { verify, network: NETWORK })))
  const { frozen, verdicts } = judgeEvidence(
    { keys: owner.filter(({ header }) => setsKey(header)).map(keyEpoch), size: LENGTH },
    all
  )
  const kept = evidenceToKeep(all, frozen?.evidence ?? null)
    .map(({ id }) => id)
    .sort()
  for (const follower of followers) {
    const { visible, frozenAt, kept: held, shown } = follower.store(ledger)
    const where = `seed ${seed}, ${follower.id}`
    assert.deepEqual({ frozenAt, visible }, { frozenAt: frozen?.size ?? null, visible: frozen?.size ?? LENGTH }, where)
    assert.deepEqual(held.map(({ id }) => id).sort(), kept, `${where}: holds other evidence`)
    const first = held.find(({ bytes }) => bytes === shown)!
    assert.equal(verdicts.get(first.id), frozen === null ? 'excused' : 'freezes', where)
    assert.deepEqual(follower.dropped, [], `${where}: dropped somebody who only passed on what a key had signed`)
  }
  return { made: made.length, kept: kept.length, frozenAt: frozen?.size ?? null }
}
