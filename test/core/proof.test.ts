import { describe, expect, test } from 'vitest'
import { formatExportEntry, formatExportHead, verifyExport, type ExportHead } from '../../src/core/export.js'
import { toHex } from '../../src/core/hash.js'
import { consistencyProof, inclusionProof, merkleRoot, verifyConsistency } from '../../src/core/merkle.js'
import { verifyProof, type EntryProof } from '../../src/core/verify-proof.js'
import type { Entry } from '../../src/core/entry.js'
import { Author, bitsOf, codeOf, flipBit, NETWORK } from './author.js'

const text = ({ raw }: Entry): { header: string; signature: string; payload: string | null } => ({
  header: Buffer.from(raw.header).toString(),
  signature: toHex(raw.signature),
  payload: raw.payload === null ? null : Buffer.from(raw.payload).toString()
})
const statement = (entry: Entry): { header: string; signature: string } => ({
  header: text(entry).header,
  signature: text(entry).signature
})

async function proofOf(author: Author, seq: number, size = author.size): Promise<EntryProof> {
  return {
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    key_entries: author
      .keyEntries()
      .filter(({ header }) => header.seq < size)
      .map(statement),
    checkpoint: await author.checkpoint(size),
    seq,
    entry: text(author.entries[seq]!),
    path: inclusionProof(author.hashes().slice(0, size), seq)
  }
}

async function exportOf(author: Author, head: Partial<ExportHead> = {}): Promise<string[]> {
  const first = formatExportHead({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    key_entries: author.keyEntries().map(statement),
    checkpoint: await author.checkpoint(),
    ...head
  })
  return [first, ...author.entries.map(({ raw }) => formatExportEntry(raw))]
}

/** Five rotations, with entries between them. */
async function rotated(): Promise<Author> {
  const author = await Author.create()
  for (let i = 0; i < 5; i++) {
    await author.appendPayload({ i })
    await author.append()
    await author.rotate()
  }
  await author.appendPayload({ last: true })
  return author
}

test('every entry is proven under every later checkpoint that its key signs, after five rotations', async () => {
  const author = await rotated()
  expect(author.keyEntries().length).toBe(6)
  for (let seq = 0; seq < author.size; seq++) {
    expect(await verifyProof(JSON.stringify(await proofOf(author, seq)))).toMatchObject({
      ledger: author.ledger,
      network: NETWORK,
      name: 'tester',
      size: author.size,
      root: merkleRoot(author.hashes()),
      entry: { seq, checked: true }
    })
  }
  expect((await verifyProof(await proofOf(author, 1))).entry).toMatchObject({
    payload: { i: 0 },
    payload_state: 'present'
  })
  const without = await proofOf(author, 1)
  expect((await verifyProof({ ...without, entry: { ...without.entry, payload: null } })).entry.payload_state).toBe(
    'missing'
  )
})

test('every byte of a small proof counts, whichever bit of it is turned over', async () => {
  const author = await Author.create()
  await author.appendPayload({ a: 1 })
  await author.append()
  const bytes = Buffer.from(JSON.stringify(await proofOf(author, 1)))
  expect(await codeOf(() => verifyProof(bytes))).toBeUndefined()
  const passed: number[] = []
  for (const bit of bitsOf(bytes)) {
    const code = await codeOf(() => verifyProof(flipBit(bytes, bit), { verify: quick }))
    if (code !== 'BAD_PROOF' && code !== 'UPGRADE_NEEDED') passed.push(bit)
  }
  expect(passed).toEqual([])
}, 60_000)

/** Native crypto alone: its no stands here, because the test's flips are no ZIP 215 corner cases. */
async function quick(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { verifyNative } = await import('../../src/core/signature.js')
  return verifyNative(publicKey, message, signature)
}

describe('a proof that is put together wrongly', () => {
  test('is refused', async () => {
    const author = await rotated()
    const other = await Author.create(50)
    await other.append()
    const good = await proofOf(author, 4)
    const cases: Record<string, unknown>[] = [
      { ...good, v: 0 },
      { ...good, extra: 1 },
      { ...good, path: good.path.slice(1) },
      { ...good, path: [...good.path, good.path[0]] },
      { ...good, seq: 5 },
      { ...good, network: 'main' },
      { ...good, ledger: other.ledger },
      { ...good, key_entries: [] },
      { ...good, key_entries: good.key_entries.slice(1) },
      { ...good, key_entries: good.key_entries.toReversed() },
      { ...good, key_entries: good.key_entries.slice(0, -1) },
      { ...good, checkpoint: await author.checkpoint(10) },
      { ...good, checkpoint: await other.checkpoint() },
      { ...good, checkpoint: await author.checkpoint(author.size, other.signer) },
      { ...good, entry: text(author.entries[5]!) },
      { ...good, entry: text(other.entries[1]!) },
      { ...good, entry: { ...good.entry, payload: '{}' } },
      { ...(await proofOf(author, 1, 3)), key_entries: good.key_entries }
    ]
    for (const proof of cases)
      expect([proof, await codeOf(() => verifyProof(JSON.stringify(proof)))]).toEqual([proof, 'BAD_PROOF'])
    expect(await codeOf(() => verifyProof(JSON.stringify({ ...good, v: 2 })))).toBe('UPGRADE_NEEDED')
    for (const input of ['', '{', '[]', 'null', '{"v":1}', '{"v":1,"v":1}', Buffer.of(0xff)])
      expect(await codeOf(() => verifyProof(input))).toBe('BAD_PROOF')
    expect(await codeOf(() => verifyProof(' '.repeat(24 * 1024 * 1024 + 1)))).toBe('TOO_LARGE')
  })
})

test('any two checkpoints are consistent, and two of different histories are not', async () => {
  const author = await rotated()
  const roots = author.hashes().map((_, i) => merkleRoot(author.hashes().slice(0, i + 1)))
  for (let size1 = 1; size1 <= author.size; size1++)
    for (let size2 = size1; size2 <= author.size; size2++) {
      const proof = consistencyProof(author.hashes().slice(0, size2), size1)
      expect(verifyConsistency({ size1, size2, root1: roots[size1 - 1]!, root2: roots[size2 - 1]!, proof })).toBe(true)
      expect(
        size1 === 1
          ? false
          : verifyConsistency({ size1, size2, root1: roots[size1 - 2]!, root2: roots[size2 - 1]!, proof })
      ).toBe(false)
    }
})

describe('an export', () => {
  test('of a ledger with five rotations checks itself', async () => {
    const author = await rotated()
    const seen: number[] = []
    const root = merkleRoot(author.hashes())
    expect(await verifyExport(await exportOf(author), { onEntry: (count) => seen.push(count) })).toEqual({
      ledger: author.ledger,
      network: NETWORK,
      name: 'tester',
      access: 'public',
      entries: author.size,
      headHash: author.hashes().at(-1),
      root,
      payloads: { present: 6, absent: 0, none: 11 },
      checkpoint: { size: author.size, root }
    })
    expect(seen.at(-1)).toBe(author.size)
    expect(await verifyExport(await exportOf(author, { checkpoint: null }))).toMatchObject({ checkpoint: null })
    // entries behind the checkpoint
    const early = await author.checkpoint(author.size - 1)
    expect(await verifyExport(await exportOf(author, { checkpoint: early }))).toMatchObject({
      entries: author.size,
      checkpoint: { size: author.size - 1 }
    })
  })

  test('every byte of a small one counts, whichever bit of it is turned over', async () => {
    const author = await Author.create()
    await author.appendPayload({ a: 1 })
    const bytes = Buffer.from((await exportOf(author)).join('\n'))
    const passed: number[] = []
    for (const bit of bitsOf(bytes)) {
      const lines = splitLines(flipBit(bytes, bit))
      const code = await codeOf(() => verifyExport(lines, { verify: quick }))
      if (code !== 'BAD_PROOF' && code !== 'UPGRADE_NEEDED') passed.push(bit)
    }
    expect(passed).toEqual([])
  }, 60_000)

  test("lines that are gone, doubled, moved or another ledger's are found, with their number", async () => {
    const author = await rotated()
    const lines = await exportOf(author)
    const lineOf = async (changed: string[]): Promise<unknown> => {
      try {
        await verifyExport(changed)
        return null
      } catch (error) {
        return (error as { details?: { line: number } }).details?.line
      }
    }
    expect(await lineOf(lines)).toBeNull()
    expect(await lineOf([])).toBe(1)
    expect(await lineOf(lines.slice(0, 1))).toBe(2)
    expect(await lineOf(lines.slice(1))).toBe(1)
    expect(await lineOf(lines.slice(0, -1))).toBe(lines.length)
    expect(await lineOf(lines.toSpliced(3, 1))).toBe(4)
    expect(await lineOf(lines.toSpliced(3, 0, lines[3]!))).toBe(5)
    expect(await lineOf([...lines, '{}'])).toBe(lines.length + 1)
    expect(await lineOf([...lines, lines.at(-1)!])).toBe(lines.length + 1)
    const other = await Author.create(50)
    expect(await lineOf([lines[0]!, formatExportEntry(other.entries[0]!.raw)])).toBe(2)
    expect(await lineOf(await exportOf(author, { network: 'main' }))).toBe(1)
    expect(await lineOf(await exportOf(author, { key_entries: author.keyEntries().slice(1).map(statement) }))).toBe(2)
    expect(
      await lineOf(await exportOf(author, { key_entries: [...author.keyEntries(), author.entries[1]!].map(statement) }))
    ).toBe(lines.length + 1)
  })
})

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  for (let at = 0; at <= bytes.length; at++) {
    if (at < bytes.length && bytes[at] !== 0x0a) continue
    lines.push(bytes.subarray(start, at))
    start = at + 1
  }
  return lines
}
