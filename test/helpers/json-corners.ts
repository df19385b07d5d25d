/** Arbitrary JSON texts with the corners: what a grammar at one door may take and at another refuse. */
import fc from 'fast-check'

export interface JsonText {
  text: string
  /** It has a number that `JSON.parse` would change: a program that has the value has another one. */
  lossy: boolean
}

const KEPT = [
  '0',
  '-0',
  '1',
  '-1.5',
  '0.1',
  '1e300',
  '5e-324',
  '1.7976931348623157e308',
  '9007199254740991',
  '9007199254740992',
  '1e23',
  '0.30000000000000004',
  '0e999',
  '123456789.123456789'
]
const LOSSY = [
  '9007199254740993',
  '-9007199254740993',
  '123456789012345678901234567890',
  '1e-400',
  '1e400',
  '-1E+999',
  '9007199254740993.0',
  `0.${'0'.repeat(330)}1`
]
const PIECES = [
  'a',
  'é',
  '中',
  '😀',
  '"',
  '\\',
  '/',
  '\n',
  '\u0000',
  '\u007f',
  '\u2028',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\ufffd',
  '__proto__',
  'constructor',
  '1e999',
  'toJSON'
]
const BAD_PIECES = ['\uffff', '\ufffe', '\ufdd0', '\u{1fffe}', '\u{10ffff}', '\ud800', '\udc00']

/** Mostly good ones: a value with one bad corner in it is what a door must not miss. */
const string: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...PIECES) },
      { weight: 20, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom(...BAD_PIECES) }
    ),
    { maxLength: 4 }
  )
  .map((pieces) => pieces.join(''))

/** As JSON.stringify writes it, or with every unit escaped. */
const stringText = fc
  .tuple(string, fc.boolean())
  .map(([value, escaped]) =>
    escaped
      ? `"${Array.from({ length: value.length }, (_, at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
      : JSON.stringify(value)
  )

const scalar: fc.Arbitrary<JsonText> = fc.oneof(
  { weight: 30, arbitrary: stringText.map((text) => ({ text, lossy: false })) },
  { weight: 20, arbitrary: fc.constantFrom(...KEPT, 'true', 'false', 'null').map((text) => ({ text, lossy: false })) },
  {
    weight: 10,
    arbitrary: fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => ({ text: JSON.stringify(value), lossy: false }))
  },
  { weight: 2, arbitrary: fc.constantFrom(...LOSSY).map((text) => ({ text, lossy: true })) }
)

const { value } = fc.letrec<{ value: JsonText; list: JsonText; object: JsonText }>((tie) => ({
  value: fc.oneof({ maxDepth: 4, depthSize: 'small' }, scalar, tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 4 }).map((members) => ({
    text: `[${members.map(({ text }) => text).join(',')}]`,
    lossy: members.some(({ lossy }) => lossy)
  })),
  object: fc
    .uniqueArray(
      fc.tuple(fc.oneof(stringText, fc.constantFrom('"__proto__"', '"\\u005f_proto__"', '"10"', '"9"')), tie('value')),
      { maxLength: 4, selector: ([key]) => JSON.parse(key) as string }
    )
    .map((members) => ({
      text: `{${members.map(([key, { text }]) => `${key}:${text}`).join(',')}}`,
      lossy: members.some(([, { lossy }]) => lossy)
    }))
}))

export const jsonText: fc.Arbitrary<JsonText> = value

const nested = (depth: number): JsonText => ({ text: `${'['.repeat(depth)}${']'.repeat(depth)}`, lossy: false })
const long = (length: number, unit = 'x'): JsonText => ({ text: `"${unit.repeat(length)}"`, lossy: false })

/**
 * Around each limit. A payload's bytes are those of {"payload":…,"salt":"<32 digits>"}: 56 more than a string's
 * characters.
 */
export const JSON_LIMITS: JsonText[] = [
  nested(62),
  nested(63),
  nested(64),
  nested(90),
  nested(200),
  nested(20_000),
  long(1024 * 1024 - 56),
  long(1024 * 1024 - 55),
  long(9 * 1024 * 1024),
  long(349_506, '\\u00e9'),
  { text: '"\\uffff"', lossy: false },
  { text: '{"\\ud800":1}', lossy: false },
  ...LOSSY.map((text) => ({ text: `{"a":[${text}]}`, lossy: true }))
]
