/**
 * `ledgermesh/verify` where there is no Node: bundled for a browser, and run in a realm that has nothing but the
 * language and what the web platform adds to it (no require, no process, no Buffer, no crypto).
 */
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as node from '../../src/core/platform/node.js'
import * as web from '../../src/core/platform/web.js'
import { formatExportEntry, formatExportHead } from '../../src/core/export.js'
import { inclusionProof } from '../../src/core/merkle.js'
import { Author, NETWORK } from '../core/author.js'
import { bundle, type Bundle } from '../helpers/bundle.js'

const bundled: Bundle = await bundle('dist/src/verify.js', 'browser')

function inBrowser(): Record<string, (...args: unknown[]) => unknown> {
  const realm = createContext({ TextEncoder, TextDecoder, Uint8Array, atob, btoa }) // one realm's bytes are another one's strangers
  // an ES module as a script: its one export statement becomes the value
  const [code, names] = [
    bundled.code.replace(/export\s*\{[^}]*\};?\s*$/, ''),
    /export\s*\{([^}]*)\};?\s*$/.exec(bundled.code)![1]!
  ]
  const members = names
    .split(',')
    .map((name) => name.trim().split(' as '))
    .map(([local, as]) => `${as ?? local!}: ${local!}`)
  return runInContext(`(() => { ${code}; return { ${members.join(', ')} } })()`, realm) as never
}

test("its graph has no module of Node, and no platform but the web's", () => {
  expect(bundled.builtins).toEqual([])
  expect(bundled.modules.some((module) => module.endsWith('core/platform/web.js'))).toBe(true)
  expect(
    bundled.modules.filter(
      (module) =>
        /core\/platform\/node\.js|dist\/src\/(?!core\/|verify\.js)/.test(module) && !module.includes('node_modules')
    )
  ).toEqual([])
})

test('without Node it verifies evidence, a proof, an export and an entry, and refuses what is wrong', async () => {
  const browser = inBrowser()
  const vectors = JSON.parse(readFileSync('test/vectors/vectors.json', 'utf8')) as {
    evidence: { id: string; file: string }[]
  }
  const { verifySignature: verify } = browser
  for (const { id, file } of vectors.evidence)
    expect(await browser.verifyEvidence!(new TextEncoder().encode(file), { verify })).toMatchObject({ id })

  const author = await Author.create(1)
  await author.appendPayload({ text: 'größer' })
  await author.rotate()
  const checkpoint = await author.checkpoint()
  const keyEntries = author.keyEntries().map(({ raw }) => ({
    header: Buffer.from(raw.header).toString(),
    signature: Buffer.from(raw.signature).toString('hex')
  }))
  const lines = [
    formatExportHead({ v: 1, network: NETWORK, ledger: author.ledger, key_entries: keyEntries, checkpoint }),
    ...author.entries.map(({ raw }) => formatExportEntry(raw))
  ]
  expect(await browser.verifyExport!(lines)).toMatchObject({
    entries: 3,
    checkpoint: { size: 3 },
    payloads: { present: 1 }
  })
  await expect(browser.verifyExport!(lines.with(2, lines[2]!.replace('größer', 'kleiner')))).rejects.toMatchObject({
    code: 'BAD_PROOF'
  })

  const entry = JSON.parse(lines[2]!) as { header: string; signature: string; payload: string }
  const proof = {
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    key_entries: keyEntries,
    checkpoint,
    seq: 1,
    entry,
    path: inclusionProof(author.hashes(), 1)
  }
  expect(await browser.verifyProof!(JSON.stringify(proof))).toMatchObject({
    size: 3,
    entry: { payload: { text: 'größer' } }
  })
  await expect(browser.verifyProof!(JSON.stringify({ ...proof, seq: 0 }))).rejects.toMatchObject({ code: 'BAD_PROOF' })
  expect(browser.verifyEntry!(entry)).toMatchObject({ hash: author.entries[1]!.hash })
})

test('both platforms do the same', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }), (bytes, text) => {
      const plain = (value: Uint8Array | null): number[] | null => value && [...value]
      for (const call of [
        (platform: typeof node) => platform.sha256Hex(bytes),
        (platform: typeof node) => platform.sha256Hex(text),
        (platform: typeof node) => plain(platform.sha512(bytes)),
        (platform: typeof node) => platform.toHex(bytes),
        (platform: typeof node) => plain(platform.fromHex(node.toHex(bytes))),
        (platform: typeof node) => plain(platform.toUtf8(text)),
        (platform: typeof node) => platform.fromUtf8(bytes),
        (platform: typeof node) => platform.utf8Length(text),
        (platform: typeof node) => platform.toBase64(bytes),
        (platform: typeof node) => plain(platform.fromBase64(node.toBase64(bytes))),
        (platform: typeof node) => plain(platform.fromBase64(text)),
        (platform: typeof node) => plain(platform.concat(bytes, Uint8Array.of(1), bytes))
      ])
        expect(call(web as never)).toEqual(call(node))
    }),
    { numRuns: 40 }
  )
  for (const text of ['AQI', 'AQJ=', 'AQI==', 'A QI=', 'AQI=\n', '-_-_', '=', '\n', ' '])
    expect(web.fromBase64(text)).toBeNull()
})
