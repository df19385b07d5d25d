import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { encodeEvidence, evidenceId, sameSeqEvidence } from '../../src/core/evidence.js'
import { verifyFile } from '../../src/cli/verify-file.js'
import { formatExportEntry, formatExportHead } from '../../src/core/export.js'
import { toHex } from '../../src/core/hash.js'
import { Author, codeOf, NETWORK } from '../core/author.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { cli, startNode } from './run-cli.js'

async function fork(): Promise<{ bytes: Uint8Array; ledger: string }> {
  const author = await Author.create()
  const other = author.fork()
  const [a, b] = [await author.append(), await other.append({ id: 'other' })]
  return { bytes: encodeEvidence(sameSeqEvidence(author.accused(), 1, a.raw, b.raw)), ledger: author.ledger }
}

test('evidence: written byte for byte, and verified offline', async () => {
  const { home, node } = await startNode()
  const { bytes, ledger } = await fork()
  const id = evidenceId(bytes)
  node.evidenceHeld = [
    { id, ledger, kind: 'same-seq', seq: 1, freezes: true, state: 'freezes', evidence: Buffer.from(bytes).toString() }
  ]
  const file = join(home, 'evidence.json')
  expect(await cli(home, ['evidence', '--export', id.slice(0, 8), file])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('verify')
  })
  expect(await readFile(file)).toEqual(bytes)
  expect(await verifyFile(file, true)).toEqual({
    valid: true,
    file: 'evidence',
    evidence: { ledger, network: NETWORK, kind: 'same-seq', seq: 1, id }
  })
  await writeFile(file, Buffer.concat([bytes, Buffer.from('\n')]))
  expect(await verifyFile(file, true)).toMatchObject({ valid: true })
  await writeFile(file, Buffer.concat([bytes, Buffer.from('\n\n')]))
  expect(await codeOf(() => verifyFile(file, true))).toBe('BAD_EVIDENCE')
  expect(await cli(home, ['evidence', '--export', 'ffff', file])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('NOT_FOUND')
  })
  expect(await cli(home, ['evidence', '--export', id])).toMatchObject({ code: 3 })
})

test('an export: also compressed; blank lines and half a line are refused', async () => {
  const file = join(await temporaryFolder(), 'export.jsonl')
  const author = await Author.create()
  await author.appendPayload({ a: 1 })
  const key = author
    .keyEntries()
    .map(({ raw }) => ({ header: Buffer.from(raw.header).toString(), signature: toHex(raw.signature) }))
  const lines = [
    formatExportHead({
      v: 1,
      network: NETWORK,
      ledger: author.ledger,
      key_entries: key,
      checkpoint: await author.checkpoint()
    }),
    ...author.entries.map(({ raw }) => formatExportEntry(raw))
  ]
  const code = async (content: string | Uint8Array): Promise<string | undefined> => {
    await writeFile(file, content)
    return await codeOf(() => verifyFile(file, true))
  }
  const text = `${lines.join('\n')}\n`
  expect(await code(text)).toBeUndefined()
  expect(await code(text.trimEnd())).toBeUndefined()
  expect(await code(gzipSync(text))).toBeUndefined()
  expect(await code(text.replaceAll('\n', '\n\n'))).toBe('BAD_PROOF')
  expect(await code(text.slice(0, -10))).toBe('BAD_PROOF')
  expect(await code(`${lines[0]!}\n`)).toBe('BAD_PROOF')
  expect(await code(`\n${text}`)).toBe('BAD_FILE')
  expect(await code('')).toBe('BAD_FILE')
  expect(await code(gzipSync(text).subarray(0, 100))).toBe('BAD_FILE')
})

test('an index fault: which one, over how many entries; another index convicts nobody', async () => {
  const home = await temporaryFolder()
  const file = join(home, 'fault.json')
  const text = await readFile('test/vectors/files/index-fault-range.json', 'utf8')
  await writeFile(file, `${text}\n`)
  expect(await cli(home, ['verify', file])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/contradict \(range\)[^]*entry 20, over 20 entries[^]*the first 22 entries/)
  })
  await writeFile(file, text.replace('"position":8', '"position":9'))
  expect(await codeOf(() => verifyFile(file, true))).toBe('BAD_PROOF')
})
