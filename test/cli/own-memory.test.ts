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
    execArgv: ['--inspect', '--max-semi-space-size=16', '--heap-growing-percent=50', '--expose-gc'],
    env: { HOME: '/h', MALLOC_MMAP_THRESHOLD_: '8192' }
  })
  expect(bounded([], { MALLOC_MMAP_THRESHOLD_: '1' })).toEqual({
    execArgv: ['--max-semi-space-size=16', '--heap-growing-percent=50', '--expose-gc'],
    env: { MALLOC_MMAP_THRESHOLD_: '1' }
  })
  for (const [execArgv, options] of [
    [['--max-semi-space-size=64'], ''],
    [['--max_semi_space_size=64'], ''],
    [[], '--trace-gc  --max-semi-space-size=64']
  ] as const) {
    expect(bounded(execArgv, { NODE_OPTIONS: options })).toEqual({
      execArgv: [...execArgv, '--heap-growing-percent=50', '--expose-gc'],
      env: { NODE_OPTIONS: options, MALLOC_MMAP_THRESHOLD_: '8192' }
    })
    expect(
      bounded([...execArgv, '--expose_gc', '--heap_growing_percent=9'], {
        NODE_OPTIONS: options,
        MALLOC_MMAP_THRESHOLD_: '1'
      })
    ).toBeNull()
  }
  const anew = bounded([], {})!
  expect(bounded(anew.execArgv, anew.env)).toBeNull()
})

test.runIf(existsSync('/proc/self/environ'))('a real one is the process that was started', async () => {
  const daemon = await startDaemon(join(await temporaryFolder(), 'home'))
  const about = async (what: string): Promise<string[]> =>
    (await readFile(`/proc/${daemon.process.pid!}/${what}`, 'utf8')).split('\0')
  expect(await about('cmdline')).toEqual(
    expect.arrayContaining(['--max-semi-space-size=16', '--heap-growing-percent=50'])
  )
  expect(await about('environ')).toContain('MALLOC_MMAP_THRESHOLD_=8192')
  await daemon.stop()
})

test('garbage is collected when it is much, seldom where that takes long; what is kept for later goes back when a node is idle', () => {
  const MIB = 1024 * 1024
  let look = (): void => {}
  let [used, live, spare, collections, time, worked] = [50, 50, 0, 0, 0, 0]
  const after = (ms: number, callback: () => void): (() => void) => {
    expect(ms).toBe(10_000)
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
  const looked = (before: number, needed = before, workedMs = 10_000): number[] => {
    ;[used, live] = [before, needed]
    time += 10_000
    worked += workedMs
    look()
    return [collections, used]
  }
  expect(looked(90)).toEqual([0, 90])
  expect(looked(91, 50)).toEqual([1, 50])
  // What is in use now may be garbage soon, and nothing says when: looked for again, but for no more than half a
  // percent of the time.
  expect(looked(400)).toEqual([2, 400])
  for (let i = 0; i < 7; i++) expect(looked(400, 60)).toEqual([2, 400])
  expect(looked(400, 60)).toEqual([3, 60])
  // what V8 collected by itself counts from there
  expect(looked(20)).toEqual([3, 20])
  expect(looked(61, 20)).toEqual([4, 20])
  // A flood: its streams are in use when the node collects, and garbage as soon as it is over, not 160 s later; some of
  // it is garbage only when a time is over. When a collection found little, the next one waits again.
  expect(looked(800)).toEqual([5, 800])
  expect(looked(800, 800)).toEqual([5, 800])
  expect(looked(800, 300, 900)).toEqual([6, 300])
  expect(looked(300, 290, 900)).toEqual([7, 290])
  for (let i = 0; i < 5; i++) expect(looked(290, 20, 900)).toEqual([7, 290])
  expect(looked(290, 20, 900)).toEqual([8, 20])
  expect(looked(20)).toEqual([8, 20])
  // kept for later by a node that works a tenth of the time, and a little more
  const restful = (ms: number): number => {
    spare = 17
    time += 10_000
    worked += ms
    look()
    return collections
  }
  expect(restful(1001)).toBe(8)
  expect(restful(1000)).toBe(9)
  stop()
  spare = 0
  expect(looked(900)).toEqual([9, 900])
})
