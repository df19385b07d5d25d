import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { MAX_PROOF_BYTES } from '../../src/core/limits.js'
import { checkFile } from '../../src/page/check-file.js'
import { standing } from '../../src/page/findings.js'
import { hostileFiles } from './hostile-files.js'

/** In pieces of `size` bytes, as a browser may give it. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve()
    yield bytes.subarray(at, at + size)
  }
}
const check = async (bytes: Uint8Array | string, size = 1000) => await checkFile(pieces(Buffer.from(bytes), size))

test('every kind of file is recognised, in whatever pieces it comes, with and without a newline at its end', async () => {
  const { texts, ledger, expected } = await hostileFiles()
  for (const name of ['proof.json', 'export.jsonl', 'answer.json', 'evidence.json', 'fault.json'])
    for (const size of [7, 777, 1 << 20])
      for (const end of ['', '\n']) {
        const text = `${texts[name]!.replace(/\n$/, '')}${end}`
        expect((await check(text, size)).ledgers.length).toBeGreaterThan(0)
      }
  const finding = await check(texts['proof.json']!)
  expect(standing(finding, [])).toBe('unnamed')
  expect(standing(finding, [expected])).toBe('another')
  expect(standing(finding, [expected, ledger])).toBe('holds')
  expect(standing({ ...finding, ledgers: [ledger, expected] }, [ledger])).toBe('partly')
  expect(finding.rows.filter(({ isLedger }) => isLedger).map(({ text }) => text)).toEqual([ledger])
})

test('what is wrong is refused with a code, whatever it is', async () => {
  const { texts } = await hostileFiles()
  for (const name of ['tampered.json', 'cut.jsonl'])
    await expect(check(texts[name]!)).rejects.toMatchObject({ code: 'BAD_PROOF' })
  for (const text of [
    '',
    '\n\n',
    'null',
    '[]',
    '{}',
    texts['other.txt']!,
    '{"kind":1',
    readFileSync('test/vectors/vectors.json')
  ])
    await expect(check(text)).rejects.toMatchObject({ code: expect.stringMatching(/^BAD_/) })
  await expect(check(gzipSync('{}'))).rejects.toMatchObject({
    code: 'BAD_FILE',
    message: expect.stringContaining('gzip')
  })
  for (const long of [Buffer.alloc(MAX_PROOF_BYTES + 2, 0x20), Buffer.alloc(MAX_PROOF_BYTES + 9, ' \n')])
    await expect(check(long, 1 << 20)).rejects.toMatchObject({ code: 'TOO_LARGE' })
})

test('an export is checked entry by entry, and waits while the page draws', async () => {
  const { texts } = await hostileFiles()
  const counts: number[] = []
  let open = 0
  await checkFile(pieces(Buffer.from(texts['export.jsonl']!), 500), async (count) => {
    expect(open++).toBe(0)
    await Promise.resolve()
    counts.push(count)
    open--
  })
  expect(counts).toEqual([1, 2, 3])
})
