import { expect, test } from 'vitest'
import { WireError } from '../../../protocols/wire.js'
import { keyEpoch } from '../../../src/core/chain.js'
import { ledgerOf, type Entry } from '../../../src/core/entry.js'
import type { ErrorCode } from '../../../src/core/errors.js'
import { setsKey } from '../../../src/core/ledger-types.js'
import { Standing } from '../../../src/core/standing.js'
import type { EvidenceCourt } from '../../../src/node/forks/evidence-court.js'
import { LookBehind, type LookBehindInit } from '../../../src/node/forks/look-behind.js'
import { TestClock } from '../../ledger/support.js'
import { extend, KEYS } from '../../sim/branches.js'
import { signEntry, verifier } from '../../sim/histories.js'
import { SimLedger } from '../../sim/sim-ledger.js'
import { World } from '../../sim/world.js'

const LENGTH = 24
const [STOLEN_AT, ROTATES_AT] = [6, 12]
/** Signed by the key that the thief has, too, until it is retired. */
const owner = await extend([], LENGTH, 'owner', KEYS, [ROTATES_AT])
const thief = await extend(owner.slice(0, STOLEN_AT), 10, 'thief', KEYS, [])
const ledger = ledgerOf(owner[0]!)
const ROTATION = keyEpoch(owner[ROTATES_AT]!)

class Wants extends Standing {
  override wants(): typeof ROTATION {
    return ROTATION
  }
}

/** A follower that holds `held`, frozen, and a peer that hands over `theirs`. */
function setup(
  held: readonly Entry[],
  theirs: readonly Entry[],
  more: Partial<LookBehindInit> & { keys?: readonly Entry[] } = {}
) {
  const mirror = new SimLedger(new World(1, { latency: [1, 1], loss: 0 }), ledger)
  mirror.add(held)
  const accepted: { size: number; keys: number[] }[] = []
  const asked: number[] = []
  const behind = new LookBehind({
    peerNetwork: {
      fetchKeyEntries: async () =>
        (more.keys ?? theirs).filter(({ header }) => setsKey(header)).map(({ raw }) => raw) as never,
      fetchRange: async (_peer, { from, count }) => {
        asked.push(from)
        const range = theirs.slice(from, from + count).map(({ raw }) => raw)
        if (range.length === 0) throw new WireError('UNAVAILABLE', 'not held')
        return range
      }
    },
    verifier,
    court: {
      kept: async () => [],
      accept: async (_ledger: unknown, _turn: unknown, chain: { keys: { from: number }[]; size: number }) => {
        accepted.push({ size: chain.size, keys: chain.keys.map(({ from }) => from) })
      }
    } as unknown as EvidenceCourt,
    clock: new TestClock(),
    wants: () => true,
    ...more
  })
  return { behind, mirror, accepted, asked }
}

/** What taking the peer's branch fails with; nothing may be accepted, and the quarantine is left open for the next. */
async function refused(theirs: readonly Entry[], more: Partial<LookBehindInit> = {}): Promise<ErrorCode> {
  const { behind, mirror, accepted } = setup(thief, theirs, more)
  let code: ErrorCode | undefined
  await behind
    .take('peer', mirror, { from: STOLEN_AT, rotation: ROTATION }, null)
    .catch((error: { code: ErrorCode }) => {
      code = error.code
    })
  expect([accepted, mirror.quarantine.take().entries, mirror.size]).toEqual([[], [], thief.length])
  return code!
}

test('a branch that links to its rotation, entry by entry, is taken, and what it voids is counted', async () => {
  const { behind, mirror, accepted, asked } = setup(thief, owner)
  const target = await behind.target('peer', mirror, new Wants())
  expect(target).toMatchObject({ from: STOLEN_AT, rotation: { from: ROTATES_AT } })
  asked.length = 0
  expect(await behind.take('peer', mirror, target!, null)).toBe(thief.length - STOLEN_AT)
  expect(accepted).toEqual([{ size: ROTATES_AT + 1, keys: [0, ROTATES_AT] }])
  expect(mirror.quarantine.take().entries.map(({ header }) => header.seq)).toEqual([6, 7, 8, 9, 10, 11, 12])
})

test('a forged rotation at the end is not the one whose signature was checked', async () => {
  const forged = await signEntry(KEYS[1]!, {
    ledger,
    seq: ROTATES_AT,
    prev: owner[ROTATES_AT - 1]!.hash,
    id: 'forged',
    type: 'ledger.rotate-key',
    meta: owner[ROTATES_AT]!.header.meta as never,
    unsigned: true
  })
  expect(await refused([...owner.slice(0, ROTATES_AT), forged])).toBe('BROKEN_LINK')
})

test('a range from elsewhere, of another ledger, or longer than asked for is what the peer made up', async () => {
  const other = await extend([], LENGTH, 'other', [KEYS[3]!, KEYS[4]!], [])
  expect(await refused(other)).toBe('WRONG_LEDGER')
  const shifted = { fetchRange: async () => owner.slice(STOLEN_AT + 1, ROTATES_AT + 1).map(({ raw }) => raw) }
  expect(await refused(owner, { peerNetwork: shifted as never })).toBe('WRONG_LEDGER')
  const longer = { fetchRange: async () => owner.slice(STOLEN_AT).map(({ raw }) => raw) }
  expect(await refused(owner, { peerNetwork: longer as never })).toBe('WRONG_LEDGER')
})

test('what does not link ends the pull', async () => {
  expect(await refused([...owner.slice(0, 8), ...owner.slice(9)])).toBe('BROKEN_LINK')
  const mixed = [...owner.slice(0, 8), thief[8]!, ...owner.slice(9)]
  expect(await refused(mixed)).toBe('BROKEN_LINK')
})

test('more than fits is refused, and not begun again', async () => {
  const { behind, mirror, accepted } = setup(thief, owner, { limit: 400 * 8 })
  const target = await behind.target('peer', mirror, new Wants())
  await expect(behind.take('peer', mirror, target!, null)).rejects.toMatchObject({ code: 'OVERLOADED' })
  expect(accepted).toEqual([])
  expect(await behind.target('peer', mirror, new Wants())).toBeNull()
  // The operator may.
  expect(await behind.target('peer', mirror, new Wants(), true)).not.toBeNull()
  await behind.take('peer', mirror, target!, { pin: null })
  expect(accepted).toHaveLength(1)
})

test('key entries of another ledger are a lie; one that its author left unsigned proves nothing', async () => {
  const other = await extend([], LENGTH, 'other', [KEYS[3]!, KEYS[4]!], [])
  const lying = setup(thief, owner, { keys: other })
  await expect(lying.behind.target('peer', lying.mirror, new Wants())).rejects.toMatchObject({ code: 'WRONG_LEDGER' })
  const unsigned = owner.map((entry) => ({ ...entry, raw: { ...entry.raw } }))
  unsigned[ROTATES_AT]!.raw.signature = new Uint8Array(64)
  const { behind, mirror, asked } = setup(thief, owner, { keys: unsigned })
  expect(await behind.target('peer', mirror, new Wants())).toBeNull()
  expect(asked).toEqual([])
})

test('where nothing is held, or no rotation is worth it, nothing is pulled', async () => {
  const { behind, mirror, asked } = setup([], owner)
  expect(await behind.target('peer', mirror, new Wants())).toBeNull()
  expect(await setup(thief, owner).behind.target('peer', setup(thief, owner).mirror, new Standing())).toBeNull()
  expect(asked).toEqual([])
})

test('a peer with all that is held, and more, is followed from our end on', async () => {
  const { behind, mirror } = setup(owner.slice(0, 9), owner)
  expect(await behind.target('peer', mirror, new Wants())).toMatchObject({ from: 9 })
})
