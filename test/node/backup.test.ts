import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createBackup, MARK_AT_BACKUP, verifyBackup } from '../../src/node/home/backup.js'
import { createLedger, type MeshLedger } from '../../src/node/create-ledger.js'
import { silentLog } from '../../src/node/runtime/system.js'
import { seqKey } from '../../src/store/keys.js'
import { openStoreAsIs } from '../../src/store/store.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'

const log = silentLog

async function opened(home: string): Promise<MeshLedger> {
  const ledger = await createLedger({ dataDir: home })
  onTestFinished(() => ledger.close())
  return ledger
}

async function appendSome(ledger: MeshLedger, count: number): Promise<void> {
  await ledger.appendBatch(Array.from({ length: count }, (_, i) => ({ stream: 's', type: 't', payload: { i } })))
}

test('a backup made under load is one moment, whole, and becomes a home again', async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  const ledger = await opened(home)
  writeFileSync(join(home, 'config.json'), '{"name": "acme"}')
  await appendSome(ledger, 200)
  let stop = false
  const load = (async () => {
    while (!stop) await appendSome(ledger, 20)
  })()
  const target = join(folder, 'backup')
  const report = await createBackup(ledger.parts, target)
  stop = true
  await load
  const { entries } = report.ledgers[0]!
  expect(entries).toBeGreaterThanOrEqual(201)
  expect((entries - 1) % 20).toBe(0)
  expect(report).toMatchObject({
    v: 1,
    folder: target,
    ledger: ledger.id,
    keys: false,
    ledgers: [{ ledger: ledger.id }]
  })
  expect(readdirSync(target).toSorted()).toEqual(['backup.json', 'config.json', 'db', MARK_AT_BACKUP].toSorted())
  expect(await verifyBackup(target, { log })).toMatchObject({
    valid: true,
    missing: [],
    report: { clean: true, ledgers: [{ entries }] }
  })
  await ledger.close()
  // the home is lost but for its keys; the mark at the backup is put in place: the operator's word that nothing was
  // signed since
  for (const key of ['ledger.key', 'peer.key']) cpSync(join(home, key), join(target, key))
  renameSync(join(target, MARK_AT_BACKUP), join(target, 'signer.json'))
  const restored = await opened(target)
  expect(restored.id).toBe(ledger.id)
  expect(await restored.verifyChain({})).toMatchObject({ valid: true, entries })
})

test("a backup into what is the node's own is refused, and leaves nothing there", async () => {
  const home = await temporaryFolder()
  const ledger = await opened(home)
  for (const own of ['db', 'libp2p', 'rpc']) {
    await expect(createBackup(ledger.parts, join(home, own, 'monday'))).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining(`is inside ${join(home, own)}`)
    })
    await expect(createBackup(ledger.parts, join(home, own))).rejects.toMatchObject({ code: 'BAD_FILE' })
  }
  expect(readdirSync(join(home, 'db')).filter((name) => name.includes('monday'))).toEqual([])
  // beside them it may lie
  expect(await createBackup(ledger.parts, join(home, 'monday'))).toMatchObject({ ledger: ledger.id })
})

test('a node that starts from an old copy does not sign: with its newer mark, or without one', async () => {
  const folder = await temporaryFolder()
  const home = join(folder, 'home')
  const ledger = await opened(home)
  await appendSome(ledger, 5)
  const target = join(folder, 'backup')
  await createBackup(ledger.parts, target, { withKeys: true })
  await appendSome(ledger, 5)
  await ledger.close()
  expect(existsSync(join(target, 'next.key'))).toBe(false)

  const unmarked = await opened(target)
  await expect(unmarked.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'RESTORING' })
  await unmarked.close()

  rmSync(join(home, 'db'), { recursive: true })
  cpSync(join(target, 'db'), join(home, 'db'), { recursive: true })
  const old = await opened(home)
  expect(old.parts.ledgers.own).toMatchObject({ size: 6, signer: 'restoring', restoreTarget: { seq: 10 } })
  await expect(old.append({ stream: 's', type: 't' })).rejects.toMatchObject({ code: 'RESTORING' })
})

test('what is damaged or missing in a backup is named', async () => {
  const folder = await temporaryFolder()
  const ledger = await opened(join(folder, 'home'))
  await appendSome(ledger, 5)
  const target = join(folder, 'backup')
  await createBackup(ledger.parts, target)
  const store = await openStoreAsIs(join(target, 'db'), { log })
  await store.write([{ type: 'del', key: seqKey('entry', ledger.parts.ledgers.own.ledgerNumber, 5) }], { sync: true })
  await store.close()
  const checked = await verifyBackup(target, { log })
  expect(checked).toMatchObject({ valid: false, missing: [expect.stringContaining('5 of 6')] })
  expect(checked.report.found.damage.map(({ kind }) => kind)).toContain('torn-own')
  rmSync(join(target, 'backup.json'))
  await expect(verifyBackup(target, { log })).rejects.toMatchObject({ code: 'BAD_FILE' })
})

test('a backup is made in a new folder with an absolute path', async () => {
  const folder = await temporaryFolder()
  const ledger = await opened(join(folder, 'home'))
  mkdirSync(join(folder, 'there'))
  await expect(createBackup(ledger.parts, join(folder, 'there'))).rejects.toMatchObject({ code: 'BAD_FILE' })
  await expect(createBackup(ledger.parts, 'there')).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(createBackup(ledger.parts, join(folder, 'no', 'where'))).rejects.toMatchObject({ code: 'BAD_FILE' })
  expect(readdirSync(folder).toSorted()).toEqual(['home', 'there'])
})
