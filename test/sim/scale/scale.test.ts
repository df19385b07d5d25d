/** A small network of the scale run; `node dist/scripts/soak/scale.js` plays the large ones. */
import { expect, test } from 'vitest'
import { playScale } from './play-scale.js'
import { growth, scaleReport } from './scale-report.js'

test(
  'thirty nodes and two hundred ledgers: every follower gets every entry, by topic within seconds',
  { timeout: 120_000 },
  async () => {
    const outcome = await playScale({ nodes: 30, ledgers: 200, seed: 5, entries: 40 })
    expect(outcome.unfinished).toBe(0)
    expect(outcome.cutOff).toBe(0)
    expect(outcome.byTopic.count).toBe(40)
    expect(outcome.byTopic.max).toBeLessThan(5_000)
    // Gossip and one exchange of an entry for each copy; nobody polls for what it has.
    expect(outcome.perCopy.messages).toBeLessThan(150)
    expect(outcome.idleByKind.hello.max.bytes).toBeLessThan(40e6)
    expect(scaleReport([outcome])).toContain('30 nodes')
  }
)

test('the exponent of a power is found', () => {
  expect(
    growth(
      [125, 250, 500, 1000],
      [125, 250, 500, 1000].map((nodes) => 3 * nodes ** 0.7)
    )
  ).toBeCloseTo(0.7)
})
