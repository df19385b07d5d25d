import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeRequest as decodeAttestRequest, decodeResponse as decodeAttestResponse } from '../../protocols/attest/frame.js'
import * as attestLimits from '../../protocols/attest/limits.js'
import * as announceLimits from '../../protocols/announce/limits.js'
import { decodeAnnouncement } from '../../protocols/announce/index.js'
import { hello } from '../../protocols/hello/index.js'
import { pull } from '../../protocols/pull/index.js'
import { protocolId } from '../../protocols/protocol.js'
import { decodeFrame } from '../../protocols/hello/frame.js'
import * as helloLimits from '../../protocols/hello/limits.js'
import * as pullLimits from '../../protocols/pull/limits.js'
import * as registryLimits from '../../protocols/registry/limits.js'
import { decodeRequest } from '../../protocols/pull/request.js'
import { decodeResponse } from '../../protocols/pull/response.js'
import { decodeRequest as decodeRegistryRequest } from '../../protocols/registry/request.js'
import { decodeResponse as decodeRegistryResponse } from '../../protocols/registry/response.js'
import * as coreLimits from '../../src/core/limits.js'
import * as sharedLimits from '../../protocols/limits.js'

// The compiled test lies in dist/test/protocols.
const ROOT = join(import.meta.dirname, '../../..')
const spec = (name: string): string => readFileSync(join(ROOT, 'protocols', name, 'SPEC.md'), 'utf8')
const LIMITS: Record<string, Record<string, number>> = { pull: pullLimits, hello: helloLimits, announce: announceLimits, attest: attestLimits, registry: registryLimits }
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

function sections (text: string): Map<string, string> {
  const parts = text.split(/^## (\d+)\. /m)
  return new Map(Array.from({ length: (parts.length - 1) / 2 }, (_, i) => [parts[2 * i + 1]!, flat(parts[2 * i + 2]!)]))
}

describe.each(Object.keys(LIMITS))('%s', (name) => {
  test('the limits in SPEC.md and in limits.ts are the same', () => {
    const rows = [...spec(name).matchAll(/^\| `([A-Z_]+)` \| ([\d,]+) \|/gm)].map(([, constant, value]) => [constant, Number(value!.replaceAll(',', ''))])
    expect(Object.fromEntries(rows)).toEqual({ ...LIMITS[name] })
    expect(rows).toHaveLength(Object.keys(LIMITS[name]!).length)
  })

  test('the folder has the files of a protocol', () => {
    const files = globSync('*', { cwd: join(ROOT, 'protocols', name) })
    const wanted = ['SPEC.md', `${name}.pb.proto`, `${name}.pb.ts`, 'limits.ts', 'index.ts', ...(name === 'announce' ? ['codec.ts'] : ['server.ts', 'client.ts'])]
    expect(wanted.filter((file) => !files.includes(file))).toEqual([])
  })

  test('its sections are numbered without a gap, and it says what it does not promise', () => {
    const numbers = [...spec(name).matchAll(/^## (\d+)\. (.*)$/gm)]
    expect(numbers.map(([, number]) => Number(number))).toEqual(numbers.map((_, index) => index + 1))
    expect(numbers.at(-1)![2]).toBe('What it does not promise')
  })
})

test('every quote of a SPEC stands there, in the section it names', () => {
  const wrong: string[] = []
  let quotes = 0
  for (const file of globSync('{protocols,src}/**/*.ts', { cwd: ROOT })) {
    for (const [whole, name, section, words] of readFileSync(join(ROOT, file), 'utf8').matchAll(/\/\/ SPEC (\w+) §(\d+): "(.*)"$/gm)) {
      quotes++
      if (LIMITS[name!] === undefined || sections(spec(name!)).get(section!)?.includes(flat(words!)) !== true) wrong.push(`${file}: ${whole}`)
    }
    const malformed = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^.*SPEC \w+ §.*$/gm)].filter(([line]) => !/\/\/ SPEC \w+ §\d+: ".*"$/.test(line))
    wrong.push(...malformed.map(([line]) => `${file}: ${line.trim()}`))
  }
  expect(wrong).toEqual([])
  expect(quotes).toBeGreaterThan(10)
})

test('the byte examples decode', () => {
  const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
    request: decodeRequest,
    response: decodeResponse,
    frame: decodeFrame,
    announcement: decodeAnnouncement,
    'attest-request': decodeAttestRequest,
    'attest-response': decodeAttestResponse,
    'registry-request': decodeRegistryRequest,
    'registry-response': decodeRegistryResponse
  }
  const seen: unknown[] = []
  for (const name of Object.keys(LIMITS)) {
    for (const [, kind, hex] of spec(name).matchAll(/```hex ([\w-]+)\n([^`]*)```/g)) {
      const bytes = Buffer.from(hex!.replaceAll(/\s/g, ''), 'hex')
      const framed = kind !== 'announcement'
      expect([kind, framed ? bytes[0] : bytes.length]).toEqual([kind, framed ? bytes.length - 1 : 72])
      seen.push(decoders[kind!]!(framed ? bytes.subarray(1) : bytes))
    }
  }
  expect(seen).toMatchObject([
    { kind: 'head' },
    { kind: 'end', count: 1 },
    { kind: 'request', id: 1, ask: { kind: 'entries', from: 7, count: 3 } },
    { kind: 'reply', id: 1, answer: { kind: 'refused' } },
    { kind: 'bye', refusal: null },
    { head: {} },
    { about: `b${'a'.repeat(52)}` },
    { kind: 'end', count: 0 },
    { kind: 'discover', discover: { capability: 'sync', limit: 64 } },
    { kind: 'end', count: 2 }
  ])
})

test('protocol ids name network, protocol and version', () => {
  expect([pull, hello].map((protocol) => protocolId('main', protocol))).toEqual(['/ledgermesh/main/pull/1', '/ledgermesh/main/hello/1'])
})

test('the limits that the wire shares with the entry format are those of core', () => {
  const { MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, SIGNATURE_BYTES, HASH_BYTES, MAX_CHECKPOINT_BYTES, MAX_EVIDENCE_BYTES, MAX_KEY_ENTRIES, MAX_NODE_RECORD_BYTES } = coreLimits
  expect(sharedLimits).toMatchObject({ MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, SIGNATURE_BYTES, HASH_BYTES, MAX_CHECKPOINT_BYTES, MAX_EVIDENCE_BYTES, MAX_KEY_ENTRIES, MAX_RECORD_BYTES: MAX_NODE_RECORD_BYTES })
  expect(pullLimits.MAX_NAME_BYTES).toBe(coreLimits.MAX_NAME_BYTES)
})
