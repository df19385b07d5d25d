/**
 * Gossip RPCs written by hand, field by field, as the gossipsub specification names them: for peers that are not our
 * client code.
 */

type Bytes = Uint8Array | string

export interface Rpc {
  messages?: {
    topic?: string
    data?: Uint8Array
    from?: Uint8Array
    seqno?: Uint8Array
    signature?: Uint8Array
    key?: Uint8Array
  }[]
  subscriptions?: { subscribe: boolean; topic: string }[]
  ihave?: { topic: string; ids: Uint8Array[] }[]
  iwant?: Uint8Array[][]
  graft?: string[]
  prune?: { topic: string; peers?: Uint8Array[]; backoff?: number }[]
  idontwant?: Uint8Array[][]
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  while (left >= 128) {
    bytes.push((left % 128) + 128)
    left = Math.floor(left / 128)
  }
  return Buffer.from([...bytes, left])
}

/** A field of bytes. */
function field(number: number, value: Bytes): Buffer {
  const bytes = Buffer.from(value as Uint8Array)
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)])
}

function fields(entries: readonly (readonly [number, Bytes | undefined])[]): Buffer {
  return Buffer.concat(entries.flatMap(([at, value]) => (value === undefined ? [] : [field(at, value)])))
}

/** One RPC without its length. */
export function encodeRpc(rpc: Rpc): Buffer {
  const control = Buffer.concat([
    ...(rpc.ihave ?? []).map(({ topic, ids }) =>
      field(1, Buffer.concat([field(1, topic), ...ids.map((id) => field(2, id))]))
    ),
    ...(rpc.iwant ?? []).map((ids) => field(2, Buffer.concat(ids.map((id) => field(1, id))))),
    ...(rpc.graft ?? []).map((topic) => field(3, field(1, topic))),
    ...(rpc.prune ?? []).map(({ topic, peers = [], backoff }) =>
      field(
        4,
        Buffer.concat([
          field(1, topic),
          ...peers.map((peer) => field(2, field(1, peer))),
          ...(backoff === undefined ? [] : [number(3, backoff)])
        ])
      )
    ),
    ...(rpc.idontwant ?? []).map((ids) => field(5, Buffer.concat(ids.map((id) => field(1, id)))))
  ])
  return Buffer.concat([
    ...(rpc.subscriptions ?? []).map(({ subscribe, topic }) =>
      field(1, Buffer.concat([number(1, subscribe ? 1 : 0), field(2, topic)]))
    ),
    ...(rpc.messages ?? []).map(({ from, data, seqno, topic, signature, key }) =>
      field(
        2,
        fields([
          [1, from],
          [2, data],
          [3, seqno],
          [4, topic],
          [5, signature],
          [6, key]
        ])
      )
    ),
    ...(control.length > 0 ? [field(3, control)] : [])
  ])
}

/** One RPC as it goes over the stream. */
export function rpcFrame(rpc: Rpc): Buffer {
  return prefixed(encodeRpc(rpc))
}

export function prefixed(bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(bytes.length), bytes])
}

export { varint }
