/**
 * What lies on the disk or comes from a person: settings, keys, the signer's mark, a backup's manifest, imports, files
 * to verify.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { parseLine } from '../../../src/cli/import/parse-line.js'
import { readLines } from '../../../src/cli/import/read-lines.js'
import { verifyFile } from '../../../src/cli/verify-file.js'
import { loadBootstrapFile, loadConfig } from '../../../src/config/config.js'
import { readKeyFile } from '../../../src/config/key-file.js'
import { canonicalize } from '../../../src/core/canonical.js'
import { sha256 } from '../../../src/core/hash.js'
import { MarkFile, readMark } from '../../../src/ledger/signer/signer-mark.js'
import { readManifest } from '../../../src/node/home/backup.js'
import { answers, author, ADDRESS, evidences, exports, NOW, proofs } from '../samples.js'
import { decoder, json, text, type Target } from '../target.js'
import { codes } from './core.js'

const folder = mkdtempSync(join(tmpdir(), 'ledgermesh-fuzz-'))
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true })
})

/** The path of a file with these bytes. */
function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes, { mode: 0o600 })
  return path
}

const mark = {
  ledger: author.ledger,
  seq: 7,
  hash: author.entries[6]!.hash,
  checkpoint: { size: 7, root: 'ab'.repeat(32) }
}

async function markFile(writes: number): Promise<Uint8Array> {
  const path = join(folder, 'made.json')
  rmSync(path, { force: true })
  const made = await MarkFile.open(path)
  for (let i = 0; i < writes; i++) await made.write({ ...mark, seq: i })
  const { readFileSync } = await import('node:fs')
  return readFileSync(path)
}

const line = {
  stream: 'notes',
  type: 'note',
  id: 'n-1',
  payload: { text: 'first' },
  references: [{ ledger: 'bob', entryId: 'n', referenceType: 'related' }],
  meta: {},
  timestamp: 1
}

export const fileTargets: Target[] = [
  decoder({
    name: 'config',
    coded: codes('BAD_CONFIG'),
    decode: (bytes) => loadConfig(file('config.json', bytes), { name: 'flag' }).config,
    check: ({ network, listen }) => {
      assert.match(network, /^[a-z0-9-]{1,32}$/)
      assert.ok(Array.isArray(listen))
    },
    seeds: () => [
      json({}),
      json({
        network: 'main',
        listen: ['/ip4/0.0.0.0/tcp/7440'],
        allow: [author.ledger],
        members: { issuers: [author.ledger] },
        minTrustMilli: 500,
        dht: false,
        capabilities: ['dns:example.org'],
        region: 'eu',
        registries: [ADDRESS],
        logLevel: 'warn'
      })
    ]
  }),
  decoder({
    // The first line: the network that is asked for.
    name: 'bootstrap-nodes',
    coded: codes('BAD_CONFIG'),
    seeds: () => [text(`main\n${JSON.stringify({ main: [ADDRESS], other: [] })}`), text('constructor\n{"main":[]}')],
    decode: (bytes) => {
      const [network, ...rest] = Buffer.from(bytes).toString('latin1').split('\n')
      return loadBootstrapFile(file('bootstrap.json', Buffer.from(rest.join('\n'), 'latin1')), network!)
    },
    check: (addresses) => {
      assert.ok(Array.isArray(addresses) && addresses.every((address) => typeof address === 'string'))
    }
  }),
  decoder({
    name: 'key-file',
    coded: codes('BAD_FILE'),
    seeds: () => [text('0f'.repeat(32)), text(`${'ab'.repeat(32)}\n`)],
    decode: (bytes) => readKeyFile(file('key', bytes)),
    check: (key) => {
      assert.equal(key.byteLength, 32)
    }
  }),
  decoder({
    name: 'signer-mark',
    coded: codes('BAD_FILE'),
    seeds: async () => [await markFile(1), await markFile(2), json(mark)],
    decode: (bytes) => readMark(file('signer.json', bytes)),
    check: (read) => {
      assert.ok(read === null || Number.isSafeInteger(read.seq))
    }
  }),
  decoder({
    // A slot's text; its check is made here, as a disk cannot make it but a person can.
    name: 'signer-mark-slot',
    coded: codes('BAD_FILE'),
    seeds: () => [
      text(JSON.stringify({ ...mark, count: 2 })),
      text(JSON.stringify({ ...mark, checkpoint: null, count: 1 }))
    ],
    decode: (bytes) => {
      const slot = Buffer.from(
        `${Buffer.from(bytes).toString('latin1')} ${sha256(Buffer.from(Buffer.from(bytes).toString('latin1'))).slice(0, 16)}`.padEnd(
          4096
        )
      )
      return readMark(file('slot.json', Buffer.concat([slot, slot])))
    }
  }),
  decoder({
    name: 'backup-manifest',
    coded: codes('BAD_FILE'),
    seeds: () => [
      json({
        v: 1,
        folder: '/x',
        createdAt: NOW,
        network: 'main',
        ledger: author.ledger,
        ledgers: [{ ledger: author.ledger, entries: 7 }],
        bytes: 1,
        keys: false
      })
    ],
    decode: (bytes) => {
      file('backup.json', bytes)
      return readManifest(folder)
    }
  }),
  decoder({
    name: 'import-line',
    coded: codes('MALFORMED', 'INVALID_PARAMS'),
    seeds: () => [json(line), json({ stream: 's', type: 't', payload: null })],
    decode: (bytes) => parseLine(1, Buffer.from(bytes), () => author.ledger).params,
    check: (params) => {
      canonicalize(params.payload ?? null)
    }
  }),
  {
    // The first byte: in chunks of how many bytes the rest arrives. Lines do not hang on it.
    name: 'import-lines',
    seeds: () => [Buffer.from('\x05one\r\n\n  \ntwo\nthree'), Buffer.from('\x00\n\r\n\n')],
    run: async (bytes) => {
      const rest = Buffer.from(bytes.subarray(1))
      const read = async (step: number): Promise<unknown[]> => {
        const all = []
        for await (const lines of readLines(chunks(rest, step), 1000)) all.push(...lines)
        return all
      }
      assert.deepEqual(await read((bytes[0] ?? 0) + 1), await read(rest.length + 1))
      return true
    }
  },
  decoder({
    name: 'verify-file',
    coded: codes('BAD_PROOF', 'BAD_EVIDENCE', 'TOO_LARGE', 'UPGRADE_NEEDED', 'BAD_FILE'),
    shortRuns: 100,
    seeds: async () => [
      (await proofs())[1]!,
      (await evidences())[0]!,
      (await exports())[0]!,
      (await answers())[0]!,
      gzipSync((await exports())[0]!),
      zstdCompressSync((await proofs())[0]!)
    ],
    decode: async (bytes) => (await verifyFile(file('to-verify', bytes), true)).file
  })
]

async function* chunks(bytes: Buffer, step: number): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}
