import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  decodeRequest as decodeAttestRequest,
  decodeResponse as decodeAttestResponse
} from '../../protocols/attest/frame.js'
import * as attestLimits from '../../protocols/attest/limits.js'
import * as announceLimits from '../../protocols/announce/limits.js'
import { decodeAnnouncement } from '../../protocols/announce/index.js'
import { hello } from '../../protocols/hello/index.js'
import { pull } from '../../protocols/pull/index.js'
import { protocolId } from '../../protocols/protocol.js'
import { decodeFrame } from '../../protocols/hello/frame.js'
import * as helloLimits from '../../protocols/hello/limits.js'
import * as pullLimits from '../../protocols/pull/limits.js'
import * as pushLimits from '../../protocols/push/limits.js'
import { decodeResponse as decodePushResponse } from '../../protocols/push/response.js'
import * as queryLimits from '../../protocols/query/limits.js'
import { decodeRequest as decodeQueryRequest } from '../../protocols/query/request.js'
import { decodeResponse as decodeQueryResponse } from '../../protocols/query/response.js'
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
const LIMITS: Record<string, Record<string, number>> = {
  pull: pullLimits,
  hello: helloLimits,
  announce: announceLimits,
  attest: attestLimits,
  registry: registryLimits,
  push: pushLimits,
  query: queryLimits
}
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')

function sections(text: string): Map<string, string> {
  const parts = text.split(/^## (\d+)\. /m)
  return new Map(Array.from({ length: (parts.length - 1) / 2 }, (_, i) => [parts[2 * i + 1]!, flat(parts[2 * i + 2]!)]))
}

describe.each(Object.keys(LIMITS))('%s', (name) => {
  test('the limits in SPEC.md and in limits.ts are the same', () => {
    const rows = [...spec(name).matchAll(/^\| `([A-Z_]+)` \| ([\d,]+) \|/gm)].map(([, constant, value]) => [
      constant,
      Number(value!.replaceAll(',', ''))
    ])
    expect(Object.fromEntries(rows)).toEqual({ ...LIMITS[name] })
    expect(rows).toHaveLength(Object.keys(LIMITS[name]!).length)
  })

  test('the folder has the files of a protocol', () => {
    const files = globSync('*', { cwd: join(ROOT, 'protocols', name) })
    const wanted = [
      'SPEC.md',
      `${name}.pb.proto`,
      `${name}.pb.ts`,
      'limits.ts',
      'contract.ts',
      'index.ts',
      ...(name === 'announce' ? ['codec.ts'] : ['server.ts', 'client.ts'])
    ]
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
    const source = joinComments(readFileSync(join(ROOT, file), 'utf8'))
    for (const [whole, name, section, words] of source.matchAll(/\/\/ SPEC (\w+) §(\d+): "(.*)"$/gm)) {
      quotes++
      if (LIMITS[name!] === undefined || sections(spec(name!)).get(section!)?.includes(flat(words!)) !== true)
        wrong.push(`${file}: ${whole}`)
    }
    const malformed = [...source.matchAll(/^.*SPEC \w+ §.*$/gm)].filter(
      ([line]) => !/\/\/ SPEC \w+ §\d+: ".*"$/.test(line)
    )
    wrong.push(...malformed.map(([line]) => `${file}: ${line.trim()}`))
  }
  expect(wrong).toEqual([])
  expect(quotes).toBeGreaterThan(10)
})

/** A quote may go over several lines of comment. */
function joinComments(text: string): string {
  const joined = text.replace(/(\/\/ SPEC [^\n]*[^"\n])\n\s*\/\/ /g, '$1 ')
  return joined === text ? text : joinComments(joined)
}

test('the byte examples decode', () => {
  const decoders: Record<string, (bytes: Uint8Array) => unknown> = {
    request: decodeRequest,
    response: decodeResponse,
    frame: decodeFrame,
    announcement: decodeAnnouncement,
    'attest-request': decodeAttestRequest,
    'attest-response': decodeAttestResponse,
    'registry-request': decodeRegistryRequest,
    'registry-response': decodeRegistryResponse,
    'push-response': decodePushResponse,
    'query-request': decodeQueryRequest,
    'query-response': decodeQueryResponse
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
    { kind: 'end', count: 2 },
    { kind: 'decision', decision: { decision: 'refused', reason: 1 } },
    { kind: 'end', count: 1 },
    { kind: 'select', select: { filter: { subject: 'oid:x' }, limit: 100, show: 'either' } },
    { kind: 'end', end: { count: 7, ending: 'end', all: true, next: null } }
  ])
})

test('protocol ids name network, protocol and version', () => {
  expect([pull, hello].map((protocol) => protocolId('main', protocol))).toEqual([
    '/ledgermesh/main/pull/1',
    '/ledgermesh/main/hello/1'
  ])
})

test('the limits that the wire shares with the entry format are those of core', () => {
  const {
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    SIGNATURE_BYTES,
    HASH_BYTES,
    MAX_CHECKPOINT_BYTES,
    MAX_EVIDENCE_BYTES,
    MAX_KEY_ENTRIES,
    MAX_NODE_RECORD_BYTES
  } = coreLimits
  expect(sharedLimits).toMatchObject({
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    SIGNATURE_BYTES,
    HASH_BYTES,
    MAX_CHECKPOINT_BYTES,
    MAX_EVIDENCE_BYTES,
    MAX_KEY_ENTRIES,
    MAX_RECORD_BYTES: MAX_NODE_RECORD_BYTES
  })
  expect(pullLimits.MAX_NAME_BYTES).toBe(coreLimits.MAX_NAME_BYTES)
})
