import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectGarbage } from '../../src/cli/collect-garbage.js'
import { bounded } from '../../src/cli/own-memory.js'
import { startDaemon } from '../e2e/daemon.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

test('a daemon begins with bounds, unless its operator chose others', () => {
  expect(bounded(['--inspect'], { HOME: '/h' })).toEqual({
    execArgv: ['--inspect', '--max-semi-space-size=16', '--expose-gc'],
    env: { HOME: '/h', MALLOC_MMAP_THRESHOLD_: '32768' }
  })
  expect(bounded([], { MALLOC_MMAP_THRESHOLD_: '1' })).toEqual({
    execArgv: ['--max-semi-space-size=16', '--expose-gc'],
    env: { MALLOC_MMAP_THRESHOLD_: '1' }
  })
  for (const [execArgv, options] of [
    [['--max-semi-space-size=64'], ''],
    [['--max_semi_space_size=64'], ''],
    [[], '--trace-gc  --max-semi-space-size=64']
  ] as const) {
    expect(bounded(execArgv, { NODE_OPTIONS: options })).toEqual({
      execArgv: [...execArgv, '--expose-gc'],
      env: { NODE_OPTIONS: options, MALLOC_MMAP_THRESHOLD_: '32768' }
    })
    expect(bounded([...execArgv, '--expose_gc'], { NODE_OPTIONS: options, MALLOC_MMAP_THRESHOLD_: '1' })).toBeNull()
  }
  const anew = bounded([], {})!
  expect(bounded(anew.execArgv, anew.env)).toBeNull()
})

test.runIf(existsSync('/proc/self/environ'))('a real one is the process that was started', async () => {
  const daemon = await startDaemon(join(await temporaryFolder(), 'home'))
  const about = async (what: string): Promise<string[]> =>
    (await readFile(`/proc/${daemon.process.pid!}/${what}`, 'utf8')).split('\0')
  expect(await about('cmdline')).toContain('--max-semi-space-size=16')
  expect(await about('environ')).toContain('MALLOC_MMAP_THRESHOLD_=32768')
  await daemon.stop()
})

test('garbage is collected when it is much, seldom where that takes long; what is kept for later goes back when a node is idle', () => {
  const MIB = 1024 * 1024
  let look = (): void => {}
  let [used, live, collections, time, delay] = [50, 50, 0, 0, 0]
  let [spare, worked] = [0, 0]
  const after = (ms: number, callback: () => void): (() => void) => {
    delay = ms
    look = callback
    return () => {
      look = () => {}
    }
  }
  const collect = (): void => {
    collections++
    used = live
    spare = 0
    time += live
    worked += live
  }
  const stop = collectGarbage(
    { after },
    { used: () => used * MIB, kept: () => (used + spare) * MIB, worked: () => worked, collect, now: () => time }
  )
  const looked = (before: number, needed = before): number[] => {
    ;[used, live] = [before, needed]
    time += 15_000
    worked += 15_000
    look()
    return [collections, used, delay]
  }
  expect(looked(90)).toEqual([0, 90, 15_000])
  expect(looked(91, 50)).toEqual([1, 50, 15_000])
  // What is in use now may be garbage soon, and nothing says when: looked for again, but for no more than half a
  // percent of the time.
  expect(looked(400)).toEqual([2, 400, 80_000])
  expect(looked(400, 60)).toEqual([3, 60, 15_000])
  // what V8 collected by itself counts from there
  expect(looked(20)).toEqual([3, 20, 15_000])
  expect(looked(61, 20)).toEqual([4, 20, 15_000])
  // kept for later by a node that works a tenth of the time, and a little more
  const restful = (ms: number): number => {
    spare = 17
    time += 15_000
    worked += ms
    look()
    return collections
  }
  expect(restful(1501)).toBe(4)
  expect(restful(1500)).toBe(5)
  stop()
  spare = 0
  expect(looked(900)).toEqual([5, 900, 15_000])
})
