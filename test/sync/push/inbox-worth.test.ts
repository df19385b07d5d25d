/** Who has a place in the inbox when it is full. */
import { expect, test } from 'vitest'
import {
  MAX_OFFERS_KEPT,
  MAX_OF_ONE,
  MAX_STRANGERS,
  placeFor,
  STALE_MS,
  type Placed
} from '../../../src/sync/push/inbox-worth.js'
import { dice } from '../../helpers/dice.js'

const offer = (host: string, last = 0, trusted = false, peer = `p${host}${last}`): Placed => ({
  host,
  peer,
  last,
  trusted
})

/** Six hosts with eight each: all places of strangers. */
const flood = (): Placed[] => Array.from({ length: MAX_STRANGERS }, (_, i) => offer(`flood${i % 6}`, 1_000 + i))

test('a flood of few hosts gives places to newcomers, its oldest first; never to itself', () => {
  expect(placeFor([], offer('new'))).toBe('free')
  expect(placeFor(flood(), offer('new', 2_000))).toEqual(offer('flood0', 1_000))
  expect(placeFor(flood(), offer('flood3', 2_000))).toBeNull()
  const many = Array.from({ length: MAX_STRANGERS }, (_, i) => offer(`host${i}`, 1_000 + i))
  expect(placeFor(many, offer('new', 2_000))).toBeNull()
  expect(placeFor(many, offer('new', 1_000 + STALE_MS))).toEqual(offer('host0', 1_000))
})

test('trusted ones take places of strangers, also beyond; strangers never theirs', () => {
  const full = [
    ...flood(),
    ...Array.from({ length: MAX_OFFERS_KEPT - MAX_STRANGERS }, (_, i) => offer(`trusted${i}`, 5, true))
  ]
  expect(placeFor(full, offer('partner', 9, true))).toEqual(offer('flood0', 1_000))
  const all = Array.from({ length: MAX_OFFERS_KEPT }, (_, i) => offer(`trusted${i}`, 5, true))
  expect(placeFor(all, offer('partner', 9, true))).toBeNull()
  expect(placeFor(all, offer('new', 9))).toBeNull()
})

test.for([1, 2, 3, 4, 5])(
  'whatever comes, the bounds hold and no host with few places loses one to a host with more (seed %i)',
  (seed) => {
    const random = dice(seed)
    let offers: Placed[] = []
    for (let now = 0; now < 2_000; now++) {
      const host = `h${Math.floor(random() ** 3 * 60)}`
      const newcomer = offer(host, now, random() < 0.1)
      const place = placeFor(offers, newcomer)
      if (place === null) continue
      const count = (of: string): number => offers.filter((one) => one.host === of && !one.trusted).length
      const isFair = place === 'free' || newcomer.trusted || count(place.host) > count(host)
      expect({ seed, now, isFair }).toEqual({ seed, now, isFair: true })
      offers = [...offers.filter((one) => one !== place), newcomer]
      expect(offers.length).toBeLessThanOrEqual(MAX_OFFERS_KEPT)
      expect(offers.filter(({ trusted }) => !trusted).length).toBeLessThanOrEqual(MAX_STRANGERS)
      expect(offers.filter((one) => one.host === host).length).toBeLessThanOrEqual(MAX_OF_ONE)
    }
  }
)
