/** Changes inside a protobuf message that keep the lengths around them right, so that they are seen far inside. */
import { varint, type Mutation, type Roll } from './mutation.js'

interface Field {
  tag: number
  type: number
  bytes: Buffer
}

const NUMBERS = [
  0n,
  1n,
  2n,
  5n,
  6n,
  7n,
  63n,
  255n,
  256n,
  257n,
  511n,
  512n,
  513n,
  65_536n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n
]

export const mutateProto: Mutation = (bytes, roll) => {
  const fields = parse(bytes)
  return fields === null || fields.length === 0 ? bytes : write(change(fields, roll, 0))
}

function readVarint(bytes: Buffer, at: number): { value: bigint; end: number } | null {
  let value = 0n
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return null
    value |= BigInt(byte & 0x7f) << BigInt(7 * i)
    if (byte < 0x80) return { value, end: at + i + 1 }
  }
  return null
}

/** Null: these bytes are no message. */
function parse(bytes: Buffer): Field[] | null {
  const fields: Field[] = []
  for (let at = 0; at < bytes.length;) {
    const key = readVarint(bytes, at)
    if (key === null || key.value > 0xffffffffn || key.value < 8n) return null
    const [tag, type] = [Number(key.value >> 3n), Number(key.value & 7n)]
    if (type === 0) {
      const number = readVarint(bytes, key.end)
      if (number === null) return null
      fields.push({ tag, type, bytes: bytes.subarray(key.end, number.end) })
      at = number.end
    } else if (type === 2) {
      const length = readVarint(bytes, key.end)
      if (length === null || length.value > BigInt(bytes.length - length.end)) return null
      at = length.end + Number(length.value)
      fields.push({ tag, type, bytes: bytes.subarray(length.end, at) })
    } else return null
  }
  return fields
}

function write(fields: Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ tag, type, bytes }) =>
      type === 2 ? [varint(tag * 8 + 2), varint(bytes.length), bytes] : [varint(tag * 8 + type), bytes]
    )
  )
}

function change(fields: Field[], [kind, x, y, z]: Roll, depth: number): Field[] {
  const at = x % fields.length
  const field = fields[at]!
  if (field.type === 2 && depth < 6 && (x >>> 3) % 4 !== 0) {
    const inner = parse(field.bytes)
    if (inner !== null && inner.length > 0)
      return fields.with(at, { ...field, bytes: write(change(inner, [kind, Math.floor(x / 5), y, z], depth + 1)) })
  }
  switch (y % 9) {
    case 0:
      return fields.toSpliced(at, 1)
    case 1:
      return fields.toSpliced(at, 0, ...Array.from({ length: [1, 2, 64, 257, 513][z % 5]! }, () => field))
    case 2:
      return fields.toReversed()
    case 3:
      return [...fields, { tag: [15, 16, 100, 2 ** 29 - 1][z % 4]!, type: 0, bytes: varint(1) }]
    case 4:
      return fields.with(at, { ...field, tag: 1 + (z % 12) })
    case 5:
      return fields.with(at, { ...field, type: 0, bytes: varint(NUMBERS[z % NUMBERS.length]!) })
    case 6:
      return fields.with(at, {
        ...field,
        type: 2,
        bytes: Buffer.alloc([0, 1, 31, 32, 33, 63, 64, 65, 129, 4097, 16_385, 32_769][z % 12]!, 'a')
      })
    case 7:
      return fields.with(
        at,
        field.type === 0
          ? {
              ...field,
              bytes: Buffer.concat([
                Buffer.from(field.bytes.map((byte, i) => (i === field.bytes.length - 1 ? byte | 0x80 : byte))),
                Buffer.of(0)
              ])
            }
          : { ...field, bytes: field.bytes.subarray(0, z % (field.bytes.length + 1)) }
      )
    default:
      return field.type === 0
        ? fields.with(at, { ...field, bytes: varint(NUMBERS[z % NUMBERS.length]!) })
        : fields.with(at, { ...field, bytes: flipped(field.bytes, z) })
  }
}

function flipped(bytes: Buffer, z: number): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length > 0) copy[(z >>> 3) % copy.length]! ^= 1 << (z & 7)
  return copy
}
