/** SIGHUP and a real node: docs/OPERATIONS.md, "Signals". */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { RELOADED_KEYS } from '../../src/config/settings.js'
import { LedgerClient } from '../../src/rpc/client.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN } from './daemon.js'

interface Started {
  child: ChildProcess
  said: Record<string, unknown>[]
  home: string
  socket: string
}

async function start(...flags: string[]): Promise<Started> {
  const home = join(await temporaryFolder(), 'home')
  const child = spawn(
    process.execPath,
    [BIN, '--home', home, '--json', 'start', '--listen', '/ip4/127.0.0.1/tcp/0', ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const said: Record<string, unknown>[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      said.push(JSON.parse(line) as Record<string, unknown>)
    })
  await expect.poll(() => said.some(({ socket }) => socket !== undefined), { timeout: 20_000 }).toBe(true)
  return { child, said, home, socket: said.find(({ socket }) => socket !== undefined)!.socket as string }
}

test('in the foreground it stops in order', async () => {
  const { child, said, socket } = await start()
  const ended = once(child, 'exit')
  child.kill('SIGHUP')
  expect(await ended).toEqual([0, null])
  expect(said).toEqual(expect.arrayContaining([expect.objectContaining({ msg: 'stopping', why: 'SIGHUP' })]))
  expect(existsSync(socket)).toBe(false)
})

test('in the background it reads the settings again; what cannot be read changes nothing, and the node goes on', async () => {
  const { child, said, home, socket } = await start('--background')
  const times = (message: string): number => said.filter(({ msg }) => msg === message).length
  writeFileSync(join(home, 'config.json'), JSON.stringify({ logLevel: 'debug', region: 'eu' }))
  child.kill('SIGHUP')
  const READ = 'settings reloaded; those under `later` need a restart'
  await expect.poll(() => times(READ), { timeout: 20_000 }).toBe(1)
  expect(said.find(({ msg }) => msg === READ)).toMatchObject({ changed: ['logLevel'], later: ['region'], left: [] })
  writeFileSync(join(home, 'config.json'), '{"logLevel": "loud"}')
  const before = said.length
  child.kill('SIGHUP')
  await expect.poll(() => said.slice(before).some(({ level }) => level === 'error'), { timeout: 20_000 }).toBe(true)
  expect(times(READ)).toBe(1)
  const client = await LedgerClient.connect(socket)
  expect(await client.call('node.status', {})).toMatchObject({ home })
  await client.close()
})

test('the page names what counts at once', () => {
  const [, text] = /\*\*Signals\.\*\*([^]*?)\n\n/.exec(readFileSync('docs/OPERATIONS.md', 'utf8'))!
  expect([...text!.matchAll(/`([a-zA-Z]+)`/g)].map(([, key]) => key)).toEqual([...RELOADED_KEYS])
})
