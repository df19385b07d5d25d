/** The tools around a real daemon: proofs, exports, backups, fsck and keys, as an operator types them. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyConsistency } from '../../src/core/merkle.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { BIN, startDaemon, type TestDaemon } from './daemon.js'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

function run(home: string, ...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, '--home', home, ...args], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    )
  })
}

async function newDaemon(): Promise<{ folder: string; home: string; daemon: TestDaemon }> {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  await mkdir(home, { mode: 0o700 })
  return { folder, home, daemon: await startDaemon(home) }
}

/** The first checkpoint is made a second after the start. */
async function checkpointOf({ client }: TestDaemon): Promise<void> {
  const deadline = Date.now() + 20_000
  while ((await client.call('ledger.checkpoint', {}).catch(() => null)) === null) {
    if (Date.now() > deadline) throw new Error('no checkpoint was made')
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
  }
}

test('proof and export are checked without a node; flipped, they are refused', async () => {
  const { folder, home, daemon } = await newDaemon()
  await daemon.client.call('ledger.appendBatch', {
    entries: Array.from({ length: 700 }, (_, i) => ({ stream: 's', type: 't', id: `e-${i}`, payload: { i } }))
  })
  await checkpointOf(daemon)
  const proof = join(folder, 'proof.json')
  await writeFile(proof, (await run(home, 'prove', 'genesis')).stdout)
  const exported = join(folder, 'export.jsonl')
  expect(await run(home, 'export', '--out', exported)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('701 entries')
  })
  expect((await run(home, 'export')).stdout).toBe(await readFile(exported, 'utf8'))
  expect(JSON.parse((await run(home, 'verify', '--json')).stdout)).toMatchObject({ valid: true, entries: 701 })
  const consistent = JSON.parse((await run(home, 'consistency', '300', '701')).stdout) as Parameters<
    typeof verifyConsistency
  >[0]
  expect(verifyConsistency(consistent)).toBe(true)
  expect(await run(home, 'consistency', '300', '702')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOT_FOUND')
  })
  await daemon.stop()

  const nowhere = join(folder, 'nowhere')
  expect(await run(nowhere, 'verify', proof)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('valid: test has entry 0')
  })
  expect(await run(nowhere, 'verify', exported)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('valid: all 701 entries of test')
  })
  expect(JSON.parse((await run(nowhere, 'verify', exported, '--json')).stdout)).toMatchObject({
    valid: true,
    file: 'export',
    export: { entries: 701, payloads: { present: 700, none: 1 } }
  })
  for (const [file, find, replace] of [
    [proof, '"name\\":\\"test', '"name\\":\\"tesu'],
    [exported, '{\\"i\\":50}', '{\\"i\\":51}']
  ] as const) {
    const text = await readFile(file, 'utf8')
    expect(text).toContain(find)
    await writeFile(file, text.replace(find, replace))
    expect(await run(nowhere, 'verify', file)).toMatchObject({ code: 1, stderr: expect.stringContaining('BAD_PROOF') })
  }
  await writeFile(proof, '{"kind": "same-seq"}')
  expect(await run(nowhere, 'verify', proof)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('BAD_EVIDENCE')
  })
  await writeFile(proof, 'hello')
  expect(await run(nowhere, 'verify', proof)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('neither a proof')
  })
  expect(await run(nowhere, 'verify', 'no-such-file')).toMatchObject({ code: 3 })
}, 120_000)

test('backup, keys and fsck', async () => {
  const { folder, home, daemon } = await newDaemon()
  await daemon.client.call('ledger.append', { stream: 's', type: 't', payload: 1 })
  const backup = join(folder, 'backup')
  expect(await run(home, 'fsck')).toMatchObject({ code: 1, stderr: expect.stringContaining('ALREADY_RUNNING') })
  expect(JSON.parse((await run(home, 'keys', 'show', '--json')).stdout)).toMatchObject({
    ledgerKey: 'here',
    nextKey: 'here',
    retired: []
  })
  expect(await run(home, 'backup', 'create', backup)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('without keys')
  })
  expect(await run(home, 'backup', 'create', backup)).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('BAD_FILE')
  })
  expect(await run(home, 'backup', 'verify', backup)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Clean')
  })
  // in the running node, which goes on with the new key
  expect(await run(home, 'keys', 'rotate')).toMatchObject({ code: 0, stdout: expect.stringContaining('entry 2') })
  await daemon.client.call('ledger.append', { stream: 's', type: 't', payload: 2 })
  expect(JSON.parse((await run(home, 'keys', 'show', '--json')).stdout)).toMatchObject({
    ledgerKey: 'here',
    nextKey: 'here',
    retired: [expect.any(String)]
  })
  await daemon.stop()

  expect(await run(home, 'fsck')).toMatchObject({ code: 0, stdout: 'Clean: 1 ledger, 4 entries.\n' })
  const refused = await run(home, 'keys', 'rotate')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('first asks other nodes') })
  const alone = await run(home, 'keys', 'rotate', '--offline')
  expect(alone).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('entry 4'),
    stderr: expect.stringContaining('no other node is asked')
  })
  expect(JSON.parse((await run(home, 'keys', 'show', '--json')).stdout)).toMatchObject({
    ledgerKey: 'here',
    nextKey: 'here',
    retired: [expect.any(String), expect.any(String)]
  })
  const again = await startDaemon(home)
  await again.client.call('ledger.append', { stream: 's', type: 't', payload: 3 })
  await again.stop()
  expect(JSON.parse((await run(home, 'fsck', '--json')).stdout)).toMatchObject({
    clean: true,
    ledgers: [{ entries: 6, own: true }]
  })

  await rm(join(home, 'signer.json'))
  expect(await run(home, 'fsck', '--rebuild')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('mark-missing')
  })
  const waiting = await startDaemon(home)
  expect((await waiting.client.call('node.status', {})).own).toMatchObject({
    state: 'restoring',
    waiting: expect.stringContaining('signer.json')
  })
  await waiting.stop()
}, 120_000)
