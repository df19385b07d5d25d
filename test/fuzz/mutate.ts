/**
 * Inputs that are nearly right: valid samples, changed where their structure is. Shrinks to fewer and smaller changes.
 */
import fc from 'fast-check'
import { MAX_INPUT_BYTES } from './limits.js'
import { mutateJson } from './mutate-json.js'
import { mutateProto } from './mutate-proto.js'
import { varint, type Mutation } from './mutation.js'

/** Numbers at which lengths, counts and sizes go wrong. */
const EDGES = [
  0,
  1,
  0x7f,
  0x80,
  0xff,
  0x3fff,
  0x4000,
  0x7fff,
  0xffff,
  0x10000,
  2 ** 21,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 48,
  2 ** 53 - 1,
  2 ** 53
]
/**
 * What is not UTF-8, or hardly: overlong, a surrogate, beyond the last plane, cut off; a BOM, NUL, a noncharacter, line
 * separators.
 */
const TEXTS = [
  'ff',
  'c080',
  'eda080',
  'f4908080',
  'e2',
  'efbbbf',
  '00',
  'efbfbf',
  'e280a8',
  'c285',
  '5c75643830',
  '0a',
  '0d0a',
  '0a0a'
].map((hex) => Buffer.from(hex, 'hex'))

function replace(bytes: Buffer, at: number, length: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)])
}

const flip: Mutation = (bytes, [, x]) => {
  if (bytes.length === 0) return bytes
  const copy = Buffer.from(bytes)
  copy[(x >>> 3) % copy.length]! ^= 1 << (x & 7)
  return copy
}
const truncate: Mutation = (bytes, [, x]) => bytes.subarray(0, x % (bytes.length + 1))
const behead: Mutation = (bytes, [, x]) => bytes.subarray(x % (bytes.length + 1))
const cut: Mutation = (bytes, [, x, y]) => replace(bytes, x % (bytes.length + 1), 1 + (y % 64), Buffer.alloc(0))
const repeat: Mutation = (bytes, [, x, y, z]) => {
  const at = x % (bytes.length + 1)
  const part = bytes.subarray(at, at + 1 + (y % 256))
  return replace(bytes, at, 0, Buffer.concat(Array.from({ length: 1 + (z % 64) }, () => part)))
}
const splice: Mutation = (bytes, [, x, y, z], samples) => {
  const other = samples[z % samples.length]!
  return Buffer.concat([bytes.subarray(0, x % (bytes.length + 1)), other.subarray(y % (other.length + 1))])
}
const swap: Mutation = (bytes, [, x, y, z]) => {
  const [a, b] = [x % (bytes.length + 1), y % (bytes.length + 1)].toSorted((one, two) => one - two) as [number, number]
  const length = Math.min(1 + (z % 64), b - a)
  return Buffer.concat([
    bytes.subarray(0, a),
    bytes.subarray(b, b + length),
    bytes.subarray(a + length, b),
    bytes.subarray(a, a + length),
    bytes.subarray(b + length)
  ])
}
const length: Mutation = (bytes, [, x, y, z]) =>
  replace(bytes, x % (bytes.length + 1), y % 5, varint(EDGES[z % EDGES.length]!))
const bigEndian: Mutation = (bytes, [, x, y, z]) => {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(EDGES[z % EDGES.length]!))
  const size = [1, 2, 4, 6, 8][y % 5]!
  return replace(bytes, x % (bytes.length + 1), size, number.subarray(8 - size))
}
const badText: Mutation = (bytes, [, x, y, z]) =>
  replace(bytes, x % (bytes.length + 1), y % 3, TEXTS[z % TEXTS.length]!)
const fill: Mutation = (bytes, [, x, y, z]) =>
  replace(bytes, x % (bytes.length + 1), y % 32, Buffer.alloc(1 + (y % 32), [0, 0xff, 0x80, 0x20, 0x30][z % 5]))
const nest: Mutation = (bytes, [, x, y, z]) => {
  const [open, close] = [
    ['[', ']'],
    ['{"a":', '}'],
    ['{', '}'],
    ['"', '"']
  ][y % 4]!
  const depth = [2, 9, 65, 97, 1000, 5000][z % 6]!
  const at = x % (bytes.length + 1)
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(open!.repeat(depth)),
    bytes.subarray(at),
    Buffer.from(close!.repeat(depth))
  ])
}

const MUTATIONS: Mutation[] = [
  flip,
  flip,
  truncate,
  behead,
  cut,
  repeat,
  splice,
  splice,
  swap,
  length,
  bigEndian,
  badText,
  fill,
  nest,
  mutateJson,
  mutateJson,
  mutateJson,
  mutateJson,
  mutateJson,
  mutateProto,
  mutateProto,
  mutateProto,
  mutateProto
]

/** One of the samples after up to six changes. */
export function mutated(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const number = fc.oneof(fc.nat(255), fc.nat(0x7fffffff))
  const roll = fc.tuple(fc.nat(MUTATIONS.length - 1), number, number, number)
  return fc.tuple(fc.nat(samples.length - 1), fc.array(roll, { maxLength: 6 })).map(([at, rolls]) => {
    let bytes = Buffer.from(samples[at]!)
    for (const one of rolls)
      bytes = MUTATIONS[one[0]]!(bytes, one, samples).subarray(0, MAX_INPUT_BYTES) as typeof bytes
    return bytes
  })
}
