/** What a change is made of: four numbers, so that a case is small and replays. */
export type Roll = readonly [kind: number, x: number, y: number, z: number]

export type Mutation = (bytes: Buffer, roll: Roll, samples: readonly Uint8Array[]) => Buffer

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Buffer.from([...bytes, Number(rest)])
}
