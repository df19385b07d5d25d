/**
 * A disk that is really full, and then has room again: the daemon goes on by itself, nothing acknowledged is lost,
 * nothing signed twice.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isCoded } from '../../src/core/errors.js'
import type { LedgerClient } from '../../src/rpc/client.js'
import { startDaemon } from '../e2e/daemon.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { diskProblem, SmallDisk } from './small-disk.js'

const problem = await diskProblem()
if (problem !== null) console.log(`SKIPPED: full disks, for no disk can be made here (${problem})`)

const SMALL_MIB = 24
const LARGE_MIB = 400
/** More than fit on the small disk. */
const RECORDS = 60

/** Half a MiB that does not compress. */
function record(id: string): { id: string; stream: string; type: string; payload: { text: string } } {
  return { id, stream: 'records', type: 'record', payload: { text: randomBytes(384 * 1024).toString('base64') } }
}

async function smallDisk(): Promise<SmallDisk> {
  const disk = await SmallDisk.make(SMALL_MIB)
  onTestFinished(async () => {
    await disk.end()
  })
  return disk
}

/** Until one is refused; the answer is what was acknowledged, and the refusal. */
async function fill(
  client: LedgerClient
): Promise<{ acknowledged: Map<string, { seq: number; hash: string }>; refusal: unknown }> {
  const acknowledged = new Map<string, { seq: number; hash: string }>()
  try {
    for (let i = 0; ; i++) {
      const { entry } = await client.call('ledger.append', record(`entry-${i}`))
      acknowledged.set(entry.id, { seq: entry.seq, hash: entry.hash })
    }
  } catch (refusal) {
    return { acknowledged, refusal }
  }
}

/** The node closes its socket for a moment when it opens its store anew. */
async function whenServed<T>(disk: SmallDisk, ask: (client: LedgerClient) => Promise<T>): Promise<T | string> {
  try {
    const client = await disk.connect()
    try {
      return await ask(client)
    } finally {
      await client.close()
    }
  } catch (error) {
    if (isCoded(error, 'NODE_UNREACHABLE') || isCoded(error, 'STORE_FAILED') || isCoded(error, 'CLOSED'))
      return error.code
    throw error
  }
}

test.skipIf(problem !== null)(
  'the own ledger: refused with a code, read as before; with room again it goes on',
  async () => {
    const disk = await smallDisk()
    await disk.start()
    const client = await disk.connect()
    const { acknowledged, refusal } = await fill(client)
    expect(refusal).toMatchObject({ code: 'STORE_FAILED' })
    expect(acknowledged.size).toBeGreaterThan(10)
    const { own } = await client.call('node.status', {})
    expect(own).toMatchObject({ state: 'failed', waiting: expect.stringContaining('disk') })
    for (const [id, { hash }] of acknowledged) expect((await client.call('ledger.get', { id })).entry.hash).toBe(hash)
    expect(await client.call('ledger.verifyChain', {})).toMatchObject({ valid: true })
    await expect.poll(() => disk.log, { timeout: 10_000 }).toContain('store.disk-read-only')
    expect(disk.runs).toBe(true)

    await disk.resize(LARGE_MIB)
    const began = performance.now()
    const last = record('afterwards')
    await expect
      .poll(() => whenServed(disk, async (again) => (await again.call('ledger.append', last)).entry.id), {
        timeout: 30_000,
        interval: 200
      })
      .toBe('afterwards')
    console.log(
      `full after ${acknowledged.size} entries; with room again it signed within ${Math.round(performance.now() - began)} ms`
    )
    const again = await disk.connect()
    for (const [id, { seq, hash }] of acknowledged)
      expect((await again.call('ledger.get', { id })).entry).toMatchObject({ seq, hash })
    // The one of unknown outcome: stored or not, its id is used once.
    await again.call('ledger.append', record('one more'))
    expect(await again.call('ledger.verifyChain', {})).toMatchObject({ valid: true })
    await disk.stop()
    expect(await disk.fsck()).toContain('Clean')
  },
  90_000
)

test.skipIf(problem !== null)(
  'a follower: stalled with the code, and synced by itself when there is room',
  async () => {
    const folder = await temporaryFolder()
    const author = await startDaemon(join(folder, 'author'), { name: 'author' })
    for (let i = 0; i < RECORDS; i++) await author.client.call('ledger.append', record(`entry-${i}`))
    const disk = await smallDisk()
    await disk.start([author.addr])
    const client = await disk.connect()
    await client.call('sync.follow', { ledger: author.ledger })
    const status = async (asked: LedgerClient) =>
      (await asked.call('sync.status', { ledger: author.ledger })).ledgers[0]!
    await expect
      .poll(() => status(client), { timeout: 30_000 })
      .toMatchObject({ status: 'stalled', stall: { code: 'STORE_FAILED' } })
    const { size } = await status(client)
    expect(size).toBeLessThan(RECORDS + 1)
    expect(disk.runs).toBe(true)

    await disk.resize(LARGE_MIB)
    const began = performance.now()
    await expect
      .poll(() => whenServed(disk, status), { timeout: 60_000, interval: 200 })
      .toMatchObject({ status: 'synced', size: RECORDS + 1 })
    console.log(
      `the follower's disk was full after ${size} entries; with room again it was synced within ${Math.round(performance.now() - began)} ms`
    )
    const again = await disk.connect()
    const roots = await Promise.all(
      [author.client, again].map((one) => one.call('ledger.head', { ledger: author.ledger }))
    )
    expect(roots[1]!.root).toBe(roots[0]!.root)
    await disk.stop()
    expect(await disk.fsck()).toContain('Clean')
    await author.stop()
  },
  120_000
)
