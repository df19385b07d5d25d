import { describe, expect, it } from 'vitest'
import { checkSchedule, formatSchedule, parseSchedule } from '../../../src/sync/schedule/schedule.js'

describe('a schedule as people write it', () => {
  it('comes back as it was meant', () => {
    for (const text of [
      'continuous',
      'manual',
      'every 15min',
      'every 1d',
      'every 2w',
      'mon-fri 22:00-06:00 Europe/Amsterdam',
      '00:00-24:00 UTC',
      'mon,wed-fri,sun 09:30-17:00 America/Argentina/Buenos_Aires; sat 01:00-02:00 Etc/GMT+5'
    ]) {
      const schedule = parseSchedule(text)
      const again = formatSchedule(schedule)
      expect(parseSchedule(again)).toEqual(schedule)
      expect(again).toBe(text)
    }
    expect(formatSchedule(parseSchedule('every 24h'))).toBe('every 1d')
    expect(parseSchedule('fri-mon 20:00-00:00 UTC')).toEqual({
      windows: [{ days: [1, 5, 6, 7], from: 1200, to: 1440, zone: 'UTC' }]
    })
  })

  it('is refused when it could not be kept', () => {
    for (const text of [
      '',
      'always',
      'every 5s',
      'every 30m',
      'every 40w',
      'mon 09:00-09:00 UTC',
      'mon 25:00-26:00 UTC',
      'mon 09:75-10:00 UTC',
      'mo 09:00-10:00 UTC',
      'mon-tue-wed 09:00-10:00 UTC',
      'mon 09:00-10:00',
      'mon 09:00-10:00 Mars/Olympus',
      'mon 09:00-10:00 +02:00',
      Array.from({ length: 17 }, () => '09:00-10:00 UTC').join(';')
    ])
      expect(() => parseSchedule(text)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }) as Error)
  })

  it('of a program or of the disk is checked as well', () => {
    for (const given of [
      null,
      5,
      {},
      { everyMs: 1 },
      { everyMs: 1e300 },
      { everyMs: 60_000, windows: [] },
      { windows: [] }
    ])
      expect(() => checkSchedule(given)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMS' }) as Error)
    const window = { days: [1], from: 0, to: 60, zone: 'UTC' }
    for (const wrong of [
      { days: [] },
      { days: [0] },
      { days: [1.5] },
      { from: -1 },
      { from: 1440 },
      { to: 0 },
      { zone: 5 },
      { more: 1 }
    ])
      expect(() => checkSchedule({ windows: [{ ...window, ...wrong }] })).toThrow(
        expect.objectContaining({ code: 'INVALID_PARAMS' }) as Error
      )
    expect(checkSchedule({ windows: [window] })).toEqual({ windows: [window] })
  })
})
