import { expect, test } from 'vitest'
import { MIN_POINTS, slopeOf } from '../../scripts/soak/load/slope.js'
import { dice } from '../helpers/dice.js'

test('the slope of a straight line, exactly', () => {
  const { slope, low, high } = slopeOf(Array.from({ length: MIN_POINTS }, (_, x) => ({ x, y: 3 + x / 2 })))
  expect(slope).toBeCloseTo(0.5, 10)
  expect(high - low).toBeCloseTo(0, 6)
})

test('noise without a slope includes 0, a slope in the noise is found', () => {
  const random = dice(7)
  const noise = Array.from({ length: 200 }, (_, x) => ({ x: x / 20, y: random() }))
  const flat = slopeOf(noise)
  expect(flat.low).toBeLessThan(0)
  expect(flat.high).toBeGreaterThan(0)
  const steep = slopeOf(noise.map(({ x, y }) => ({ x, y: y + 2 * x })))
  expect(steep.low).toBeGreaterThan(1.8)
  expect(steep.high).toBeLessThan(2.2)
})

test('too few points are no slope', () => {
  expect(() =>
    slopeOf([
      { x: 0, y: 0 },
      { x: 1, y: 1 }
    ])
  ).toThrow('2 points')
})
