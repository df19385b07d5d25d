/**
 * A ledger that rotates, thieves of its keys, and followers that come at any time (R1): what they believe in the end
 * depends on the keys alone.
 */
import { strict as assert } from 'node:assert'
import { noAccess } from '../../src/core/access.js'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { ledgerOf, type Entry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence, sameSizeEvidence } from '../../src/core/evidence.js'
import { sha256 } from '../../src/core/hash.js'
import type { SigningKey } from '../../src/core/keys.js'
import { setsKey, type AccessMeta } from '../../src/core/ledger-types.js'
import { merkleRoot } from '../../src/core/merkle.js'
import { foldAccess } from '../../src/ledger/read/access-rules.js'
import { extend, Holder, KEYS } from './branches.js'
import { NETWORK, signEntry } from './histories.js'
import { SimNode } from './sim-node.js'
import { World } from './world.js'

const LENGTH = 24
/** Two ledgers that the owner and the thief let read. */
const [READER, ACCOMPLICE] = [`b${'a'.repeat(52)}`, `b${'b'.repeat(51)}a`]
const [GRANT, REVOKE] = [3, 20]
const ROTATIONS = [8, 16]
const FOLLOWERS = 6
/** Virtual: three head exchanges after everybody is there. */
const COMING_MS = 120_000
const AFTER_MS = 400_000

export interface Outcome {
  frozenAt: number | null
  size: number
  shown: string | null
  keyFork: boolean
}

async function noteOf(entries: readonly Entry[], size: number, key: SigningKey): Promise<string> {
  return await signCheckpoint(
    {
      origin: checkpointOrigin(NETWORK, ledgerOf(entries[0]!)),
      size,
      root: merkleRoot(entries.slice(0, size).map(({ hash }) => hash))
    },
    key
  )
}

/** One seed: whose key is stolen, when, what the thief does with it, and who comes when. Throws what must not be. */
export async function robbery(seed: number): Promise<Outcome[]> {
  const world = new World(seed, { latency: [5, 80], loss: 0.01 })
  const pick = (count: number): number => Math.floor(world.random.next() * count)
  const owner = await extend([], LENGTH, 'owner', KEYS, ROTATIONS, {
    grants: [GRANT],
    revokes: [REVOKE],
    reader: READER
  })
  const ledger = ledgerOf(owner[0]!)
  const stolen = pick(3)
  const bounds = [1, ...ROTATIONS.map((at) => at + 1), LENGTH + 1]
  const at = bounds[stolen]! + pick(bounds[stolen + 1]! - 1 - bounds[stolen]!)
  const branch = await extend(
    owner.slice(0, at),
    at + 1 + pick(6),
    `thief ${stolen} ${at}`,
    [KEYS[stolen]!, KEYS[4]!],
    [],
    { grants: [at], reader: ACCOMPLICE }
  )
  const accused = {
    network: NETWORK,
    ledger,
    keyEntries: owner
      .filter(({ header }) => setsKey(header) && header.seq < at)
      .map(({ raw, header }) => ({ ...raw, seq: header.seq }))
  }
  // Instead of two entries two checkpoints, of a size at which the stolen key is in force; then nobody hands out the
  // thief's branch, in which a lower difference could be found.
  const noted = pick(3) === 0 ? at + 1 + pick(Math.min(branch.length, bounds[stolen + 1]! - 1) - at) : null
  const frozenFrom = noted === null ? at : noted - 1
  const evidence = encodeEvidence(
    noted === null
      ? sameSeqEvidence(accused, at, owner[at]!.raw, branch[at]!.raw)
      : sameSizeEvidence(
          accused,
          KEYS[stolen]!.publicKey,
          await noteOf(owner, noted, KEYS[stolen]!),
          await noteOf(branch, noted, KEYS[stolen]!)
        )
  )
  const thiefs = noted === null ? branch : owner
  // Whoever has a retired later key can sign its rotation anew, anywhere.
  const lie =
    stolen === 0
      ? null
      : [
          owner[0]!,
          await signEntry(KEYS[1]!, {
            ledger,
            seq: 9e15,
            prev: '0'.repeat(64),
            id: 'far',
            type: 'ledger.rotate-key',
            meta: { next_key_hash: null }
          })
        ]
  const come = (node: SimNode): void => {
    world.after(pick(COMING_MS), () => {
      node.start()
    })
  }
  const followers = Array.from({ length: FOLLOWERS }, (_, n) => new SimNode(world, `n${n}`, [ledger]))
  const others = [
    new Holder(world, 'n20', owner),
    new Holder(world, 'n21', owner, { evidence }),
    new Holder(world, 'n22', owner.slice(0, frozenFrom), { evidence }),
    new Holder(world, 'x23', thiefs, { evidence }),
    new Holder(world, 'x24', thiefs, { shown: lie }),
    new Holder(world, 'x25', owner, { evidence, shown: lie ?? owner.slice(0, 1) })
  ]
  for (const node of [...followers, ...others]) come(node)
  // One that goes away and comes back knows what it knew.
  world.after(COMING_MS, () => {
    followers[0]!.stop()
  })
  world.after(COMING_MS + 20_000, () => {
    followers[0]!.start()
  })
  await world.run(COMING_MS + AFTER_MS)
  const retired = stolen < 2
  for (const follower of followers) {
    const { size, visible, frozenAt, shown } = follower.store(ledger)
    const where = `seed ${seed}: key ${stolen} stolen at ${at}, ${follower.id}`
    assert.deepEqual(
      { frozenAt, visible },
      retired ? { frozenAt: null, visible: LENGTH } : { frozenAt: frozenFrom, visible: frozenFrom },
      where
    )
    assert.deepEqual(
      follower
        .store(ledger)
        .entries.slice(0, visible)
        .map(({ hash }) => hash),
      owner.slice(0, visible).map(({ hash }) => hash),
      where
    )
    assert(shown !== null && Buffer.compare(shown, evidence) === 0, `${where}: keeps other evidence, or none`)
    assert(
      follower.dropped.every((peer) => peer.startsWith('x')),
      `${where}: dropped ${follower.dropped.join(' ')}`
    )
    assert(size >= visible)
    // R6: what is disputed gives no right, and takes those that it says.
    const rules = noAccess()
    const headers = follower.store(ledger).entries.map(({ header }) => header)
    foldAccess(rules, headers, visible)
    const revoked = headers.some(
      ({ type, meta }) => type === 'ledger.access' && (meta as unknown as AccessMeta).revoke.includes(READER)
    )
    assert.deepEqual([...rules.grants.keys()], visible > GRANT && !revoked ? [READER] : [], `${where}: who may read`)
  }
  return followers.map((follower) => {
    const { frozenAt, size, shown, keyFork } = follower.store(ledger)
    return { frozenAt, size, shown: shown === null ? null : sha256(shown), keyFork }
  })
}
