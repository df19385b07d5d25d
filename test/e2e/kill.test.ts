/**
 * kill -9 in the middle of an append, an import and a pull: whatever was acknowledged is there when the node comes
 * back.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN, startDaemon } from './daemon.js'

const record = (i: number) => ({
  id: `record-${i}`,
  stream: 'records',
  type: 'record',
  payload: { i, text: 'x'.repeat(200) }
})

test('kill -9 during appends: every acknowledged entry is there, the chain verifies, and it goes on', async () => {
  const home = join(await temporaryFolder(), 'home')
  const first = await startDaemon(home)
  const acknowledged: { id: string; hash: string }[] = []
  const writers = Array.from({ length: 16 }, async (_, writer) => {
    for (let i = 0; ; i++) {
      const { entry } = await first.client.call('ledger.append', record(writer * 1_000_000 + i))
      acknowledged.push({ id: entry.id, hash: entry.hash })
    }
  })
  const ended = Promise.allSettled(writers)
  await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(300)
  await first.kill()
  await ended

  const second = await startDaemon(home)
  expect(second.ledger).toBe(first.ledger)
  for (const { id, hash } of acknowledged)
    expect((await second.client.call('ledger.get', { id })).entry.hash).toBe(hash)
  expect(await second.client.call('ledger.verifyChain', {})).toMatchObject({ valid: true, problem: null })
  expect((await second.client.call('node.status', {})).own).toMatchObject({ state: 'ready' })
  await second.client.call('ledger.append', record(0.5))
  await second.stop()
}, 60_000)

test('kill -9 during an import: started again, it takes every line exactly once', async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  const file = join(folder, 'records.jsonl')
  const lines = 6_000
  await writeFile(file, Array.from({ length: lines }, (_, i) => JSON.stringify(record(i))).join('\n'))
  const first = await startDaemon(home)
  const importer = spawn(process.execPath, [BIN, '--home', home, 'import', file], { stdio: 'ignore' })
  const importerEnded = new Promise((resolve) => importer.once('exit', resolve))
  await expect
    .poll(async () => (await first.client.call('node.status', {})).own.size, { timeout: 20_000, interval: 10 })
    .toBeGreaterThan(500)
  await first.kill()
  expect(await importerEnded).not.toBe(0)

  const second = await startDaemon(home)
  const { size } = (await second.client.call('node.status', {})).own
  expect(size).toBeGreaterThan(500)
  const again = spawn(process.execPath, [BIN, '--home', home, '--json', 'import', file], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  again.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  expect(await new Promise((resolve) => again.once('close', resolve))).toBe(0)
  const result = JSON.parse(output.trim().split('\n').at(-1)!) as { appended: number; existing: number }
  expect(result).toMatchObject({ appended: lines + 1 - size, existing: size - 1 })
  expect(await second.client.call('ledger.verifyChain', {})).toMatchObject({ valid: true, entries: lines + 1 })
  await second.stop()
}, 90_000)

test('kill -9 of a follower during a pull: it resumes and ends with the same root', async () => {
  const folder = await temporaryFolder()
  const author = await startDaemon(join(folder, 'author'), { name: 'author' })
  for (let i = 0; i < 10; i++) {
    await author.client.call('ledger.appendBatch', {
      entries: Array.from({ length: 1000 }, (_, j) => record(i * 1000 + j))
    })
  }
  const follower = await startDaemon(join(folder, 'follower'), { name: 'follower', bootstrap: [author.addr] })
  await follower.client.call('sync.follow', { ledger: author.ledger })
  const sizeAt = async (node: typeof follower): Promise<number> =>
    (await node.client.call('sync.status', { ledger: author.ledger })).ledgers[0]!.size
  await expect.poll(() => sizeAt(follower), { timeout: 20_000, interval: 5 }).toBeGreaterThan(0)
  await follower.kill()

  const again = await startDaemon(join(folder, 'follower'), { name: 'follower', bootstrap: [author.addr] })
  await expect
    .poll(async () => (await again.client.call('sync.status', { ledger: author.ledger })).ledgers[0], {
      timeout: 40_000
    })
    .toMatchObject({ status: 'synced', size: 10_001, audited: 10_001 })
  const roots = await Promise.all(
    [author, again].map(({ client }) => client.call('ledger.head', { ledger: author.ledger }))
  )
  expect(roots[1]!.root).toBe(roots[0]!.root)
  expect(await again.client.call('ledger.verifyChain', { ledger: author.ledger })).toMatchObject({ valid: true })
  await Promise.all([author.stop(), again.stop()])
}, 90_000)
