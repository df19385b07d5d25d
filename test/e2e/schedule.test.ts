/** Real daemons with schedules: what waits says so on the command line, also after a kill; and figures come out. */
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN, startDaemon } from './daemon.js'

async function home(folder: string, name: string, config: object): Promise<string> {
  const path = join(folder, name)
  await mkdir(path, { recursive: true })
  await writeFile(join(path, 'config.json'), JSON.stringify(config))
  return path
}

async function cli(at: string, ...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [BIN, '--home', at, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, COLUMNS: '80' }
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      out += chunk
    })
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  return { code, out }
}

const notes = (count: number) => Array.from({ length: count }, (_, n) => ({ stream: 's', type: 't', payload: n }))

test('windows, a pause with an end, jobs and figures; a kill -9 forgets none of it', async () => {
  const folder = await temporaryFolder()
  const author = await startDaemon(await home(folder, 'author', { dht: false, push: { accept: 'anyone' } }), {
    name: 'author'
  })
  const config = { dht: false, limits: { maxJobs: 2, inKiBps: 4096 } }
  const first = await startDaemon(await home(folder, 'follower', config), { name: 'follower' })
  await author.client.call('ledger.appendBatch', { entries: notes(20) })
  // A minute of the week that is not now.
  const day = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 3) % 7]!
  const added = await cli(
    first.home,
    ...['remotes', 'add', author.ledger, '--endpoint', author.addr, '--direction', 'bidirectional'],
    ...['--schedule', `${day} 03:00-03:01 UTC`, '--priority', '7', '--in', '512']
  )
  expect([added.code, added.out]).toEqual([0, expect.stringContaining('03:00-03:01')])
  expect(Math.max(...added.out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
  await vi.waitFor(
    async () => {
      const { out } = await cli(first.home, 'jobs')
      expect(out).toContain('SCHEDULED')
      expect(out).toContain('It is not its time')
      expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80)
    },
    { timeout: 15_000, interval: 500 }
  )
  await first.kill()
  const follower = await startDaemon(first.home, { name: 'follower' })
  expect((await follower.client.call('sync.remotes', {})).remotes).toMatchObject([
    { schedule: `${day} 03:00-03:01 UTC`, open: false, priority: 7, inKiBps: 512 }
  ])
  // Asked for, it goes both ways at once; then it waits for its window again.
  const both = await cli(follower.home, 'sync-with', author.ledger, '--wait', '30s')
  expect([both.code, both.out]).toEqual([0, expect.stringContaining('all 1 confirmed')])
  await vi.waitFor(
    async () => {
      const { jobs } = await follower.client.call('sync.jobs', { history: true })
      expect(jobs.map(({ state }) => state)).toEqual(['done', 'done'])
      expect(jobs[0]!.history.length).toBeGreaterThan(1)
    },
    { timeout: 15_000 }
  )
  const report = await cli(follower.home, 'doctor')
  expect(report.out).not.toContain('SCHEDULED since')
  // A pause that ends by itself.
  await cli(follower.home, 'remotes', 'update', author.ledger, '--schedule', 'continuous')
  const paused = await cli(follower.home, 'pause', author.ledger, '--for', '3s')
  expect(paused.out).toMatch(/PAUSED since .*next\s+try\s+in/s)
  await author.client.call('ledger.appendBatch', { entries: notes(1) })
  await vi.waitFor(
    async () => {
      const { ledgers } = await follower.client.call('sync.status', { ledger: author.ledger })
      expect(ledgers).toMatchObject([{ status: 'synced', size: 22 }])
    },
    { timeout: 20_000 }
  )
  const { code, out } = await cli(follower.home, 'metrics')
  expect(code).toBe(0)
  expect(out).toContain(`ledgermesh_sync_ledger_behind_entries{ledger="${author.ledger}"} 0`)
  expect(out).toMatch(/\nlibp2p_/)
  await follower.stop()
  await author.stop()
}, 120_000)
