/**
 * A node of one ledger that answers questions frame by frame, by hand: none of our server is in it, so that it can lie,
 * stall and refuse as no client of ours would.
 */
import { Entries, Request, Response } from '../../protocols/query/query.pb.js'
import { compress, type FrameStream } from '../../protocols/wire.js'
import type { Entry } from '../../src/core/entry.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import { multiproof } from '../../src/core/multiproof.js'
import { encodeNodeRecord } from '../../src/core/node-record.js'
import { signingInput } from '../../src/core/signature.js'
import type { ProtocolHandler } from '../../src/network/host.js'
import { NETWORK, type Author } from '../core/author.js'
import { TestPeer } from './test-peer.js'

export type Manner =
  | 'honest'
  /** An entry is left out of what is called all. */
  | 'cuts'
  /** Another entry stands in the place of one. */
  | 'swaps'
  /** Shows that there is nothing, and calls it all. */
  | 'hides'
  /** What matches, without one of them, and calls it nothing. */
  | 'holds-back'
  | 'silent'
  | 'busy'
  | 'resets'
  | 'garbage'
  | 'frozen'
  /** An older tree than it has. */
  | 'old'

const HOUR_MS = 3_600_000

export async function startQueryPeer(author: Author, manner: Manner): Promise<TestPeer> {
  const handler: ProtocolHandler = {
    name: 'query',
    version: 1,
    limits: { maxInboundStreams: 8, maxOutboundStreams: 8, maxFrameBytes: 1_114_112 },
    serve: async (stream) => {
      await answer(stream, author, manner)
    }
  }
  return await TestPeer.start({
    authors: [author],
    handlers: [handler],
    intro: async (peerId) => ({ record: await recordOf(author, peerId) })
  })
}

export async function recordOf(author: Author, peerId: string) {
  const now = Date.now()
  const body = encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: peerId,
    key: author.signer.publicKey,
    seq: 1,
    issued: now,
    expires: now + HOUR_MS,
    addrs: [],
    capabilities: ['query'],
    metadata: { version: 'hand', streams: [], region: null }
  })
  return {
    body,
    signature: await author.signer.sign(signingInput('nodeRecord', body)),
    keyEntries: author.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature }))
  }
}

async function answer(stream: FrameStream, author: Author, manner: Manner): Promise<void> {
  const { select, get } = Request.decode((await stream.read({ timeoutMs: 5_000 }))!)
  if (manner === 'silent') {
    await new Promise((resolve) => {
      stream.closed.addEventListener('abort', resolve, { once: true })
    })
    return
  }
  if (manner === 'resets') {
    stream.abort(new Error('reset'))
    return
  }
  const send = async (message: Parameters<typeof Response.encode>[0]): Promise<void> => {
    await stream.write(Response.encode(message), { timeoutMs: 5_000 })
  }
  if (manner === 'busy') await send({ code: 6, retryMs: 60_000 })
  else if (manner === 'garbage') await stream.write(Buffer.from('not a frame of this protocol'))
  else if (manner === 'frozen') {
    const evidence = await evidenceAgainst(author)
    await send({ code: 1, basis: { ledger: author.ledger, keyEntries: 0, consistency: [], evidence } })
    await send({ code: 2, end: { count: 0, status: 1, all: false } })
  } else if (get !== undefined) await gotten(send, author, manner, get)
  else await shown(send, author, manner, select!.filter?.subject, select!.to)
  await stream.closeWrite({ timeoutMs: 5_000 })
}

async function evidenceAgainst(author: Author): Promise<Uint8Array> {
  const at = author.size - 1
  const fork = author.fork()
  fork.entries.splice(at)
  const other = await fork.append({ id: 'the other' })
  return encodeEvidence(sameSeqEvidence(author.accused(), at, author.entries[at]!.raw, other.raw))
}

async function shown(
  send: (message: Parameters<typeof Response.encode>[0]) => Promise<void>,
  author: Author,
  manner: Manner,
  subject: string | undefined,
  to: number | undefined
): Promise<void> {
  const size = manner === 'old' ? author.size - 2 : author.size
  const all = author.entries.slice(0, Math.min(to ?? size, size))
  const isMatch = ({ header }: Entry): boolean => subject === undefined || header.subject_oid === subject
  const isAll = manner !== 'holds-back'
  let entries = isAll ? all : all.filter(isMatch).slice(1)
  const tree = multiproof(author.hashes().slice(0, size), [...new Set([0, ...entries.map(({ header }) => header.seq)])])
  if (manner === 'cuts') entries = entries.toSpliced(entries.findLastIndex(isMatch), 1)
  if (manner === 'hides') entries = []
  if (manner === 'swaps') {
    const at = entries.findLastIndex(isMatch)
    const other = await author.fork().make({ seq: at, id: 'made up', subject_oid: subject ?? null })
    entries = entries.with(at, other)
  }
  const items = [author.entries[0]!, ...entries]
  const content = Entries.encode({
    entries: items.map((entry, at) => ({
      header: entry.raw.header,
      signature: entry.raw.signature,
      ...(at > 0 && entry.raw.payload !== null && isMatch(entry) ? { payload: entry.raw.payload } : {})
    }))
  })
  await send({
    code: 1,
    basis: {
      ledger: author.ledger,
      checkpoint: await author.checkpoint(size),
      keyEntries: 1,
      consistency: []
    }
  })
  await send({ code: 1, group: { inflated: content.byteLength, data: await compress(content) } })
  await send({ code: 1, proof: { tree: tree.map((hash) => Buffer.from(hash, 'hex')) } })
  await send({ code: 2, end: { count: entries.filter(isMatch).length, status: 1, all: isAll } })
}

/** Another entry than was asked for, with a true proof, or the one that was. */
async function gotten(
  send: (message: Parameters<typeof Response.encode>[0]) => Promise<void>,
  author: Author,
  manner: Manner,
  { hashes, ids }: { hashes: Uint8Array[]; ids: string[] }
): Promise<void> {
  const wanted = hashes.map((hash) => Buffer.from(hash).toString('hex'))
  const isAsked = ({ hash, header }: Entry): boolean => wanted.includes(hash) || ids.includes(header.id)
  const entries = author.entries.filter((entry) => isAsked(entry) !== (manner === 'swaps')).slice(-1)
  const items = [author.entries[0]!, ...entries]
  const content = Entries.encode({
    entries: items.map(({ raw: { header, signature } }) => ({ header, signature }))
  })
  const tree = multiproof(author.hashes(), [...new Set(items.map(({ header }) => header.seq))])
  const checkpoint = await author.checkpoint()
  await send({ code: 1, basis: { ledger: author.ledger, checkpoint, keyEntries: 1, consistency: [] } })
  await send({ code: 1, group: { inflated: content.byteLength, data: await compress(content) } })
  await send({ code: 1, proof: { tree: tree.map((hash) => Buffer.from(hash, 'hex')) } })
  await send({ code: 2, end: { count: entries.length, status: 1, all: false } })
}
