import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonStream, type StreamItem } from '../../src/rpc/json-stream.js'

const LIMITS = { maxBytes: 1000, maxDepth: 5 }

function all(stream: JsonStream, ...chunks: (string | Uint8Array)[]): StreamItem[] {
  return chunks.flatMap((chunk) => stream.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk))
}

/** Values of good messages, `!` for refused ones. */
function read(...chunks: (string | Uint8Array)[]): unknown[] {
  const stream = new JsonStream(LIMITS)
  return [...all(stream, ...chunks), ...stream.end()].map((item) => (item.ok ? item.value : '!'))
}

function bytewise(bytes: Uint8Array): unknown[] {
  return read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))
}

describe('where a message ends', () => {
  test('with its brackets, newline or not, any white space between', () => {
    expect(read('{"a":1}{"b":2} \t\r\n [3]\n{}')).toEqual([{ a: 1 }, { b: 2 }, [3], {}])
  })
  test('brackets and escaped quotes in strings do not count', () => {
    expect(read('{"a":"}]{[\\"}\\\\"}["\\\\\\"]"]')).toEqual([{ a: '}]{["}\\' }, ['\\"]']])
  })
  test('a newline alone does not end it', () => {
    const stream = new JsonStream(LIMITS)
    expect(all(stream, '{"a":1\n')).toEqual([])
    expect(stream.incomplete).toBe(true)
    expect(all(stream, '\n}')).toEqual([{ ok: true, value: { a: 1 }, bytes: 9 }])
    expect(stream.incomplete).toBe(false)
  })
  test('UTF-8 is decoded per message, also when a chunk ends inside a character', () => {
    const bytes = Buffer.from('{"a":"ü€😀"}')
    expect(bytewise(bytes)).toEqual([{ a: 'ü€😀' }])
    expect(read(bytes)).toEqual([{ a: 'ü€😀' }])
  })
})

describe('what is refused', () => {
  test.each([
    ['a raw LF in a string ends the line it stands in', '{"a":"x\n{"b":1}', ['!', { b: 1 }]],
    ['a raw tab in a string', '{"a":"x\ty"}{"lost":1}\n{"b":1}', ['!', { b: 1 }]],
    ['a raw control character after a backslash', '{"a":"\\\u0001"}\n{"b":1}', ['!', { b: 1 }]],
    ['a letter that starts no message', 'Content-Length: 7\r\n\r\n{"b":1}', ['!', { b: 1 }]],
    ['a number, JSON that is no request: left to whoever answers', '12\n{"b":1}', [12, { b: 1 }]],
    ['a string, likewise', '"{}"\r\n{"b":1}', ['{}', { b: 1 }]],
    ['a number with a message behind it', '12{"b":1}\n{"c":1}', ['!', { c: 1 }]],
    ['a closing bracket', '}\n{"b":1}', ['!', { b: 1 }]],
    ['a NUL', '\u0000{}\n{"b":1}', ['!', { b: 1 }]],
    ['a byte order mark', '\ufeff{}\n{"b":1}', ['!', { b: 1 }]],
    ['a bracket of the other kind', '{"a":[1}]}\n{"b":1}', ['!', { b: 1 }]],
    ['balanced, but not JSON: the next message is right behind it', '{a:1}{"b":1}', ['!', { b: 1 }]],
    ['a trailing comma', '[1,]{"b":1}', ['!', { b: 1 }]],
    ['a control character between tokens', '{"a":\u00011}{"b":1}', ['!', { b: 1 }]],
    ['a key twice', '{"a":1,"b":{"c":1,"c":2}}{"b":1}', ['!', { b: 1 }]],
    ['a key twice, in two spellings', '{"a":1,"\\u0061":2}{"b":1}', ['!', { b: 1 }]],
    ['cut at the end', '{"b":1}{"a":', [{ b: 1 }, '!']],
    ['cut in a string', '{"a":"', ['!']]
  ])('%s', (_name, text, expected) => {
    expect(read(text)).toEqual(expected)
    expect(bytewise(Buffer.from(text))).toEqual(expected)
  })
  test.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut character', [0xe2, 0x82]],
    ['0xff', [0xff]]
  ])('not UTF-8: %s; the next message is right behind it', (_name, bytes) => {
    const input = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}{"b":1}')])
    expect(read(input)).toEqual(['!', { b: 1 }])
    expect(bytewise(input)).toEqual(['!', { b: 1 }])
  })
  test('a control character is refused at once, before the message ends', () => {
    expect(all(new JsonStream(LIMITS), '{"a":"\u0000')).toMatchObject([{ ok: false }])
    expect(all(new JsonStream(LIMITS), 'x')).toMatchObject([{ ok: false }])
    expect(all(new JsonStream(LIMITS), '[}')).toMatchObject([{ ok: false }])
  })
})

describe('limits', () => {
  test('the largest message passes, one byte more does not, and the stream goes on', () => {
    const largest = `{"a":"${'x'.repeat(LIMITS.maxBytes - 8)}"}`
    const larger = `{"a":"${'x'.repeat(LIMITS.maxBytes - 7)}"}`
    expect(largest.length).toBe(LIMITS.maxBytes)
    for (const reader of [(text: string) => read(text), (text: string) => bytewise(Buffer.from(text))]) {
      expect(reader(`${largest}{"b":1}`)).toEqual([JSON.parse(largest), { b: 1 }])
      expect(reader(`${larger}{"b":1}`)).toEqual(['!', { b: 1 }])
    }
  })
  test('a message that never ends is refused at the limit and holds no memory', () => {
    const stream = new JsonStream(LIMITS)
    expect(all(stream, '["', ...Array.from({ length: 100 }, () => 'x'.repeat(1000)))).toMatchObject([{ ok: false }])
    expect(stream.incomplete).toBe(true)
    expect(stream.end()).toEqual([])
  })
  test('the deepest message passes, one deeper does not, and the stream goes on', () => {
    expect(read(`${'['.repeat(5)}${']'.repeat(5)}{"b":1}`)).toEqual([[[[[[]]]]], { b: 1 }])
    expect(read(`${'['.repeat(6)}${']'.repeat(6)}{"b":1}`)).toEqual(['!', { b: 1 }])
    expect(read(`${'[{"a":'.repeat(90)}1${'}]'.repeat(90)}{"b":1}`)).toEqual(['!', { b: 1 }])
  })
  test('a large message in small chunks costs linear time', () => {
    // Processor time, and the best of three: what else the machine does is not measured.
    const time = (bytes: number): number => Math.min(...[1, 2, 3].map(() => once(bytes)))
    const once = (bytes: number): number => {
      const stream = new JsonStream({ maxBytes: 64 * 1024 * 1024, maxDepth: 5 })
      const chunk = Buffer.alloc(64, 'x')
      const start = process.cpuUsage()
      stream.push(Buffer.from('["'))
      for (let sent = 0; sent < bytes; sent += chunk.length) stream.push(chunk)
      expect(stream.push(Buffer.from('"]'))).toMatchObject([{ ok: true }])
      const { user, system } = process.cpuUsage(start)
      return user + system
    }
    time(1 << 18)
    // 16 times the bytes; rescanning would take 256 times as long.
    expect(time(1 << 23) / time(1 << 19)).toBeLessThan(100)
  })
})

describe('properties', () => {
  const message = fc.oneof(
    fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ depthSize: 'xsmall', maxDepth: 2 })),
    fc.array(fc.jsonValue({ maxDepth: 2 }))
  )
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)

  test('any split of any stream of messages gives the same messages', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, space), { maxLength: 8 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (messages, cuts) => {
          const bytes = Buffer.from(messages.map(([value, gap]) => JSON.stringify(value) + gap).join(''))
          const expected = messages.map(([value]) => JSON.parse(JSON.stringify(value)) as unknown)
          const limits = { maxBytes: 1_000_000, maxDepth: 10 }
          const split = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]
          const values = all(
            new JsonStream(limits),
            ...split.slice(1).map((end, at) => bytes.subarray(split[at], end))
          ).map((item) => (item.ok ? item.value : item.reason))
          expect(values).toEqual(expected)
        }
      )
    )
  })
  test('random bytes never throw, and give the same whatever their split', () => {
    const tokens = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ':',
      ',',
      '1',
      'x',
      '\n',
      ' ',
      '\u0001',
      'é',
      '"a"',
      '{"a":1}'
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.array(tokens, { maxLength: 40 }).map((parts) => new Uint8Array(Buffer.from(parts.join(''))))
        ),
        (bytes) => {
          expect(bytewise(bytes)).toEqual(read(bytes))
        }
      ),
      { numRuns: 2000 }
    )
  })
})
