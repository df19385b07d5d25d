import { describe, expect, test } from 'vitest'
import { SilenceWatchdog } from '../../src/network/silence-watchdog.js'
import { clock } from './fixture.js'

describe('who is connected and never says who it is', () => {
  function watched(
    silent: (at: number) => string[],
    level: 'normal' | 'busy' = 'normal'
  ): { dropped: [string, number][]; pass: (ms: number) => void } {
    const dropped: [string, number][] = []
    let [now, due]: [number, { at: number; call: () => void } | undefined] = [0, undefined]
    const watchdog = new SilenceWatchdog({
      peers: {
        silent: () => silent(now),
        drop: (peer: string) => {
          dropped.push([peer, now])
        }
      } as never,
      load: { level, costFactor: 1 },
      clock: {
        ...clock,
        now: () => now,
        after: (ms, call) => {
          due = { at: now + ms, call }
          return () => {
            due = undefined
          }
        }
      }
    })
    watchdog.start()
    return {
      dropped,
      pass: (ms) => {
        for (const end = now + ms; due !== undefined && due.at <= end;) {
          now = due.at
          due.call()
        }
      }
    }
  }

  test('goes after a minute; who speaks in time stays, and so does who came later', () => {
    const { dropped, pass } = watched((at) => [
      'silent',
      ...(at < 50_000 ? ['slow'] : []),
      ...(at > 40_000 ? ['late'] : [])
    ])
    pass(70_000)
    expect(new Set(dropped.map(([peer]) => peer))).toEqual(new Set(['silent']))
    expect(dropped[0]![1]).toBeLessThanOrEqual(65_000)
  })

  test('stays while this node is busy itself', () => {
    const { dropped, pass } = watched(() => ['silent'], 'busy')
    pass(300_000)
    expect(dropped).toEqual([])
  })
})
