/**
 * R1 as vectors: what each key's thief can do at each time, and that the order in which evidence comes does not matter.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyEpoch } from '../../src/core/chain.js'
import { sameSeqEvidence, sameSizeEvidence, type Evidence } from '../../src/core/evidence.js'
import { evidenceToKeep, evidenceToShow, judgeEvidence, type HeldChain } from '../../src/core/judge-evidence.js'
import { verifySignature } from '../../src/core/signature.js'
import { NO_FACTS, SETTLED_MS, Standing } from '../../src/core/standing.js'
import { verifyEvidence, type VerifiedEvidence } from '../../src/core/verify-evidence.js'
import { Author, NETWORK } from './author.js'

const DAY = 24 * 60 * 60 * 1000
const verified = async (evidence: Evidence): Promise<VerifiedEvidence> =>
  await verifyEvidence(evidence, { verify: verifySignature, network: NETWORK })
const chainOf = (author: Author, size = author.size): HeldChain => ({
  keys: author
    .keyEntries()
    .filter(({ header }) => header.seq < size)
    .map(keyEpoch),
  size
})

/** Both have entry `seq`. */
async function twoAt(seq: number, one: Author, other: Author): Promise<VerifiedEvidence> {
  const keyEntries = [
    ...new Map(
      [...one.accused().keyEntries, ...other.accused().keyEntries]
        .filter((entry) => entry.seq < seq)
        .map((entry) => [Buffer.from(entry.signature).toString('hex'), entry])
    ).values()
  ]
  return await verified(
    sameSeqEvidence({ ...one.accused(), keyEntries }, seq, one.entries[seq]!.raw, other.entries[seq]!.raw)
  )
}

async function grown(author: Author, size: number, id: string): Promise<Author> {
  while (author.size < size) await author.append({ id: `${id}-${author.size}` })
  return author
}

/** As somebody who has the keys up to then, and leaves the owner's history at `at`. */
function thief(author: Author, at: number): Author {
  const copy = author.fork()
  copy.entries.length = at
  const rotations = author.keyEntries().filter(({ header }) => header.seq < at).length
  copy.signer = signerOf(author, rotations - 1)
  copy.next = signerOf(author, rotations)
  return copy
}

const signers = new WeakMap<Author, Author['signer'][]>()

function signerOf(author: Author, n: number): Author['signer'] {
  return signers.get(author)![n]!
}

/** Keys K0 (0–3), K1 (4–7), K2 (8–11). */
async function withKeys(): Promise<Author> {
  const author = await Author.create()
  const keys = [author.signer]
  await grown(author, 4, 'k0')
  await author.rotate()
  keys.push(author.signer)
  await grown(author, 8, 'k1')
  await author.rotate()
  keys.push(author.signer, author.next)
  await grown(author, 12, 'k2')
  signers.set(author, keys)
  return author
}

describe('a thief of each key, at each size that a follower holds', () => {
  // Rows: the thief leaves the history at this seq with the key in force there. Columns: what the follower holds, and
  // where it is frozen.
  test.each<[string, number, [size: number, frozen: number | null][]]>([
    [
      'the first key',
      2,
      [
        [1, 2],
        [2, 2],
        [4, 2],
        [5, null],
        [8, null],
        [12, null]
      ]
    ],
    [
      'the second key',
      6,
      [
        [1, 6],
        [4, 6],
        [5, 6],
        [8, 6],
        [9, null],
        [12, null]
      ]
    ],
    [
      'the key in force',
      10,
      [
        [4, 10],
        [9, 10],
        [12, 10]
      ]
    ]
  ])('%s', async (_, at, rows) => {
    const author = await withKeys()
    const other = await grown(thief(author, at), at + 1, 'stolen')
    const evidence = await twoAt(at, author, other)
    for (const [size, frozen] of rows)
      expect([size, judgeEvidence(chainOf(author, size), [evidence]).frozen?.size ?? null]).toEqual([size, frozen])
  })

  test('two checkpoints follow the key in force at size − 1', async () => {
    const author = await withKeys()
    const signer = signerOf(author, 1)
    const other = await grown(thief(author, 6), 8, 'stolen')
    const evidence = await verified(
      sameSizeEvidence(
        other.accused(),
        signer.publicKey,
        await author.checkpoint(8, signer),
        await other.checkpoint(8, signer)
      )
    )
    expect([5, 8, 9, 12].map((size) => judgeEvidence(chainOf(author, size), [evidence]).frozen?.size ?? null)).toEqual([
      7,
      7,
      null,
      null
    ])
  })
})

test("the owner's way out: a rotation right behind all that is held ends a freeze by the key that it retires, and no other", async () => {
  const author = await withKeys()
  const [inForce, next] = [signerOf(author, 2), signerOf(author, 3)]
  const held = chainOf(author)
  const byKeyInForce = await twoAt(10, author, await grown(thief(author, 10), 11, 'stolen'))
  const nextToo = thief(author, 10)
  Object.assign(nextToo, { signer: next, next: inForce })
  await nextToo.append({
    type: 'ledger.rotate-key',
    id: 'stolen',
    meta: { next_key_hash: keyEpoch(author.entries[0]!).nextKeyHash }
  })
  const byNextKey = await twoAt(10, author, nextToo)
  const standing = new Standing()
  expect(standing.endsWith(held, [byKeyInForce], next.publicKey)).toBe(true)
  expect(standing.endsWith(held, [byNextKey], next.publicKey)).toBe(false)
  expect(standing.endsWith(held, [byKeyInForce, byNextKey], next.publicKey)).toBe(false)
  // A key fork stays one, whatever a branch retires later.
  expect(
    new Standing({ ...NO_FACTS, keyForks: [{ key: inForce.publicKey, seq: 8 }] }).endsWith(
      held,
      [byKeyInForce],
      next.publicKey
    )
  ).toBe(false)
})

describe('two rotations by one key', () => {
  /** The owner rotates to K1 at 4; a second rotation by K1 is at `at`, on a branch of its own. */
  async function forked(at: number): Promise<{ ours: Author; theirs: Author; evidence: VerifiedEvidence }> {
    const ours = await Author.create()
    await grown(ours, 4, 'k0')
    const theirs = ours.fork()
    await ours.rotate()
    await grown(theirs, at, 'other')
    await theirs.append({ id: 'other-rotation' }).then(() => {
      theirs.entries.pop()
    })
    theirs.signer = theirs.next
    theirs.next = (await Author.create(90)).next
    await theirs.append({
      type: 'ledger.rotate-key',
      id: 'other-rotation',
      meta: { next_key_hash: keyEpoch((await Author.create(91)).entries[0]!).nextKeyHash }
    })
    await grown(ours, 8, 'ours')
    await grown(theirs, 10, 'theirs')
    return { ours, theirs, evidence: await twoAt(4, ours, theirs) }
  }

  // The evidence at 4 names our rotation; where theirs is later, only its holder knows the other one.
  test.each<[number, [ours: number | null, theirs: number | null, neither: number | null]]>([
    [4, [4, 4, 4]],
    [6, [null, 4, 4]]
  ])(
    'at 4 and %i: who holds neither, and who holds either while its key is in force, is frozen below the lower one',
    async (at, expected) => {
      const { ours, theirs, evidence } = await forked(at)
      const frozen = [chainOf(ours), chainOf(theirs), chainOf(ours, 2)].map(
        (held) => judgeEvidence(held, [evidence]).frozen
      )
      expect(frozen.map((one) => one?.size ?? null)).toEqual(expected)
      expect(frozen[1]).toEqual({ size: 4, evidence: evidence.id, keyFork: true })
    }
  )

  test('after each branch rotated once more, who is past it stays and says so, who is not is frozen, whatever he pulls later: no silent split', async () => {
    const { ours, theirs, evidence } = await forked(4)
    const [early, late] = [chainOf(ours, 3), chainOf(ours)]
    await ours.rotate()
    const past = chainOf(ours)
    expect(judgeEvidence(past, [evidence])).toMatchObject({ frozen: null, keyForks: [] })
    expect(judgeEvidence(past, [evidence]).verdicts.get(evidence.id)).toBe('contested')
    const standing = new Standing()
    expect(standing.judge(early, [evidence], null).frozen).toMatchObject({ size: 4, keyFork: true })
    expect(standing.wants(late, [evidence], past.keys)).toBeNull()
    expect(standing.judge(past, [evidence], { size: 4 }).frozen).toMatchObject({ size: 4, keyFork: true })
    expect(theirs.size).toBe(10)
  })

  test("the operator's pin chooses a branch: by the key in force on it, or by the one that it commits to; not by the forked key itself", async () => {
    const { ours, evidence } = await forked(4)
    const committed = ours.next.publicKey
    const held = chainOf(ours, 4)
    const pinned = (pin: string): Standing =>
      new Standing({ ...NO_FACTS, keyForks: [{ key: ours.signer.publicKey, seq: 4 }], pin })
    expect(pinned(committed).wants(held, [evidence], chainOf(ours).keys)).toMatchObject({
      from: 4,
      hash: ours.entries[4]!.hash
    })
    expect(pinned(ours.signer.publicKey).wants(held, [evidence], chainOf(ours).keys)).toBeNull()
    expect(pinned(committed).judge(chainOf(ours), [evidence], { size: 4 }).frozen).toBeNull()
    await ours.rotate()
    expect(pinned(ours.signer.publicKey).judge(chainOf(ours), [evidence], { size: 4 }).frozen).toBeNull()
  })
})

test('whatever the order in which evidence comes, the same is kept, shown and believed (1,000 orders)', async () => {
  const author = await withKeys()
  const all: VerifiedEvidence[] = []
  for (const at of [1, 2, 3, 5, 6, 7, 10, 11]) {
    for (const name of ['x', 'y']) all.push(await twoAt(at, author, await grown(thief(author, at), at + 1, name)))
  }
  for (const size of [3, 6, 12]) {
    const held = chainOf(author, size)
    const heard = (order: readonly VerifiedEvidence[]): unknown => {
      let kept: VerifiedEvidence[] = []
      for (const one of order) {
        const now = [...kept.filter(({ id }) => id !== one.id), one]
        kept = evidenceToKeep(now, judgeEvidence(held, now).frozen?.evidence ?? null)
      }
      const judgement = judgeEvidence(held, kept)
      return {
        kept: kept.map(({ id }) => id).sort(),
        frozen: judgement.frozen,
        shown: evidenceToShow(kept, judgement)?.id
      }
    }
    const expected = heard(all)
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
        expect(heard(order)).toEqual(expected)
      }),
      { numRuns: 334 }
    )
  }
})

test('whatever comes between evidence and entries, who has both in the end keeps, shows and believes the same (500 orders)', async () => {
  const author = await withKeys()
  const all: VerifiedEvidence[] = []
  for (const at of [1, 2, 5, 6, 10, 11]) {
    for (const name of ['x', 'y']) all.push(await twoAt(at, author, await grown(thief(author, at), at + 1, name)))
  }
  const signer = signerOf(author, 1)
  const other = await grown(thief(author, 6), 8, 'noted')
  all.push(
    await verified(
      sameSizeEvidence(
        other.accused(),
        signer.publicKey,
        await author.checkpoint(8, signer),
        await other.checkpoint(8, signer)
      )
    )
  )
  type Step = VerifiedEvidence | number
  // Without those by the key in force, too: then nothing is frozen in the end.
  for (const made of [all, all.filter(({ seq }) => seq < 8)]) {
    const end = (steps: readonly Step[]): unknown => {
      let [kept, size, was]: [VerifiedEvidence[], number, { size: number } | null] = [[], 1, null]
      const standing = new Standing()
      let judgement = standing.judge(chainOf(author, size), kept, was)
      for (const step of steps) {
        if (typeof step === 'number') size = Math.max(size, step)
        else kept = [...kept.filter(({ id }) => id !== step.id), step]
        judgement = standing.judge(chainOf(author, size), kept, was)
        was = judgement.frozen
        kept = evidenceToKeep(kept, judgement.frozen?.evidence ?? null)
      }
      return {
        kept: kept.map(({ id }) => id).sort(),
        frozen: judgement.frozen,
        shown: evidenceToShow(kept, judgement)?.id,
        facts: standing.facts
      }
    }
    const steps: Step[] = [...made, 3, 5, 8, 9, 12]
    const expected = end(steps)
    fc.assert(
      fc.property(fc.shuffledSubarray(steps, { minLength: steps.length }), (order) => {
        expect(end(order)).toEqual(expected)
      }),
      { numRuns: 250 }
    )
  }
})

describe('settled, firm, doubted', () => {
  async function stolen(): Promise<{ author: Author; evidence: VerifiedEvidence }> {
    const author = await withKeys()
    return { author, evidence: await twoAt(6, author, await grown(thief(author, 6), 7, 'stolen')) }
  }

  function heardFor(ms: number, facts = NO_FACTS): Standing {
    const standing = new Standing(facts)
    for (const now of [0, ms]) standing.confirmed(DAY + now)
    return standing
  }

  test("a freeze that a settled ledger thaws from leaves it unbelieved until the operator's word; a new follower's does not", async () => {
    const { author, evidence } = await stolen()
    for (const [ms, doubtedFrom] of [
      [SETTLED_MS, 6],
      [SETTLED_MS - 1, null]
    ] as const) {
      const standing = heardFor(ms)
      expect(standing.judge(chainOf(author, 8), [evidence], null).frozen).toMatchObject({ size: 6 })
      expect(standing.mayReplace).toBe(ms < SETTLED_MS)
      expect(standing.wants(chainOf(author, 8), [evidence], chainOf(author).keys)).toMatchObject({ from: 8 })
      expect(standing.judge(chainOf(author, 9), [evidence], { size: 6 }).frozen).toBeNull()
      expect(standing.facts.doubtedFrom).toBe(doubtedFrom)
      standing.resolved()
      expect(standing.facts).toMatchObject({ doubtedFrom: null, firm: false })
    }
  })

  test('not firm: nobody confirmed the head since this start, or the accused key is not in force yet here', async () => {
    const { author, evidence } = await stolen()
    const restarted = new Standing(heardFor(SETTLED_MS).facts)
    restarted.judge(chainOf(author, 8), [evidence], null)
    expect(restarted.facts.firm).toBe(false)
    const behind = heardFor(SETTLED_MS)
    behind.judge(chainOf(author, 4), [evidence], null)
    expect(behind.facts.firm).toBe(false)
  })

  test('a history that does not continue what is held, or that no rotation of ends the freeze, is not worth pulling', async () => {
    const { author, evidence } = await stolen()
    const standing = heardFor(0)
    const held = chainOf(author, 8)
    standing.judge(held, [evidence], null)
    const lie = chainOf(author).keys.map((epoch, i) => (i === 1 ? { ...epoch, hash: 'ab'.repeat(32) } : epoch))
    // However long it is: "Length never decides between two histories."
    const long = [
      ...lie,
      ...Array.from({ length: 20 }, (_, i) => ({
        from: 20 + i,
        key: i.toString(16).padStart(64, '0'),
        hash: i.toString(16).padStart(64, 'c'),
        nextKeyHash: null
      }))
    ]
    for (const other of [lie, long]) expect(standing.wants(held, [evidence], other)).toBeNull()
    expect(standing.wants(held, [evidence], held.keys)).toBeNull()
    expect(standing.wants(held, [evidence], held.keys.slice(0, 1))).toBeNull()
  })

  test('a clock that was set back begins the day anew; voided entries do so too', () => {
    const standing = heardFor(SETTLED_MS)
    expect(standing.settled).toBe(true)
    standing.confirmed(DAY)
    expect(standing.facts.heard).toEqual({ first: DAY, latest: DAY })
    standing.replaced()
    expect(standing.facts.heard).toBeNull()
  })
})
