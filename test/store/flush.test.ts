/** S6: after a flush no power cut takes what was written before, also where LevelDB has just begun another log. */
import { copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStoreAsIs, openStore, type Op, type Store } from '../../src/store/store.js'
import { temporaryFolder, TestLog } from '../ledger/support.js'

const log = new TestLog()
const MIB = 1024 * 1024
const keyOf = (index: number): Buffer => Buffer.from(`x${String(index).padStart(8, '0')}`)

/** Writes 1 MiB more, and syncs nothing. */
async function grow(store: Store, from: number): Promise<number> {
  const ops = Array.from({ length: 16 }, (_, i): Op => ({
    type: 'put',
    key: keyOf(from + i),
    value: Buffer.alloc(MIB / 16, from + i)
  }))
  await store.write(ops, { sync: false })
  return from + ops.length
}

const logsIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir)).filter((name) => name.endsWith('.log')).toSorted()

/** The disk as a power cut leaves it at the worst: of the logs only the newest, for that one was synced. */
async function cutPower(dir: string): Promise<string> {
  const left = await temporaryFolder()
  await mkdir(left, { recursive: true })
  const old = (await logsIn(dir)).slice(0, -1)
  for (const name of await readdir(dir))
    if (!old.includes(name) && name !== 'LOCK') await copyFile(join(dir, name), join(left, name))
  return left
}

test('each of a hundred flushes: nothing of what was written is only in an older log', async () => {
  const dir = join(await temporaryFolder(), 'db')
  const store = await openStore(dir, { log })
  let switched = 0
  let written = 0
  for (let round = 0; round < 100; round++) {
    written = await grow(store, written)
    const before = (await logsIn(dir)).at(-1)!
    await store.flush()
    const logs = await logsIn(dir)
    expect(logs).toHaveLength(1)
    if (logs[0] === before) continue
    switched++
    const copy = await openStoreAsIs(await cutPower(dir), { log })
    expect(
      (await copy.getMany([keyOf(0), keyOf(written - 16), keyOf(written - 1)])).every((one) => one !== undefined)
    ).toBe(true)
    await copy.close()
  }
  expect(switched).toBeGreaterThan(0)
  await store.close()
}, 60_000)
