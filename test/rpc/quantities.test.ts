import { describe, expect, test } from 'vitest'
import { readDays, readLevel, readSpan, readTime, type Sense } from '../../src/rpc/quantities.js'

const NOW = Date.UTC(2026, 10, 27, 12)
const DAY = 86_400_000

describe('times', () => {
  test.each<[string | number, Sense, number]>([
    [1_767_225_600_000, 'instant', 1_767_225_600_000],
    [5, 'instant', 5],
    ['1767225600000', 'past', 1_767_225_600_000],
    ['0', 'past', 0],
    ['2026-03-01', 'instant', Date.UTC(2026, 2, 1)],
    ['2026-03-01T12:30:00Z', 'instant', Date.UTC(2026, 2, 1, 12, 30)],
    ['2026-03-01 12:30:05Z', 'past', Date.UTC(2026, 2, 1, 12, 30, 5)],
    ['2026-03-01T12:30+02:00', 'future', Date.UTC(2026, 2, 1, 10, 30)],
    ['2028-02-29', 'instant', Date.UTC(2028, 1, 29)],
    ['7d', 'past', NOW - 7 * DAY],
    ['7d', 'future', NOW + 7 * DAY],
    ['1.5h', 'past', NOW - 5_400_000],
    ['30 min', 'future', NOW + 1_800_000],
    ['2w', 'past', NOW - 14 * DAY]
  ])('%j (%s)', (given, sense, expected) => expect(readTime(given, sense, NOW)).toBe(expected))
  test.each<[string | number, Sense, RegExp]>([
    ['7d', 'instant', /from when/],
    ['1767225600', 'past', /seconds, milliseconds or a year/],
    ['2026', 'past', /a year/],
    ['2026-03-01T12:30', 'past', /which zone/],
    ['7m', 'past', /minutes or months/],
    ['2026-02-30', 'past', /no existing|not an existing/],
    ['2026-13-01', 'past', /no existing|not an existing/],
    ['2026-03-01T25:00:00Z', 'past', /not an existing/],
    ['01.03.2026', 'past', /not a time/],
    ['yesterday', 'past', /not a time/],
    ['', 'past', /not a time/],
    [-1, 'past', /between/],
    [1.5, 'past', /whole number/],
    ['9y', 'past', /no known unit/],
    ['99999999d', 'past', /between/],
    ['99999999d', 'future', /between/]
  ])('%j (%s) is refused: %s', (given, sense, why) =>
    expect(() => readTime(given, sense, NOW)).toThrow(
      expect.objectContaining({ code: 'INVALID_PARAMS', message: expect.stringMatching(why) as unknown })
    )
  )
})

describe('levels', () => {
  test.each<[string | number, number]>([
    [0.9, 900],
    [0.001, 1],
    ['0.9', 900],
    ['.5', 500],
    ['1.0', 1000],
    ['0.0', 0],
    ['0.001', 1],
    [0, 0],
    [2, 2],
    [800, 800],
    ['800', 800],
    [1000, 1000],
    [0.29, 290],
    [0.057, 57]
  ])('%j', (given, milli) => expect(readLevel(given)).toBe(milli))
  test.each([1, '1', 1.5, '1.001', '0.0001', 1001, -0.5, '-1', 'full', '', '80%', '0,8', Number.NaN, 1e-7])(
    '%j is refused',
    (given) => expect(() => readLevel(given)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }))
  )
})

test('spans and days', () => {
  expect([
    readSpan('90s'),
    readSpan('2min'),
    readSpan('500ms'),
    readDays(30),
    readDays('30'),
    readDays('30d'),
    readDays('2w'),
    readDays('48h')
  ]).toEqual([90_000, 120_000, 500, 30, 30, 30, 14, 2])
  for (const given of ['30', 'd', '7x', '1m', '1mo'])
    expect(() => readSpan(given)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }))
  for (const given of [1.5, '36h', 'soon'])
    expect(() => readDays(given)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }))
})
