/** Valid things from one fixed author, for the seeds of the targets. */
import { encodeNodeRecord } from '../../src/core/node-record.js'
import {
  encodeEvidence,
  notIncludedEvidence,
  ruleBrokenEvidence,
  sameSeqEvidence,
  sameSizeEvidence
} from '../../src/core/evidence.js'
import { formatExportEntry, formatExportHead } from '../../src/core/export.js'
import { toHex } from '../../src/core/hash.js'
import { inclusionProof } from '../../src/core/merkle.js'
import { signingInput } from '../../src/core/signature.js'
import type { Entry } from '../../src/core/entry.js'
import type { RawStatement } from '../../src/core/verify-proof.js'
import { Author, looseHeader, NETWORK, signBytes } from '../core/author.js'
import type { AnswerQuestion } from '../../src/core/verify-answer.js'
import { answerOf, partOf } from '../vectors/make-files.js'
import type { SignedRecord } from '../../protocols/wire.js'

export const PEER = '12D3KooWGRUmEEfiuZ3bFpJRPbTLdh6VfL7hDTmR3b9Hn3GhCmR8'
export const ADDRESS = `/ip4/127.0.0.1/tcp/7440/p2p/${PEER}`
export const NOW = 1_700_000_000_000

/** Genesis, references, a payload, a rotation, an attestation, an erasure, names that are not ASCII. */
export const author = await makeAuthor()
export const genesis = author.entries[0]!

async function makeAuthor(): Promise<Author> {
  const author = await Author.create()
  await author.append({
    meta: {
      crossLedgerRefs: [
        { ledgerId: author.ledger, entryId: 'entry-0', entryHash: author.entries[0]!.hash, referenceType: 'related' }
      ]
    }
  })
  await author.appendPayload({ text: 'Überall, "immer"', list: [1, 2.5, null, { deep: [[]] }] })
  await author.rotate()
  await author.append({
    stream: 'trust',
    type: 'trust.attestation',
    meta: { subject: `b${'a'.repeat(52)}`, level_milli: 800, kind: 'full', depth: 1, expires: null }
  })
  await author.append({ type: 'ledger.erase', meta: { entries: [author.entries[2]!.hash] } })
  await author.append({
    id: 'größe-😀',
    issuer_oid: 'oid:1',
    subject_oid: 'oid:2',
    meta: {
      1: 1,
      0: 0,
      é: '\u2028',
      sync: { source: `b${'a'.repeat(52)}`, originalId: 'x', originalHash: 'ab'.repeat(32) }
    }
  })
  return author
}

export function statementOf({ raw }: Entry): RawStatement {
  return { header: Buffer.from(raw.header).toString(), signature: toHex(raw.signature) }
}

export async function proofs(): Promise<Uint8Array[]> {
  return await Promise.all(
    [0, 2, 6].map(async (seq) => {
      const entry = author.entries[seq]!
      return Buffer.from(
        JSON.stringify({
          v: 1,
          network: NETWORK,
          ledger: author.ledger,
          key_entries: author.keyEntries().map(statementOf),
          checkpoint: await author.checkpoint(),
          seq,
          entry: {
            ...statementOf(entry),
            payload: entry.raw.payload === null ? null : Buffer.from(entry.raw.payload).toString()
          },
          path: inclusionProof(author.hashes(), seq)
        })
      )
    })
  )
}

export async function exports(): Promise<Uint8Array[]> {
  const file = (checkpoint: string | null): Uint8Array =>
    Buffer.from(
      [
        formatExportHead({
          v: 1,
          network: NETWORK,
          ledger: author.ledger,
          key_entries: author.keyEntries().map(statementOf),
          checkpoint
        }),
        ...author.entries.map(({ raw }) => formatExportEntry(raw))
      ].join('\n')
    )
  return [file(await author.checkpoint()), file(null)]
}

export async function evidences(): Promise<Uint8Array[]> {
  const right = author.fork()
  right.entries.length = 4
  while (right.size < author.size) await right.append({ id: `other-${right.size}` })
  const [a, b] = [author.entries[4]!, right.entries[4]!]
  const live = author.signer.publicKey
  const broken = await signBytes(looseHeader({ ...author.header(), stream: '' }), author.signer)
  const skipping = await author.make({ seq: 9 })
  return [
    sameSeqEvidence(author.accused(), 4, a.raw, b.raw),
    sameSizeEvidence(author.accused(), live, await author.checkpoint(), await right.checkpoint()),
    notIncludedEvidence(
      author.accused(),
      live,
      b.raw,
      await author.checkpoint(),
      a.hash,
      inclusionProof(author.hashes(), 4)
    ),
    ruleBrokenEvidence(author.accused(), author.size, broken, null),
    ruleBrokenEvidence(author.accused(), 9, skipping.raw, author.entries.at(-1)!.raw)
  ].map(encodeEvidence)
}

export function record(changes: Record<string, unknown> = {}): Uint8Array {
  return encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: PEER,
    key: author.signer.publicKey,
    seq: 3,
    issued: NOW,
    expires: NOW + 3_600_000,
    addrs: [ADDRESS, '/dns4/example.org/tcp/443'],
    capabilities: ['sync', 'dns:example.org'],
    metadata: { version: '0.1.0', streams: ['main'], region: 'eu' },
    ...changes
  })
}

export async function signedRecord(changes: Record<string, unknown> = {}): Promise<SignedRecord> {
  const body = record(changes)
  return {
    body,
    signature: await author.signer.sign(signingInput('nodeRecord', body)),
    keyEntries: author.keyEntries().map(({ raw }) => ({ header: raw.header, signature: raw.signature }))
  }
}

/** A question that three entries match, answered by those alone, and by every entry in pages of two. */
export async function answers(): Promise<Uint8Array[]> {
  const checkpoint = await author.checkpoint()
  return (['asc', 'desc'] as const).map((order) => {
    const whole = order === 'desc'
    const question: AnswerQuestion = { stream: 'main', type: 'note', refers_to: { ledger: author.ledger }, order }
    const part = partOf(author, question, checkpoint, { whole, perPage: 2 })
    const sources = [{ ledger: author.ledger, state: whole ? 'proved' : 'included' }]
    return Buffer.from(JSON.stringify(answerOf(question, [part], sources, whole)))
  })
}
