import { expect, test } from 'vitest'
import { isCoded } from '../../../src/core/errors.js'
import { accuse } from '../../../src/core/lmx1/accuse.js'
import { rootOf } from '../../../src/core/lmx1/index-builder.js'
import { judgeFault } from '../../../src/core/lmx1/judge-fault.js'
import { LIST_FAULTS } from '../../../src/core/lmx1/index-charge.js'
import { postedOf } from '../../../src/core/lmx1/posting.js'
import { verifyIndexProof } from '../../../src/core/lmx1/verify-index.js'
import type { Header } from '../../../src/core/header.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { codeOf } from '../author.js'
import { LIES, timeless } from './liars.js'
import { answer, build, makeBounds, makeHeaders, makeQuestion, play, scan, upTo } from './world.js'

test.each([1, 3, 17, 400, 2500])('%i entries: answers are what a scan finds, and no lie is believed', async (size) => {
  const { refused, same } = await play(size, 30, 40, size)
  expect(refused + same).toBe(1200)
  expect(refused).toBeGreaterThan(400)
})

test('an index that grows proves what it was', async () => {
  const headers = makeHeaders(300, dice(5))
  for (const size of [1, 7, 64, 299]) {
    const index = build(headers.slice(0, size))
    expect(rootOf(index)).toBe(rootOf(build(headers.slice(0, size))))
    const question = { filter: { stream: 's1' }, from: 0, to: size }
    const { proof, headers: shown } = await answer(index, headers, question, { order: 'asc', limit: 500, items: 900 })
    expect(verifyIndexProof({ size, root: rootOf(index) }, question, proof, shown)).toEqual(scan(headers, question))
  }
})

test('a proof under another root, or of another size, is refused', async () => {
  const headers = makeHeaders(50, dice(6))
  const index = build(headers)
  const question = { filter: { type: 't1' }, from: 0, to: 50 }
  const { proof, headers: shown } = await answer(index, headers, question, { order: 'asc', limit: 500, items: 900 })
  const verify =
    (size: number, root: string): (() => unknown) =>
    () =>
      verifyIndexProof({ size, root }, question, proof, shown)
  expect(await codeOf(verify(51, rootOf(index)))).toBe('BAD_PROOF')
  expect(await codeOf(verify(50, rootOf(build(headers.slice(0, 49)))))).toBe('BAD_PROOF')
})

for (const [kind, lie] of LIES.entries())
  test(`lie ${kind}: what is believed and lacks an entry convicts its author, in a small file`, async () => {
    const roll = dice(100 + kind)
    const headers = makeHeaders(900, roll)
    const index = build(headers, (header) => (roll() < 0.2 ? lie(postedOf(header), header, roll) : postedOf(header)))
    expect(await convict(index, headers, roll)).toBeGreaterThan(0)
  })

test('subtrees with times that nothing below them has: what they hide convicts', async () => {
  const roll = dice(77)
  const headers = makeHeaders(900, roll)
  const index = timeless(headers)
  expect(await convict(index, headers, roll)).toBeGreaterThan(0)
})

test('nobody who is honest is convicted: not by what is cut, moved or quoted out of place', async () => {
  const roll = dice(9)
  const headers = makeHeaders(600, roll)
  const index = build(headers)
  const root = { size: 600, root: rootOf(index) }
  for (let asked = 0; asked < 50; asked++) {
    const { proof, question, headers: shown } = await answer(index, headers, makeQuestion(600, roll), makeBounds(roll))
    for (let time = 0; time < 8; time++) {
      const entry = headers[upTo(roll, 600)]!
      const charge = accuse(question, proof, shown, entry)
      for (const fault of LIST_FAULTS)
        for (const accusing of [[], [entry], headers.slice(0, upTo(roll, 17))])
          expect(await codeOf(() => judgeFault(root, { ...charge, fault }, accusing))).toBe('BAD_PROOF')
    }
  }
})

/** How many accepted answers lacked an entry; each must convict. */
async function convict(index: ReturnType<typeof build>, headers: Header[], roll: Dice): Promise<number> {
  const root = { size: headers.length, root: rootOf(index) }
  let convicted = 0
  for (let asked = 0; asked < 150; asked++) {
    const { proof, question, headers: shown } = await answer(index, headers, makeQuestion(900, roll), makeBounds(roll))
    let seqs: number[]
    try {
      seqs = verifyIndexProof(root, question, proof, shown)
    } catch (error) {
      if (!isCoded(error, 'BAD_PROOF')) throw error
      continue // refused: nobody believes it
    }
    for (const seq of scan(headers, question).filter((one) => !seqs.includes(one))) {
      const charge = accuse(question, proof, shown, headers[seq]!)
      judgeFault(root, charge, [headers[seq]!])
      expect(JSON.stringify(charge).length).toBeLessThan(16 * 1024)
      convicted++
    }
  }
  return convicted
}
