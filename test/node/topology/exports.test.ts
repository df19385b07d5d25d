import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { showTopology } from '../../../src/cli/views/topology-view.js'
import { exportTopology } from '../../../src/node/topology/export-topology.js'
import { makeTopology } from '../../../src/node/topology/make-topology.js'
import { TOPOLOGY_FORMATS, type Topology } from '../../../src/node/api/topology.js'
import { A, B, held, peer, world } from './world.js'

function named(name: string): Topology {
  return makeTopology(
    world({
      held: [held(A, { own: true, followed: false }), held(B, { name })],
      peers: [peer('pa', A), peer('pb', B, { metadata: { version: '1', streams: [], region: name }, addrs: [name] })],
      trust: [{ from: A, to: B, levelMilli: 900, type: name, expires: null, accepted: true }]
    })
  )
}

/** The lines of an export whose names are harmless: the same must come out, whatever the names. */
const LINES = Object.fromEntries(
  TOPOLOGY_FORMATS.map((format) => [format, exportTopology(named('x'), format).split('\n').length])
)

const EVIL = [
  'a"b',
  'a\\',
  'a\\"b',
  '\\N',
  'a\nb',
  'a\r\nb\u2028c',
  '"]; n0 -> n1; x["',
  'end',
  '%%{init: {"theme":"dark"}}%%',
  '-->|x|',
  '<script>alert(1)</script>',
  '&lt;b&gt;',
  '&#60;',
  ']]>',
  '<!--',
  '\u0000\u0007\u001b[2J',
  '\ud800',
  '\udc00x',
  '\uffff\ufffe',
  '\u202egpj.exe',
  '#quot;',
  '`',
  '$(id)',
  'é漢😀',
  'x'.repeat(10_000),
  ''
]
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...EVIL),
  fc.array(fc.constantFrom(...EVIL), { maxLength: 3 }).map((parts) => parts.join(''))
)

beforeAll(() => {
  vi.stubEnv('COLUMNS', '120')
})
afterAll(() => {
  vi.unstubAllEnvs()
})

describe('names of others cannot break out', () => {
  test('dot: the strings end where they should', () => {
    fc.assert(
      fc.property(names, (name) => {
        const text = exportTopology(named(name), 'dot')
        expect(text.split('\n')).toHaveLength(LINES.dot!)
        for (const line of text.trimEnd().split('\n').slice(4, -1)) {
          expect(line).toMatch(
            /^ {2}"(?:[^"\\]|\\.)*"(?: -> "(?:[^"\\]|\\.)*")? \[label="(?:[^"\\]|\\["\\])*"(?:, [a-z]+=(?:[a-z0-9]+|"#[0-9a-f]{6}"))*\];$/u
          )
          expect(line.replaceAll('&amp;', '')).not.toContain('&')
        }
      })
    )
  })
  test('mermaid: only letters, digits and code points between the quotes', () => {
    fc.assert(
      fc.property(names, (name) => {
        const text = exportTopology(named(name), 'mermaid')
        expect(text.split('\n')).toHaveLength(LINES.mermaid!)
        const label = '"(?:[\\p{L}\\p{N} .:()…_-]|#[0-9]+;)*"'
        for (const line of text.trimEnd().split('\n').slice(1))
          expect(line).toMatch(
            new RegExp(
              `^ {2}n\\d+(?:\\(\\[${label}\\]\\)|\\[${label}\\]| (?:-->|-\\.->|==>)\\|${label}\\| n\\d+)$`,
              'u'
            )
          )
        expect(text).not.toContain('%%')
      })
    )
  })
  test('gexf: well-formed, whatever the name', () => {
    fc.assert(
      fc.property(names, (name) => {
        const text = exportTopology(named(name), 'gexf')
        expect(text.split('\n')).toHaveLength(LINES.gexf!)
        expect(text.isWellFormed()).toBe(true)
        // oxlint-disable-next-line no-control-regex
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/)
        for (const line of text.trimEnd().split('\n').slice(1))
          expect(line).toMatch(
            /^ *(?:<\/?[a-z]+(?: [a-z]+="(?:[^"<>&]|&(?:amp|lt|gt|quot|apos);)*")*\/?>|Ledgermesh)+$/u
          )
      })
    )
  })
  test('the drawing in the terminal: no control characters, and no line but those of the tree', () => {
    fc.assert(
      fc.property(names, (name) => {
        const lines = showTopology(named(name)).split('\n')
        for (const line of lines) expect(line).toMatch(/^(?:[●○] |├─ |│  |╰─ |   |2 ledgers; edges: |$)/)
        const own = (mark: RegExp): number => lines.filter((line) => mark.test(line)).length
        expect([own(/^[●○] /), own(/^[├╰]─ /), own(/^$/), own(/^2 ledgers/)]).toEqual([2, 6, 2, 1])
        // oxlint-disable-next-line no-control-regex
        expect(lines.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      })
    )
  })
})

test('what a reader sees', () => {
  const drawn = makeTopology(world())
  expect(exportTopology(drawn, 'dot')).toContain(
    `  "${A}" -> "${B}" [label="trusts: 0.9 full", color="#2ca02c", penwidth=2];`
  )
  expect(exportTopology(drawn, 'mermaid')).toContain('  n0 ==>|"trusts: 0.9 full"| n1')
  expect(exportTopology(drawn, 'gexf')).toContain(
    `source="${A}" target="${B}" kind="reference" label="refers: 3" weight="3"/>`
  )
  expect(JSON.parse(exportTopology(drawn, 'json'))).toEqual(drawn)
  expect(showTopology(drawn)).toBe(
    [
      "● name of a (baaaaaaaaaaa)  this node's own, 10 entries",
      '├─ node     pa  this node  /ip4/127.0.0.1/tcp/1',
      '├─ mirrors  ⇄ name of b (bbbbbbbbbbbb)  synced, 10 entries',
      '├─ trusts   → name of b (bbbbbbbbbbbb)  0.9 full, accepted',
      '╰─ refers   → name of b (bbbbbbbbbbbb)  3 times: 2 source, 1 related; 1 unresolved',
      '',
      '○ name of b (bbbbbbbbbbbb)  followed, 10 entries, synced',
      '├─ node     pb  connected  /ip4/127.0.0.1/tcp/1',
      '╰─ mirrors  ⇄ name of a (baaaaaaaaaaa)  had 7 entries when it last asked',
      '',
      '2 ledgers; edges: 2 mirror, 1 refer, 1 trust.  ⇄ both ways'
    ].join('\n')
  )
})

test('a large network is cut, not endless', () => {
  const ids = Array.from({ length: 300 }, (_value, at) => `b${String.fromCharCode(97 + (at % 26))}${at}`)
  const text = showTopology(
    makeTopology(world({ held: [held(A, { own: true }), ...ids.map((ledger) => held(ledger))] }))
  )
  expect(text.split('\n').length).toBeLessThan(200)
  expect(text).toMatch(/and 252 more ledgers.*json/)
  expect(text).toMatch(/and 284 more lines/)
})
