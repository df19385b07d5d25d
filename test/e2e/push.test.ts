/** Two real daemons: one that nobody can dial pushes to one that has never heard of it. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN, startDaemon } from './daemon.js'
import { pushHistory } from './push-run.js'

async function home(folder: string, name: string, config: object): Promise<string> {
  const path = join(folder, name)
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'config.json'), JSON.stringify(config))
  return path
}

async function cli(at: string, ...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [BIN, '--home', at, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
  return {
    code: await new Promise<number | null>((resolve) => {
      child.once('close', resolve)
    }),
    out
  }
}

test('a token, a remote, a push that waits; an append that names who has it and who has not', async () => {
  const folder = await temporaryFolder()
  const backup = await startDaemon(await home(folder, 'backup', { dht: false }), { name: 'backup' })
  const laptop = await startDaemon(await home(folder, 'laptop', { dht: false }), { name: 'laptop' })
  await laptop.client.call('ledger.appendBatch', {
    entries: Array.from({ length: 100 }, (_, n) => ({ stream: 's', type: 't', payload: n }))
  })
  // without a token: DENIED, and the exit code says so
  await cli(laptop.home, 'remotes', 'add', backup.ledger, '--endpoint', backup.addr, '--direction', 'push')
  const denied = await cli(laptop.home, 'push', backup.ledger, '--wait', '20s')
  expect([denied.code, denied.out]).toEqual([1, expect.stringContaining('DENIED')])
  const { token } = JSON.parse(
    (await cli(backup.home, '--json', 'invite', '--days', '30', '--bytes', '50000000')).out
  ) as { token: string }
  await cli(laptop.home, 'remotes', 'update', backup.ledger, '--token', token)
  const pushed = await cli(laptop.home, 'push', backup.ledger, '--wait', '20s')
  expect([pushed.code, pushed.out]).toEqual([0, expect.stringContaining('all 101 confirmed')])
  const appended = await cli(
    laptop.home,
    'append',
    '--stream',
    's',
    '--type',
    't',
    '--payload',
    '1',
    '--replicas',
    '1',
    '--timeout',
    '20s'
  )
  expect([appended.code, appended.out]).toEqual([
    0,
    expect.stringMatching(/Confirmed by b[a-z2-7]{52} \(1 of 1\s+remote\)/) as string
  ])
  expect((await cli(backup.home, 'remotes', 'list')).out).toContain('47.7 MiB')
  // one more that nobody can reach: named, with the reason, and no error
  const ghost = `b${'a'.repeat(52)}`
  await laptop.client.call('sync.addRemote', { ledger: ghost, direction: 'push' })
  const short = JSON.parse(
    (await cli(laptop.home, '--json', 'append', '--stream', 's', '--type', 't', '--replicas', '2', '--timeout', '3s'))
      .out
  ) as { confirmed: string[]; waiting: { ledger: string; code: string }[] }
  expect(short).toMatchObject({ confirmed: [backup.ledger], waiting: [{ ledger: ghost, code: 'NO_CONNECTION' }] })
  await laptop.stop()
  await backup.stop()
}, 120_000)

test('kill -9 of the one or the other: nothing is lost or doubled, and no receipt says more than is there', async () => {
  const figures = await pushHistory(2, 2)
  expect(figures.killsOfReceiver + figures.killsOfPusher).toBe(2)
  expect(figures.receipts).toBeGreaterThan(0)
}, 240_000)
