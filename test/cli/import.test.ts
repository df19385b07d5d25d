import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openInput } from '../../src/cli/import/open-input.js'
import { countLines } from '../../src/cli/import/read-lines.js'
import { OTHER } from '../rpc/fake-node.js'
import { cli, finish, MAIN, spawnNode, startNode, type Run } from './run-cli.js'

function line(id: string, references: string[] = [], extra: object = {}): string {
  return JSON.stringify({
    id,
    stream: 's',
    type: 't',
    payload: { id },
    ...(references.length === 0
      ? {}
      : {
          references: references.map((target) => ({
            ledger: target.split(':')[0],
            entryId: target.split(':')[1],
            referenceType: 'derived'
          }))
        }),
    ...extra
  })
}

function summary({ stdout }: Run): Record<string, number> {
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, number>
}

function problems({ stderr }: Run): { line: number; code: string }[] {
  return stderr
    .trim()
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as { line: number; code: string })
}

const MANY = Array.from({ length: 1000 }, (_value, at) => line(`e-${at}`))

describe('what is read', () => {
  test.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync]
  ] as const)('%s, from a file and from stdin; again: nothing new', async (_name, pack) => {
    const { node, home } = await startNode()
    const bytes = pack(Buffer.from(`${MANY.join('\n')}\n`))
    const file = join(home, 'in')
    await writeFile(file, bytes)
    expect(summary(await cli(home, ['--json', 'import', file]))).toMatchObject({
      lines: 1000,
      appended: 1000,
      existing: 0,
      unresolved: 0,
      failed: 0
    })
    expect(node.entries.map(({ id }) => id)).toEqual(MANY.map((text) => (JSON.parse(text) as { id: string }).id))
    const again = await cli(home, ['--json', 'import', '-'], bytes)
    expect(again.code).toBe(0)
    expect(summary(again)).toMatchObject({ lines: 1000, appended: 0, existing: 1000 })
  })
  test('CRLF, empty lines, no last newline, no id', async () => {
    const { node, home } = await startNode()
    const text = '{"stream":"s","type":"t"}\r\n\r\n \n{"stream":"s","type":"t","payload":1}'
    expect(summary(await cli(home, ['--json', 'import', '-'], text))).toMatchObject({ lines: 2, appended: 2 })
    expect(summary(await cli(home, ['--json', 'import', '-'], text))).toMatchObject({ appended: 0, existing: 2 })
    expect(node.entries[0]!.id).toMatch(/^import:[0-9a-f]{64}$/)
  })
  test('nothing at all', async () => {
    const { home } = await startNode()
    expect(summary(await cli(home, ['--json', 'import', '-'], ''))).toMatchObject({ lines: 0, appended: 0 })
    expect((await cli(home, ['import', '-'], '{}')).code).toBe(1)
  })
  test.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync]
  ] as const)('an archive (%s) that was cut off is found before anything is appended', async (name, pack) => {
    const { node, home } = await startNode()
    const file = join(home, `in.${name}`)
    await writeFile(file, pack(Buffer.from(MANY.join('\n'))).subarray(0, -20))
    expect(await cli(home, ['import', file])).toMatchObject({ code: 3, stderr: expect.stringContaining(`in.${name}`) })
    expect(node.entries).toHaveLength(0)
  })
  test('archives that were joined, and junk behind one', async () => {
    const { home } = await startNode()
    for (const pack of [gzipSync, zstdCompressSync]) {
      const joined = Buffer.concat([pack(Buffer.from(`${line('a')}\n`)), pack(Buffer.from(`${line('b')}\n`))])
      expect(await countLines(of(joined))).toBe(2)
      await expect(countLines(of(Buffer.concat([joined, Buffer.from('junk and more')])))).rejects.toMatchObject({
        code: 'BAD_FILE'
      })
    }

    async function* of(bytes: Buffer): AsyncIterable<Buffer> {
      const file = join(home, 'in')
      await writeFile(file, bytes)
      yield* openInput(file)
    }
  })
  test('every line that cannot be taken is reported with its number, the others are taken', async () => {
    const { home } = await startNode()
    const run = await cli(
      home,
      ['--json', 'import', '-'],
      [
        line('a'),
        '{"stream":"s"}',
        'nonsense',
        '{"stream":"s","type":"t","stream":"u"}',
        '[1]',
        line('b', [], { extra: 1 }),
        line('c', ['nobody:x']),
        line('a', [], { payload: 2 }),
        line('d', [], { type: 'ledger.erase' }),
        `{"stream":"s","type":"t","payload":${'['.repeat(80)}${']'.repeat(80)}}`,
        line('e', [], { payload: 'x'.repeat(4 * 1024 * 1024) }),
        Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'),
        '{"stream":"s","type":"t","payload":"\\ud800"}',
        line('f')
      ].join('\n')
    )
    expect(run.code).toBe(1)
    expect(summary(run)).toMatchObject({ lines: 14, appended: 2, failed: 12 })
    expect(
      problems(run)
        .map(({ line, code }) => [line, code])
        .toSorted(([a], [b]) => Number(a) - Number(b))
    ).toEqual([
      [2, 'INVALID_PARAMS'],
      [3, 'MALFORMED'],
      [4, 'MALFORMED'],
      [5, 'MALFORMED'],
      [6, 'INVALID_PARAMS'],
      [7, 'MALFORMED'],
      [8, 'ID_TAKEN'],
      [9, 'RESERVED_TYPE'],
      [10, 'MALFORMED'],
      [11, 'TOO_LARGE'],
      [12, 'MALFORMED'],
      [13, 'MALFORMED']
    ])
  })
})

describe('what is no import', () => {
  const named: [string, string | Buffer, RegExp][] = [
    ['UTF-16', Buffer.from(`\ufeff${MANY.join('\n')}`, 'utf16le'), /is UTF-16 text \(little-endian\)/],
    ['UTF-16 without a mark', Buffer.from(MANY.join('\n'), 'utf16le'), /is UTF-16 text \(little-endian, without/],
    [
      'UTF-16, big-endian',
      Buffer.from(`\ufeff${MANY.join('\n')}`, 'utf16le').swap16(),
      /is UTF-16 text \(big-endian\)/
    ],
    ['a zip', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(5000, 7)]), /is a zip archive/],
    ['bytes', Buffer.concat(Array.from({ length: 300 }, (_, at) => Buffer.from([at, 10, 0, 3]))), /is a binary file/],
    ['gzip in gzip', gzipSync(gzipSync(MANY.join('\n'))), /is a gzip archive/],
    ['an array', `[\n  ${MANY.join(',\n  ')}\n]`, /is a JSON array: .*jq -c '\.\[\]'/],
    ['an array on one line', `[${MANY.join(',')}]`, /is a JSON array/],
    [
      'one object over many lines',
      JSON.stringify(JSON.parse(MANY[0]!), null, 2),
      /is a JSON object over several lines/
    ],
    [
      'CSV',
      `id,stream,type\n${Array.from({ length: 5000 }, (_, at) => `${at},s,t`).join('\n')}`,
      /is a table of 3 columns \(CSV\)/
    ],
    ['CSV with semicolons, in one line', 'id;stream;type', /is a table of 3 columns \(CSV\)/],
    ['a log', Array.from({ length: 5000 }, (_, at) => `line ${at}`).join('\n'), /is text without JSON objects/]
  ]
  test('is named in one sentence, and nothing is taken', async () => {
    const { node, home } = await startNode()
    for (const [name, bytes, sentence] of named) {
      const { code, stdout, stderr } = await cli(home, ['import', '-'], bytes)
      expect([name, code, stdout, stderr.trim().split('\n').length]).toEqual([name, 3, '', 2])
      expect(stderr).toMatch(sentence)
      expect(stderr).toMatch(/nothing was taken.*BAD_FILE/)
    }
    expect(node.entries).toEqual([])
  })
  test('a byte order mark costs no line', async () => {
    const { node, home } = await startNode()
    for (const pack of [(text: string) => text, gzipSync]) {
      expect(
        summary(await cli(home, ['--json', 'import', '-'], pack(`\ufeff${line('first')}\n${line('second')}\n`)))
      ).toMatchObject({ lines: 2, failed: 0 })
    }
    expect(node.entries.map(({ id }) => id)).toEqual(['first', 'second'])
  })
})

describe('an end that was not meant', () => {
  test('wrong lines without end are listed up to a bound, and counted', async () => {
    const { home } = await startNode()
    const text = [
      line('good'),
      ...Array.from({ length: 3000 }, () => 'nonsense'),
      ...Array.from({ length: 40 }, () => '{"stream":"s"}')
    ].join('\n')
    const run = await cli(home, ['import', '-'], text)
    expect(run.code).toBe(1)
    expect(run.stderr.trim().split('\n')).toHaveLength(20)
    expect(run.stdout).toMatch(/1 entry appended, 3040 left out\.\nNot listed above: 2980 MALFORMED, 40 INVALID_PARAMS/)
    const json = await cli(home, ['--json', 'import', '-', '--list', '3'], text)
    expect(problems(json)).toHaveLength(3)
    expect(summary(json)).toMatchObject({ failed: 3040, unlisted: { MALFORMED: 2997, INVALID_PARAMS: 40 } })
  })
  test('an archive on standard input that is cut off: what was taken is said', async () => {
    const { node, home } = await startNode()
    const bytes = gzipSync(Array.from({ length: 20_000 }, (_value, at) => line(`e-${at}`)).join('\n'), { level: 1 })
    const run = await cli(home, ['import', '-'], bytes.subarray(0, bytes.length / 2))
    expect(run).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /standard input: unexpected end of file \(taken before that, of \d+ lines read: \d+ appended, 0 there already, 0 left out; running the same import again continues from there/
      )
    })
    expect(run.stderr).toContain(`${node.entries.length} appended`)
  })
  test('Ctrl-C: what is under way is waited for, and what was taken is said', async () => {
    const { node, home } = await startNode()
    const child = spawnNode(MAIN, ['--home', home, '--json', 'import', '-'])
    const running = finish(child)
    child.stdin!.write(`${line('a')}\n${line('b')}\n`)
    await expect.poll(() => node.entries.length, { timeout: 10_000 }).toBe(2)
    child.kill('SIGINT')
    const { code, stderr } = await running
    expect(code).toBe(130)
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        kind: 'INTERRUPTED',
        message: expect.stringContaining('2 appended'),
        details: { taken: { lines: 2, appended: 2 } }
      }
    })
  })
})

describe('references', () => {
  test('a chain of a file, last first: each line is sent once, behind what it refers to', async () => {
    const { node, home } = await startNode()
    const size = 3000
    const file = join(home, 'chain.jsonl')
    await writeFile(
      file,
      Array.from({ length: size }, (_value, at) => line(`e-${at}`, at < size - 1 ? [`acme:e-${at + 1}`] : [])).join(
        '\n'
      )
    )
    expect(summary(await cli(home, ['--json', 'import', file]))).toMatchObject({
      appended: size,
      failed: 0,
      unresolved: 0
    })
    expect(node.calls.filter(({ method }) => method === 'append')).toHaveLength(size)
    expect(node.entries.map(({ id }) => id)).toEqual(Array.from({ length: size }, (_value, at) => `e-${size - 1 - at}`))
  })
  test('on a stream that does not end, a line that refers to an entry of an earlier import is not kept waiting', async () => {
    const { node, home } = await startNode()
    await cli(home, ['import', '-'], line('old'))
    const child = spawnNode(MAIN, ['--home', home, '--json', 'import', '-'])
    const running = finish(child)
    child.stdin!.write(`${line('new', ['acme:old'])}\n`)
    await expect.poll(() => node.entries.length, { timeout: 10_000 }).toBe(2)
    child.stdin!.end()
    expect(summary(await running)).toMatchObject({ appended: 1 })
  })
  test('to later lines of the same file, by the own name; in chains', async () => {
    const { node, home } = await startNode()
    const lines = Array.from({ length: 600 }, (_value, at) => line(`e-${at}`, at < 599 ? [`acme:e-${at + 1}`] : []))
    const run = await cli(home, ['--json', 'import', '-'], lines.join('\n'))
    expect(problems(run)).toEqual([])
    expect(summary(run)).toMatchObject({ appended: 600, unresolved: 0, failed: 0 })
    expect(node.entries.map(({ id }) => id)).toEqual(Array.from({ length: 600 }, (_value, at) => `e-${599 - at}`))
  })
  test('to another ledger, by name, by --ledger and by id: taken when they arrive, each tried as often as needed', async () => {
    const { node, home } = await startNode()
    const child = spawnNode(MAIN, [
      '--home',
      home,
      '--json',
      'import',
      '-',
      '--wait',
      '20',
      '--ledger',
      `else=${OTHER}`
    ])
    const running = finish(
      child,
      [line('a', ['other:x', 'else:y']), line('b', [`${OTHER}:y`]), line('c', ['acme:a'])].join('\n')
    )
    await expect.poll(() => node.calls.length, { timeout: 10_000 }).toBe(3)
    node.arrive('unrelated')
    node.arrive('x')
    node.arrive('y')
    const run = await running
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(summary(run)).toMatchObject({ appended: 3, unresolved: 0 })
    const tries = (id: string): number => node.calls.filter(({ args }) => (args[0] as { id: string }).id === id).length
    expect([tries('a'), tries('b'), tries('c')]).toEqual([2, 2, 2])
  })
  test('without --wait what is left is reported: exit 1', async () => {
    const { home } = await startNode()
    const run = await cli(home, ['--json', 'import', '-'], [line('a', ['other:x']), line('b')].join('\n'))
    expect(run.code).toBe(1)
    expect(summary(run)).toMatchObject({ appended: 1, failed: 1 })
    expect(problems(run)).toMatchObject([
      { line: 1, id: 'a', code: 'REFERENCE_UNRESOLVED', message: expect.stringContaining('x') }
    ])
  })
  test('--wait: what is left is appended without hashes and listed; a circle loses one only', async () => {
    const { node, home } = await startNode()
    const run = await cli(
      home,
      ['--json', 'import', '-', '--wait', '0.2'],
      [
        line('a', ['acme:b']),
        line('b', ['acme:c']),
        line('c', ['acme:a']),
        line('d', ['other:x']),
        line('e', ['acme:d'])
      ].join('\n')
    )
    expect(run.code).toBe(0)
    expect(summary(run)).toMatchObject({ appended: 5, unresolved: 2, failed: 0 })
    expect(problems(run).map(({ line }) => line)).toEqual([4, 1])
    const forced = node.calls.filter(({ args }) => (args[1] as { allowUnresolved?: boolean }).allowUnresolved === true)
    expect(forced.map(({ args }) => (args[0] as { id: string }).id)).toEqual(['d', 'a'])
  })
})

describe('progress', () => {
  test('json on stdout, the summary last', async () => {
    const { home } = await startNode()
    const file = join(home, 'in')
    await writeFile(file, MANY.join('\n'))
    const { stdout } = await cli(home, ['--json', 'import', file, '--progress', 'json'])
    const lines = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as object)
    expect(lines.at(-2)).toEqual({ progress: { total: 1000, done: 1000, parked: 0 } })
    expect(lines.at(-1)).toMatchObject({ lines: 1000 })
  })
  test('for people: a sentence', async () => {
    const { home } = await startNode()
    expect((await cli(home, ['import', '-'], MANY.join('\n'))).stdout).toMatch(
      /^1,000 lines in .*: 1,000 entries appended\.\n$/
    )
  })
  test('interrupted and run again: the rest is taken', async () => {
    const { node, home } = await startNode()
    const child = spawnNode(MAIN, ['--home', home, 'import', '-'])
    child.stdin!.write(`${MANY.slice(0, 700).join('\n')}\n`)
    await expect.poll(() => node.entries.length, { timeout: 10_000 }).toBe(700)
    child.kill('SIGKILL')
    expect(summary(await cli(home, ['--json', 'import', '-'], MANY.join('\n')))).toMatchObject({
      appended: 300,
      existing: 700
    })
  })
  test('the node goes away: exit 2, and what to do', async () => {
    const { node, home, server } = await startNode()
    const running = finish(spawnNode(MAIN, ['--home', home, 'import', '-', '--wait']), line('a', ['other:x']))
    await expect.poll(() => node.calls.length, { timeout: 10_000 }).toBe(1)
    await server.close()
    expect(await running).toMatchObject({ code: 2, stderr: expect.stringContaining('ledgermesh start') })
  })
})
