/** Three daemons: one that follows nothing asks from the command line, keeps the answer, and others check it offline. */
import { execFile } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runChecker, whyNoChecker } from '../checker/python.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN, startDaemon, type TestDaemon } from './daemon.js'

const run = promisify(execFile)

async function cli(home: string, ...args: string[]): Promise<string> {
  return (await run(process.execPath, [BIN, '--home', home, ...args], { env: { ...process.env, COLUMNS: '200' } }))
    .stdout
}

async function daemonOf(folder: string, name: string, subjects: string[]): Promise<TestDaemon> {
  const daemon = await startDaemon(join(folder, name), { name })
  await daemon.client.call('ledger.appendBatch', {
    entries: subjects.map((subject) => ({ stream: 'main', type: 'note', subject_oid: subject, payload: { name } }))
  })
  await daemon.client.call('ledger.prove', { seq: subjects.length }) // a checkpoint covers them all
  return daemon
}

test(
  'asked across three ledgers, kept in a file, and checked offline by two readers',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder()
    const b = await daemonOf(folder, 'b', ['oid:x', 'oid:y', 'oid:x'])
    const c = await daemonOf(folder, 'c', ['oid:x'])
    const a = await daemonOf(folder, 'a', ['oid:y'])
    for (const { addr } of [b, c]) await a.client.call('network.connect', { address: addr })
    await a.client.call('trust.attest', { ledger: b.ledger, levelMilli: 800 })
    await a.client.call('trust.attest', { ledger: c.ledger, levelMilli: 400 })

    const file = join(folder, 'answer.json')
    const ask = ['query', '--across', '--subject', 'oid:x']
    const screen = await cli(a.home, ...ask, '--min-trust-milli', '0.7', '--save', file)
    expect(screen).toContain('complete: yes, 2 ledgers')
    expect(screen).toContain('proved: nothing was left out')
    expect((await stat(file)).mode & 0o077).toBe(0)
    const all = JSON.parse(await cli(a.home, ...ask, '--json')) as { complete: boolean; aggregated: unknown[] }
    expect(all).toMatchObject({ complete: true })
    expect(all.aggregated).toHaveLength(3)
    expect(JSON.parse(await cli(a.home, ...ask, '--count', '--json'))).toMatchObject({ total: 3, complete: true })
    expect((await a.client.call('sync.status', {})).ledgers).toHaveLength(1)

    for (const daemon of [a, b, c]) await daemon.stop()
    const verified = JSON.parse(await cli(folder, 'verify', file, '--json')) as {
      answer: { proved: boolean; entries: unknown[] }
    }
    expect(verified.answer).toMatchObject({ proved: true, complete: true })
    expect(verified.answer.entries).toHaveLength(2)
    expect(await cli(folder, 'verify', file)).toContain('yes: every entry of every ledger is in the file')

    // One entry is taken out of the file, and the span with it.
    const answer = JSON.parse(await readFile(file, 'utf8')) as {
      parts: { pages: { span: { to: number }; entries: object[] }[] }[]
    }
    const page = answer.parts.map(({ pages }) => pages[0]!).find(({ entries }) => entries.length > 3)!
    page.entries.pop()
    page.span.to--
    const cut = join(folder, 'cut.json')
    await writeFile(cut, JSON.stringify(answer))
    await expect(cli(folder, 'verify', cut)).rejects.toThrow(/BAD_PROOF/)
    if (whyNoChecker() !== null) return
    expect((await runChecker([file, cut])).map(({ verdict }) => verdict)).toEqual(['valid', 'invalid'])
  }
)

test(
  'what is needed and does not come is refused with exit code 1; options do not mix',
  { timeout: 60_000 },
  async () => {
    const folder = await temporaryFolder()
    const a = await daemonOf(folder, 'a', ['oid:x'])
    const nobody = `b${'a'.repeat(52)}`
    const ask = ['query', '--across', '--ledgers', nobody, '--deadline', '1s']
    expect(await cli(a.home, ...ask)).toContain(`complete: no: ${nobody} (no_peers)`)
    await expect(cli(a.home, ...ask, '--need', 'complete')).rejects.toMatchObject({ code: 1 })
    for (const wrong of [
      ['query', '--save', 'x'],
      ['query', '--count'],
      ['query', '--need', 'any'],
      ['query', '--across', '--all'],
      ['query', '--across', '--ledger', 'x'],
      ['query', '--across', '--limit', '1000']
    ])
      await expect(cli(a.home, ...wrong)).rejects.toMatchObject({ code: 3 })
  }
)
