import { describe, expect, test } from 'vitest'
import { Parking } from '../../src/cli/import/parking.js'
import type { ImportLine } from '../../src/cli/import/parse-line.js'
import { OTHER, OWN } from '../rpc/fake-node.js'

function line(id: string): ImportLine {
  return { number: 1, bytes: 10, params: { id, stream: 's', type: 't' } }
}

const far = (entryId: string): { ledgerId: string; entryId: string } => ({ ledgerId: OTHER, entryId })
const own = (entryId: string): { ledgerId: string; entryId: string } => ({ ledgerId: OWN, entryId })
const ids = (lines: ImportLine[]): string[] => lines.map(({ params }) => params.id)

describe('waking', () => {
  test('when all that is missing has arrived, and only those who wait for it', () => {
    const parking = new Parking()
    parking.park(line('a'), [far('x'), far('y')], parking.now)
    parking.park(line('b'), [far('x')], parking.now)
    parking.park(line('c'), [far('z')], parking.now)
    expect([parking.size, parking.bytes]).toEqual([3, 30])
    parking.arrive(own('x'))
    expect(parking.takeWoken()).toEqual([])
    parking.arrive(far('x'))
    expect(ids(parking.takeWoken())).toEqual(['b'])
    parking.arrive(far('y'))
    expect(ids(parking.takeWoken())).toEqual(['a'])
    expect(parking.takeWoken()).toEqual([])
    expect([parking.size, parking.bytes]).toEqual([1, 10])
  })
  test('what arrived while its batch was under way wakes it at once; what arrived before does not', () => {
    const parking = new Parking()
    parking.arrive(far('early'))
    const since = parking.now
    parking.arrive(far('meanwhile'))
    parking.park(line('a'), [far('meanwhile')], since)
    parking.park(line('b'), [far('early')], since)
    parking.park(line('c'), [far('meanwhile'), far('later')], since)
    expect(ids(parking.takeWoken())).toEqual(['a'])
    parking.arrive(far('later'))
    expect(ids(parking.takeWoken())).toEqual(['c'])
  })
  test('arrivals are forgotten when no batch can have missed them', () => {
    const parking = new Parking()
    const since = parking.now
    parking.arrive(far('x'))
    parking.forget(parking.now)
    parking.park(line('a'), [far('x')], since)
    expect(parking.takeWoken()).toEqual([])
  })
  test('after lost arrivals everything is tried again, also what was under way', () => {
    const parking = new Parking()
    const since = parking.now
    parking.park(line('a'), [far('x')], since)
    parking.wakeAll()
    parking.park(line('b'), [far('x')], since)
    parking.park(line('c'), [far('x')], parking.now)
    expect(ids(parking.takeWoken())).toEqual(['a', 'b'])
    expect(parking.size).toBe(1)
  })
})

test('which ledgers are waited for', () => {
  const parking = new Parking()
  parking.park(line('a'), [far('x'), far('y')], parking.now)
  parking.park(line('b'), [far('x')], parking.now)
  expect([parking.waitsFor(OTHER), parking.waitsFor(OWN)]).toEqual([true, false])
  parking.arrive(far('x'))
  expect(parking.waitsFor(OTHER)).toBe(true)
  parking.arrive(far('y'))
  expect(parking.waitsFor(OTHER)).toBe(false)
})

test('hopeless are those that wait for no parked line; in a circle its first', () => {
  const parking = new Parking()
  parking.park(line('a'), [own('b')], parking.now)
  parking.park(line('b'), [own('a')], parking.now)
  parking.park(line('c'), [far('x')], parking.now)
  parking.park(line('d'), [far('b')], parking.now)
  expect(ids(parking.takeHopeless(OWN))).toEqual(['c', 'd'])
  expect(ids(parking.takeHopeless(OWN))).toEqual(['a'])
  parking.arrive(own('a'))
  expect(ids(parking.takeWoken())).toEqual(['b'])
  expect([parking.size, parking.bytes]).toEqual([0, 0])
})
