/** docs/FORMATS.md, and the file of each format in test/vectors/files. */
import { chmodSync, cpSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyFile } from '../../src/cli/verify-file.js'
import { loadBootstrapFile, loadConfig } from '../../src/config/config.js'
import { readKeyFile } from '../../src/config/key-file.js'
import { paths } from '../../src/config/paths.js'
import { decodeEntry } from '../../src/core/entry.js'
import { sha256Text } from '../../src/core/hash.js'
import { verifyNodeRecord } from '../../src/core/node-record.js'
import { decodePayload } from '../../src/core/payload.js'
import { verifyEntry } from '../../src/core/verify-entry.js'
import { verifySignature } from '../../src/core/signature.js'
import { readTrust } from '../../src/trust/attestation.js'
import { createLedger } from '../../src/node/create-ledger.js'
import { createBackup, readManifest } from '../../src/node/home/backup.js'
import { IssuedRecords } from '../../src/node/home/issued-records.js'
import { MachineIdentity } from '../../src/node/home/machine-identity.js'
import { readMemory } from '../../src/node/home/signer-memory.js'
import { readMark } from '../../src/ledger/signer/signer-mark.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { fillExamples } from './formats-page.js'
import { makeFiles, SEQS } from './make-files.js'

const FOLDER = 'test/vectors/files'
const files = await makeFiles()
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8')

test('the committed files come out again, byte for byte, and the page shows them', async () => {
  expect(Object.fromEntries(readdirSync(FOLDER).map((name) => [name, read(name)]))).toEqual(files)
  const page = readFileSync('docs/FORMATS.md', 'utf8')
  expect(await fillExamples(page)).toBe(page)
  for (const name of Object.keys(files)) expect(page).toContain(name)
})

const PROVING = /^(?:evidence|proof|export|answer|index-fault)/

test.each(Object.keys(files).filter((name) => PROVING.test(name)))('%s verifies', async (name) => {
  expect(await verifyFile(join(FOLDER, name), true)).toMatchObject({ valid: true, file: PROVING.exec(name)![0] })
})

test('the example ledger has an entry of every type that the page lists, and each is what we read in it', () => {
  const page = readFileSync('docs/FORMATS.md', 'utf8')
  const entries = read('export.jsonl')
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line) as { header: string; signature: string; payload: string | null })
  const headers = entries.map((raw) => verifyEntry(raw).header)
  const listed = [...page.matchAll(/^\| `((?:ledger|trust)\.(?!key`)[a-z-]+)` \|/gm)].map(([, type]) => type)
  expect(new Set(listed)).toEqual(new Set(headers.map(({ type }) => type).filter((type) => type !== 'note')))
  for (const seq of [SEQS.attestation, SEQS.revocation, SEQS.acceptance, SEQS.verification])
    expect(readTrust(headers[seq]!, verifyEntry(entries[seq]!).hash)?.type).toBe(headers[seq]!.type)
  expect(entries[SEQS.payload]!.payload).toBeNull()
  const { header, signature } = entries[SEQS.payload]!
  const raw = {
    header: Buffer.from(header),
    signature: Buffer.from(signature, 'hex'),
    payload: Buffer.from(read('payload.json'))
  }
  expect(decodePayload(decodeEntry(raw).raw.payload!).payload).toMatchObject({ title: 'Bachelor' })
})

test('the node record verifies', async () => {
  const { body, signature } = JSON.parse(read('node-record.json')) as { body: string; signature: string }
  expect(
    await verifyNodeRecord(
      { body: Buffer.from(body), signature: Buffer.from(signature, 'hex') },
      'test',
      1_700_000_000_001,
      verifySignature
    )
  ).toMatchObject({ seq: 7, capabilities: ['sync'] })
})

test("the signer's mark is read, and a backup says what the page says", async () => {
  expect(await readMark(join(FOLDER, 'signer.json'))).toMatchObject({
    seq: SEQS.last,
    checkpoint: { size: SEQS.last + 1 }
  })
  const folder = join(await temporaryFolder(), 'backup')
  const ledger = await createLedger({ dataDir: await temporaryFolder() })
  try {
    await createBackup(ledger.parts, folder)
  } finally {
    await ledger.close()
  }
  expect(await readManifest(folder)).toMatchObject({ v: 1, ledgers: [{ entries: 1 }] })
  expect(Object.keys(JSON.parse(readFileSync(join(folder, 'backup.json'), 'utf8')) as object)).toEqual(
    Object.keys(JSON.parse(read('backup.json')) as object)
  )
  expect(readdirSync(folder).toSorted()).toEqual(['backup.json', 'db', 'signer.json.at-backup'])
})

test('the files of a home are read as the page says, by the code that reads a home', async () => {
  const home = await temporaryFolder()
  cpSync(FOLDER, home, { recursive: true })
  for (const name of readdirSync(home)) chmodSync(join(home, name), 0o600)
  const { ledgerKey, config, witnesses, ownRecords } = paths(home)
  expect(Buffer.from(readKeyFile(ledgerKey))).toEqual(Buffer.alloc(32, 2))
  expect(loadConfig(config, {}).config).toMatchObject({ network: 'test', region: 'eu' })
  expect(loadBootstrapFile(join(home, 'bootstrap-nodes.json'), 'test')).toEqual(loadConfig(config, {}).config.bootstrap)
  expect(await readMemory(witnesses)).toMatchObject({ witnesses: [{ seq: SEQS.last }], twin: null })
  expect((await MachineIdentity.open(paths(home))).offlineStarts).toBe(0)
  const { body } = JSON.parse(read('node-record.json')) as { body: string }
  expect((await IssuedRecords.open(ownRecords)).has(sha256Text(body))).toBe(true)
})
