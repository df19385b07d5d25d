import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { OWN } from '../rpc/fake-node.js'
import { cli, FAKE_DAEMON, spawnNode, temporaryHome } from './run-cli.js'

interface Daemon {
  child: ChildProcess
  started: Record<string, unknown>
  ended: Promise<[number | null, string | null]>
  lines: string[]
}

async function startFake(home: string, ...flags: string[]): Promise<Daemon> {
  const child = spawnNode(FAKE_DAEMON, [home, ...flags])
  const ended = once(child, 'close') as Promise<[number | null, string | null]>
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout! })
  reader.on('line', (line) => lines.push(line))
  await once(reader, 'line')
  return { child, started: JSON.parse(lines[0]!) as Record<string, unknown>, ended, lines }
}

test('says what it is when the socket serves', async () => {
  const home = await temporaryHome()
  const { started } = await startFake(home)
  expect(started).toMatchObject({
    ledger: OWN,
    addrs: [expect.any(String)],
    home,
    socket: expect.stringContaining(home),
    created: true
  })
  expect((await cli(home, ['head'])).code).toBe(0)
})

test.each(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP'] as const)(
  '%s stops it in order and removes the socket',
  async (signal) => {
    const home = await temporaryHome()
    const { child, started, ended, lines } = await startFake(home)
    child.kill(signal)
    expect(await ended).toEqual([0, null])
    expect(lines.at(-1)).toBe('stopped in order')
    expect(existsSync(started.socket as string)).toBe(false)
  }
)

test('SIGHUP in the background reads the settings again, as often as it comes; it goes on', async () => {
  const home = await temporaryHome()
  const { child, lines } = await startFake(home, '--background')
  for (const count of [1, 2]) {
    child.kill('SIGHUP')
    await expect.poll(() => lines.filter((line) => line === 'reloaded').length, { timeout: 10_000 }).toBe(count)
  }
  expect((await cli(home, ['head'])).code).toBe(0)
})

test('a terminal that closes says so twice: it still stops in order', async () => {
  const { child, ended, lines } = await startFake(await temporaryHome())
  child.kill('SIGHUP')
  child.kill('SIGHUP')
  expect(await ended).toEqual([0, null])
  expect(lines.at(-1)).toBe('stopped in order')
})

test('SIGTERM ends a start that never comes to its end', async () => {
  const { child, ended } = await startFake(await temporaryHome(), '--starts-never')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
}, 15_000)

test('a second signal ends it at once', async () => {
  const { child, ended, lines } = await startFake(await temporaryHome(), '--hang')
  child.kill('SIGINT')
  // Two signals that nobody has taken yet are one.
  await expect.poll(() => lines.at(-1)).toBe('closing')
  expect(child.exitCode).toBe(null)
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
})

test('`ledgermesh stop` stops it', async () => {
  const home = await temporaryHome()
  const { ended } = await startFake(home)
  expect((await cli(home, ['stop'])).code).toBe(0)
  expect(await ended).toEqual([0, null])
})

test('with --until-stdin-ends it ends with its starter; without it stdin does not matter', async () => {
  const one = await startFake(await temporaryHome(), '--until-stdin-ends')
  const home = await temporaryHome()
  const other = await startFake(home)
  one.child.stdin!.end()
  other.child.stdin!.end()
  expect(await one.ended).toEqual([0, null])
  expect((await cli(home, ['head'])).code).toBe(0)
})

test('nobody who reads its output: it goes on', async () => {
  const home = await temporaryHome()
  const { child } = await startFake(home)
  child.stdout!.destroy()
  child.stderr!.destroy()
  expect((await cli(home, ['head'])).code).toBe(0)
})
