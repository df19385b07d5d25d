import { expect, test } from 'vitest'
import { factsBetween, NOTHING_SHOWN, runs, type Cut, type Shown } from '../../../src/ledger/feed/facts.js'
import { dice } from '../../helpers/dice.js'

/** As a consumer would apply them: visible entries, audited ones, and the freeze. */
function apply(before: Shown, facts: ReturnType<typeof factsBetween>): Shown {
  let { visible, audited, frozen } = before
  for (const { kind, at, count, audited: all, text } of facts) {
    if (kind === 'entry') {
      // a gap, or an entry twice, is no picture
      visible = at === visible ? visible + count : NaN
      if (all) audited = visible
    } else if (kind === 'audited') audited = at
    else if (kind === 'thawed') frozen = null
    else {
      if (kind === 'frozen') frozen = { size: at, evidence: text }
      visible = Math.min(visible, at)
      audited = Math.min(audited, at)
    }
  }
  return { visible, audited, frozen }
}

test('whatever changes, what is told leads from the one picture to the other', () => {
  const roll = dice(4)
  const up = (to: number): number => Math.floor(roll() * (to + 1))
  let size = 0
  let shown = NOTHING_SHOWN
  for (let step = 0; step < 5000; step++) {
    const cut: Cut | null = roll() < 0.2 ? { kind: roll() < 0.5 ? 'cut' : 'voided', from: up(size) } : null
    size = (cut?.from ?? size) + (roll() < 0.7 ? up(5) : 0)
    const frozen = roll() < 0.3 ? { size: 1 + up(12), evidence: `e${up(2)}` } : roll() < 0.5 ? null : shown.frozen
    const visible = Math.min(size, frozen?.size ?? size)
    const next = { visible, audited: up(visible), frozen }
    // What was cut away and is there again was told before: it has to be taken back first.
    const told = cut === null && visible < shown.visible && frozen === shown.frozen
    if (told) continue
    expect(apply(shown, factsBetween(shown, next, cut)), `step ${step}`).toEqual(next)
    shown = next
  }
})

test('nothing changes: nothing is told', () => {
  const shown = { visible: 3, audited: 2, frozen: { size: 3, evidence: 'e' } }
  expect(factsBetween(shown, structuredClone(shown))).toEqual([])
})

test('neighbours are one row', () => {
  expect(runs('payload-erased', [4, 1, 2, 2, 7]).map(({ at, count }) => [at, count])).toEqual([
    [1, 2],
    [4, 1],
    [7, 1]
  ])
})
