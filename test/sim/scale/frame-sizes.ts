/** What the real frames weigh, in bytes: each is encoded once by the code that makes it on the wire. */
import { encodeAnnouncement } from '../../../protocols/announce/index.js'
import { encodeFrame } from '../../../protocols/hello/frame.js'
import type { WantedHead } from '../../../protocols/hello/index.js'
import type { SignedRecord, WireEntry, WireHead } from '../../../protocols/wire.js'
import type { RawEntry } from '../../../src/core/entry.js'
import { encodeNodeRecord } from '../../../src/core/node-record.js'
import { NETWORK } from '../histories.js'

/** Around a frame on the wire: its length, yamux's and Noise's headers. */
const AROUND = 3 + 12 + 18
/** A payload of the demo's kind, and a checkpoint note with its signature. */
const PAYLOAD_BYTES = 600
const CHECKPOINT_BYTES = 330
/** One multiaddr in binary, and a peer id: what the DHT says of a peer. */
const DHT_PEER_BYTES = 2 + 2 + 38 + 2 + 2 + 10
const DHT_KEY_BYTES = 2 + 34 + 2
/** New streams are negotiated: two lines each way. */
const NEGOTIATION_BYTES = 120

export interface FrameSizes {
  announcement: number
  record: number
  intro: number
  recordNotice: number
  headsRequest: (wanted: number) => number
  headsReply: (counts: { heads: number; checkpoints: number; listed: number }) => number
  entriesRequest: number
  entriesReply: (entries: number) => number
  refusal: number
  /** Control messages of gossipsub about one topic or message. */
  subscribe: number
  ihave: (messages: number) => number
  idontwant: number
  dhtRequest: number
  dhtResponse: (peers: number, providers: number) => number
  addProvider: number
  ping: number
}

export function frameSizes(ledger: string, entry: RawEntry, hash: string): FrameSizes {
  const signature = new Uint8Array(64)
  const head: WireHead = { ledger, header: entry.header, signature, checkpoint: null, evidence: null, earliest: 0 }
  const withCheckpoint: WireHead = { ...head, checkpoint: 'c'.repeat(CHECKPOINT_BYTES) }
  const one: WireEntry = { header: entry.header, signature, payload: new Uint8Array(PAYLOAD_BYTES) }
  const wanted: WantedHead = { ledger, size: 1000, headHash: hash, checkpointSize: 1000, hasEvidence: false }
  const record: SignedRecord = {
    body: recordBody(ledger, JSON.parse(Buffer.from(entry.header).toString()) as { key: string }),
    signature,
    keyEntries: [{ header: entry.header, signature }]
  }
  const heads = (list: WireHead[], same: string[]): number =>
    encodeFrame({
      kind: 'reply',
      id: 1000,
      answer: { kind: 'heads', heads: { heads: list, same, none: [], denied: [] } }
    }).byteLength
  const entries = (count: number): number =>
    encodeFrame({
      kind: 'reply',
      id: 1000,
      answer: { kind: 'entries', entries: Array.from({ length: count }, () => one) }
    }).byteLength
  const [oneEntry, twoEntries] = [entries(1), entries(2)]
  // A ledger may be asked for only once in a frame.
  const asks = encodeFrame({ kind: 'request', id: 1000, ask: { kind: 'heads', wanted: [wanted] } }).byteLength
  const perWanted = asks - 8
  const none = heads([], [])
  const perHead = heads([head], []) - none
  const perCheckpoint = heads([withCheckpoint], []) - none
  const perListed = heads([], [ledger]) - none
  const topic = `/ledgermesh/${NETWORK}/announce/${ledger}`.length
  return {
    announcement: AROUND + topic + 6 + encodeAnnouncement({ head: { header: entry.header, signature } }).byteLength,
    record: AROUND + `/ledgermesh/${NETWORK}/nodes`.length + 6 + encodeAnnouncement({ record }).byteLength,
    intro:
      AROUND +
      NEGOTIATION_BYTES +
      encodeFrame({
        kind: 'intro',
        intro: { network: NETWORK, software: 'ledgermesh/0.1.0', features: [], clockMs: Date.UTC(2026, 0), record }
      }).byteLength,
    recordNotice: AROUND + encodeFrame({ kind: 'notice', notice: { kind: 'record', record } }).byteLength,
    headsRequest: (count) => AROUND + 8 + count * perWanted,
    headsReply: ({ heads: shown, checkpoints, listed }) =>
      AROUND + none + shown * perHead + checkpoints * perCheckpoint + listed * perListed,
    entriesRequest:
      AROUND +
      encodeFrame({ kind: 'request', id: 1000, ask: { kind: 'entries', ledger, from: 1000, count: 1 } }).byteLength,
    entriesReply: (count) => AROUND + oneEntry + (count - 1) * (twoEntries - oneEntry),
    refusal: AROUND + 8,
    subscribe: topic + 6,
    ihave: (messages) => AROUND + topic + 6 + 34 * messages,
    idontwant: AROUND + 38,
    dhtRequest: AROUND + NEGOTIATION_BYTES + 2 + DHT_KEY_BYTES,
    dhtResponse: (peers, providers) =>
      AROUND + NEGOTIATION_BYTES + 2 + DHT_KEY_BYTES + (peers + providers) * DHT_PEER_BYTES,
    addProvider: AROUND + NEGOTIATION_BYTES + 2 + DHT_KEY_BYTES + DHT_PEER_BYTES,
    ping: AROUND + NEGOTIATION_BYTES + 32
  }
}

function recordBody(ledger: string, { key }: { key: string }): Uint8Array {
  const peer = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'
  return encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger,
    peer_id: peer,
    key,
    seq: 1_700_000_000_000,
    issued: 1_700_000_000_000,
    expires: 1_700_043_200_000,
    addrs: [`/ip4/203.0.113.7/tcp/7440/p2p/${peer}`],
    capabilities: ['ledger', 'sync', 'attest'],
    metadata: { version: '0.1.0', streams: [], region: null }
  })
}
