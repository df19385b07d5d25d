/**
 * docs/FORMATS.md §9 and §10 against what a node that was used leaves behind: every file and every row is one that the
 * page describes.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LedgerClient } from '../../src/rpc/client.js'
import { openLevel } from '../../src/store/store.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { isText, ROWS, tableOf } from './store-rows.js'
import { BIN, startDaemon } from './daemon.js'

const PAGE = readFileSync('docs/FORMATS.md', 'utf8')
const EXAMPLES = 'test/vectors/files'
/** Inside LevelDB's folders: its own. */
const LEVELDB = /^(?:CURRENT|LOCK|LOG(?:\.old)?|MANIFEST-\d+|\d+\.(?:log|ldb))$/

function run(home: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [BIN, '--home', home, ...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim())
      else reject(new Error(`${args.join(' ')}: ${stderr}`))
    })
  })
}

/** Names of members, of lists' items too: what a reader of the file must expect. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, (value as Record<string, unknown>)[name]] as const)
      .map(([name, one]) => [name, shape(one)])
  )
}

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

test('a home that was used has the files of FORMATS §9, of that form, and its database the rows of §10', async () => {
  const folder = await temporaryFolder()
  const [home, backup] = [join(folder, 'a'), join(folder, 'backup')]
  onTestFinished(async () => {
    await run(home, 'stop').catch(() => '')
  })
  const started = JSON.parse(await run(home, '--json', 'start', '--detach', '--listen', '/ip4/127.0.0.1/tcp/0')) as {
    ledger: string
    addrs: string[]
    socket: string
  }
  const client = await LedgerClient.connect(started.socket)
  const bob = await startDaemon(join(folder, 'b'), { name: 'bob', bootstrap: started.addrs })
  const entry = { stream: 's', type: 't', payload: 1 }
  await client.call('ledger.append', { ...entry, issuer_oid: 'i', subject_oid: 's' })
  const {
    entry: { hash }
  } = await client.call('ledger.append', entry)
  await client.call('ledger.erase', { hashes: [hash] })
  await client.call('sync.follow', { ledger: bob.ledger, headers: true })
  await client.call('alias.set', { alias: 'friend', ledger: bob.ledger })
  await bob.client.call('sync.follow', { ledger: started.ledger })
  await client.call('keys.rotate', {})
  await client.call('ledger.append', entry)
  await client.call('ledger.checkpoint', {})
  await expect.poll(() => existsSync(join(home, 'witnesses.json')), { timeout: 60_000 }).toBe(true)
  await client.call('node.backup', { folder: backup, withKeys: true })
  await client.close()
  await run(home, 'stop')

  const named = [...PAGE.slice(PAGE.indexOf('## 9.'), PAGE.indexOf('## 10.')).matchAll(/^\| (`.*?) \|/gm)].flatMap(
    ([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
  )
  const isNamed = (name: string): boolean =>
    named.some((one) => one.replace('<16 hex digits>', name.slice(-16)).replace(/\/$/, '') === name)
  const found = readdirSync(home)
  expect(found).toEqual(
    expect.arrayContaining([
      'ledger.key',
      'next.key',
      'peer.key',
      'signer.json',
      'witnesses.json',
      'machine.json',
      'own-records.json',
      'node.log',
      'db',
      'libp2p'
    ])
  )
  expect(found.filter((name) => name !== 'rpc' && !isNamed(name))).toEqual([])
  const modes = found.map((name) => ({ name, stat: statSync(join(home, name)) }))
  expect(
    modes.filter(({ stat }) => (stat.mode & 0o777) !== (stat.isDirectory() ? 0o700 : 0o600)).map(({ name }) => name)
  ).toEqual([])
  for (const name of ['witnesses.json', 'machine.json', 'own-records.json'])
    expect(shape(readJson(join(home, name)))).toEqual(shape(readJson(join(EXAMPLES, name))))
  for (const name of found.filter((one) => one.includes('.key')))
    expect(readFileSync(join(home, name), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/)
  expect(
    readFileSync(join(home, 'node.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => !isLogged(line))
  ).toEqual([])
  expect(readFileSync(join(home, 'node.log'), 'utf8')).toContain('"event":"daemon.started"')
  for (const name of ['db', 'libp2p']) for (const file of readdirSync(join(home, name))) expect(file).toMatch(LEVELDB)
  expect(readdirSync(backup).toSorted()).toEqual([
    'backup.json',
    'db',
    'ledger.key',
    'peer.key',
    'signer.json.at-backup',
    'witnesses.json'
  ])
  expect(shape(readJson(join(backup, 'backup.json')))).toEqual(shape(readJson(join(EXAMPLES, 'backup.json'))))

  await checkRows(join(home, 'db'))
}, 120_000)

function isLogged(line: string): boolean {
  const { level, time, event, msg } = JSON.parse(line) as Record<string, unknown>
  return (
    ['debug', 'info', 'warn', 'error'].includes(level as string) &&
    typeof time === 'number' &&
    typeof event === 'string' &&
    typeof msg === 'string'
  )
}

async function checkRows(folder: string): Promise<void> {
  const table = tableOf(PAGE)
  const db = await openLevel(folder, { createIfMissing: false })
  try {
    const seen = new Set<string>()
    const others: string[] = []
    for await (const [key, value] of db.iterator()) {
      const [family = 'unknown'] = Object.entries(table).find(([, byte]) => byte === key[0]) ?? []
      seen.add(family)
      if (ROWS[family]?.(key.subarray(1), value) !== true)
        others.push(`${family} ${key.toString('hex')} → ${isText(value) ? value.toString() : value.toString('hex')}`)
    }
    expect(others).toEqual([])
    expect([...seen].toSorted()).toEqual(
      expect.arrayContaining([
        'checkpoint',
        'entry',
        'erased',
        'follow',
        'hash',
        'id',
        'issuer',
        'keyEntry',
        'ledger',
        'meta',
        'node',
        'payload',
        'state',
        'stream',
        'subject',
        'type'
      ])
    )
  } finally {
    await db.close()
  }
}
