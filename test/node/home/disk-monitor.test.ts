/** A store that failed is opened anew when the disk takes writes, and is not looked at before. */
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { DiskMonitor } from '../../../src/node/home/disk-monitor.js'
import { TestClock, temporaryFolder, TestLog } from '../../ledger/support.js'

interface Watched {
  clock: TestClock
  log: TestLog
  home: string
  fail: () => void
  watch: DiskMonitor
  writable: () => boolean
}

async function setup(): Promise<Watched> {
  const home = join(await temporaryFolder(), 'home')
  await mkdir(home)
  const clock = new TestClock()
  const log = new TestLog()
  const failing = new AbortController()
  const watch = new DiskMonitor({ failing: failing.signal, home, clock, log })
  let writable = false
  void watch.writable.then(() => {
    writable = true
  })
  return {
    clock,
    log,
    home,
    fail: () => {
      failing.abort()
    },
    watch,
    writable: () => writable
  }
}

test('nothing is tried while the store works; when it failed, the disk is, and takes writes', async () => {
  const { clock, log, fail, writable } = await setup()
  clock.pass(60_000)
  expect(log.lines).toEqual([])
  fail()
  clock.pass(1_000)
  await vi.waitFor(() => {
    expect(writable()).toBe(true)
  })
  expect(log.lines).toMatchObject([
    { level: 'warn', message: 'the store failed and the disk accepts writes; reopening' }
  ])
})

test('a disk that takes nothing is tried again, each time later; until it does', async () => {
  const { clock, log, home, fail, writable } = await setup()
  await rename(home, `${home}.away`)
  fail()
  for (const [i, ms] of [1_000, 2_000, 4_000].entries()) {
    clock.pass(ms - 1)
    expect(log.lines).toHaveLength(i)
    clock.pass(1)
    await vi.waitFor(() => {
      expect(log.lines).toHaveLength(i + 1)
    })
  }
  await rename(`${home}.away`, home)
  clock.pass(8_000)
  await vi.waitFor(() => {
    expect(writable()).toBe(true)
  })
})

test('stopped, it tries nothing', async () => {
  const { clock, log, fail, watch } = await setup()
  fail()
  watch.stop()
  clock.pass(60_000)
  expect(log.lines).toEqual([])
})
