import { expect, test } from 'vitest'
import { BoundedMap, BoundedSet } from '../../src/core/bounded.js'

test('beyond the limit what was put in longest ago goes; put in again it is new', () => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1).set('b', 2).set('a', 3)
  expect([...map]).toEqual([
    ['b', 2],
    ['a', 3]
  ])
  map.set('c', 4)
  expect([...map]).toEqual([
    ['a', 3],
    ['c', 4]
  ])
  const set = new BoundedSet<string>(2)
  set.add('a').add('b').add('a').add('c')
  expect([...set]).toEqual(['a', 'c'])
})

test('the largest number that is allowed, and the next one; reading renews nothing', () => {
  const map = new BoundedMap<number, string>(256)
  for (let i = 0; i < 256; i++) map.set(i, '')
  expect(map.size).toBe(256)
  map.get(0)
  map.set(256, '')
  expect(map.size).toBe(256)
  expect(map.has(0)).toBe(false)
  expect(new BoundedSet(0).add('a').size).toBe(0)
})
