/**
 * "≤ 256 MiB a ledger, no further than the shown rotation" (R1), with a limit small enough to be met: at it and past
 * it.
 */
import { expect, test } from 'vitest'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { encodeHeader } from '../../src/core/header.js'
import { MAX_QUARANTINE_BYTES, QuarantineBudget } from '../../src/core/quarantine-budget.js'
import { verifySignature } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { encodeEntry } from '../../src/ledger/read/records.js'
import { EvidenceCourt } from '../../src/node/forks/evidence-court.js'
import { LookBehind, type LookBehindInit } from '../../src/node/forks/look-behind.js'
import { Verifier } from '../../src/node/signatures/verifier.js'
import { Author, codeOf, key, NETWORK } from '../core/author.js'
import { openNode, TestClock } from '../ledger/support.js'
import { systemClock } from '../../src/node/runtime/system.js'
import { SETTLED_MS } from '../../src/core/standing.js'
import { ledgerRange } from '../../src/store/keys.js'

const HASH = 'ab'.repeat(32)

test('what could fit is pulled, what cannot is not; a rotation that turned out to be too far is remembered, the oldest of 16 forgotten', async () => {
  const least = 256 + 64
  const budget = new QuarantineBudget(10 * least)
  expect([budget.mayFit(HASH, 10), budget.mayFit(HASH, 11), budget.mayFit(HASH, 9e15)]).toEqual([true, false, false])
  budget.spend(HASH, 10 * least)
  expect(budget.mayFit(HASH, 1)).toBe(true)
  expect(
    await codeOf(() => {
      budget.spend(HASH, 10 * least + 1)
    })
  ).toBe('OVERLOADED')
  expect(budget.mayFit(HASH, 1)).toBe(false)
  for (let n = 0; n < 16; n++)
    await codeOf(() => {
      budget.spend(`other ${n}`, MAX_QUARANTINE_BYTES)
    })
  expect([budget.mayFit(HASH, 1), budget.mayFit('other 0', 1)]).toEqual([true, false])
  // No header is shorter than that.
  const author = await Author.create()
  const shortest = encodeHeader(author.header({ id: 'x', stream: 'x', type: 'x', timestamp: 0, seq: 1 }))
  expect(shortest.length + 64).toBeGreaterThanOrEqual(least)
})

/** A follower with 4 entries, frozen at 3 by a thief of the first key; the owner's rotation is entry 5. */
async function scene(limitOf: (bytes: number) => number) {
  const owner = await Author.create()
  while (owner.size < 5) await owner.append()
  const thief = owner.fork()
  thief.entries.length = 3
  const other = await thief.append({ id: 'stolen' })
  const evidence = encodeEvidence(sameSeqEvidence(thief.accused(), 3, owner.entries[3]!.raw, other.raw))
  await owner.rotate()
  const bytes = owner.entries.slice(4, 6).reduce((sum, entry) => sum + encodeEntry(entry).length, 0)
  const { ledgers, store, log } = await openNode()
  const mirror = await ledgers.mirror(owner.ledger)
  await mirror.ingest(owner.entries.slice(0, 4))
  const court = new EvidenceCourt({ verify: verifySignature, clock: systemClock, log, onJudged: () => {} })
  await court.hear(mirror, await verifyEvidence(evidence, { verify: verifySignature, network: NETWORK }))
  expect(mirror.frozenAt).toBe(3)
  const far = await owner.make(
    { type: 'ledger.rotate-key', seq: 9e15, prev_hash: HASH, meta: { next_key_hash: null } },
    key(2)
  )
  const asked: number[] = []
  const wanted: Parameters<LookBehindInit['peerNetwork']['fetchRange']>[1][] = []
  const peerNetwork = (keyEntries: Author['entries']): LookBehindInit['peerNetwork'] => ({
    fetchKeyEntries: () => Promise.resolve(keyEntries.map(({ raw }) => raw)),
    fetchRange: (_, request) => {
      const { from, count } = request
      asked.push(from)
      wanted.push(request)
      return Promise.resolve(owner.entries.slice(from, from + count).map(({ raw }) => raw))
    }
  })
  const verifier = { forPeer: () => verifySignature, verify: verifySignature } as unknown as Verifier
  const behind = (keyEntries = owner.keyEntries()): LookBehind =>
    new LookBehind({
      peerNetwork: peerNetwork(keyEntries),
      verifier,
      court,
      clock: new TestClock(),
      wants: () => true,
      limit: limitOf(bytes)
    })
  const quarantined = async (): Promise<number> =>
    (await store.keys(ledgerRange('quarantine', mirror.ledgerNumber))).length
  return { owner, mirror, court, behind, asked, wanted, far, quarantined }
}

test('headers of exactly the limit are pulled, and the ledger goes on', async () => {
  const { mirror, court, behind, quarantined } = await scene((bytes) => bytes)
  const looks = behind()
  await looks.take('p', mirror, (await looks.target('p', mirror, court.standing(mirror)))!, null)
  expect(mirror).toMatchObject({ frozenAt: null, size: 6 })
  expect(await quarantined()).toBe(0)
})

test("with one byte more nothing is kept, nobody is a liar, and that rotation is not pulled again; the operator's word takes it", async () => {
  const { mirror, court, behind, asked, quarantined } = await scene((bytes) => bytes - 1)
  const looks = behind()
  const target = (await looks.target('p', mirror, court.standing(mirror)))!
  expect(await codeOf(() => looks.take('p', mirror, target, null))).toBe('OVERLOADED')
  expect([mirror.frozenAt, mirror.size, await quarantined()]).toEqual([3, 4, 0])
  asked.length = 0
  expect(await looks.target('q', mirror, court.standing(mirror))).toBeNull()
  expect(asked).toEqual([])
  const word = (await looks.target('q', mirror, court.standing(mirror), true))!
  await looks.take('q', mirror, word, { pin: null })
  expect(mirror).toMatchObject({ frozenAt: null, size: 6 })
})

test('a rotation signed anew far away is not worth one question', async () => {
  const { owner, mirror, court, behind, asked, far } = await scene(() => MAX_QUARANTINE_BYTES)
  expect(await behind([owner.entries[0]!, far]).target('p', mirror, court.standing(mirror))).toBeNull()
  expect(asked).toEqual([])
})

test('"headers only, … no further than the shown rotation": however much the peer has behind it', async () => {
  const { owner, mirror, court, behind, wanted } = await scene((bytes) => bytes)
  while (owner.size < 20) await owner.append()
  const looks = behind()
  await looks.take('p', mirror, (await looks.target('p', mirror, court.standing(mirror)))!, null)
  expect(mirror.size).toBe(6)
  expect(wanted.map(({ filters }) => filters)).toEqual(wanted.map(() => 'headers'))
  expect(Math.max(...wanted.map(({ from, count }) => from + count))).toBe(6)
})

test('when others answered that our head is the newest, for the first and for the last time, is stored', async () => {
  const { ledgers, log, reopen, clock } = await openNode()
  const owner = await Author.create()
  const mirror = await ledgers.mirror(owner.ledger)
  await mirror.ingest(owner.entries)
  const courtOf = (): EvidenceCourt => new EvidenceCourt({ verify: verifySignature, clock, log, onJudged: () => {} })
  const court = courtOf()
  await court.confirmed(mirror)
  clock.pass(SETTLED_MS)
  await court.confirmed(mirror)
  const held = (await reopen()).ledgers.get(owner.ledger)!
  expect(courtOf().standing(held)).toMatchObject({
    settled: true,
    facts: { heard: { first: clock.now() - SETTLED_MS, latest: clock.now() } }
  })
})

test('of two that pull behind one freeze, whoever began last goes on: the other one changes nothing', async () => {
  const { owner, mirror, court, behind, quarantined } = await scene((bytes) => bytes)
  const looks = behind()
  const target = (await looks.target('p', mirror, court.standing(mirror)))!
  const turn = await mirror.quarantine.begin(4)
  await mirror.quarantine.add(turn, owner.entries.slice(4, 5), () => 'missing')
  const held = (await mirror.heldChain())!
  await looks.take('p', mirror, target, null)
  expect(await codeOf(() => mirror.quarantine.add(turn, owner.entries.slice(5, 6), () => 'missing'))).toBe('OVERLOADED')
  expect(await codeOf(() => court.accept(mirror, turn, held, null))).toBe('OVERLOADED')
  await mirror.quarantine.end(turn)
  expect(mirror).toMatchObject({ frozenAt: null, size: 6, headHash: owner.entries[5]!.hash })
  expect(await quarantined()).toBe(0)
})
