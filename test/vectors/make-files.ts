/** One example of every file and every signed thing that docs/FORMATS.md describes, from fixed seeds. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize, type JsonObject } from '../../src/core/canonical.js'
import {
  encodeEvidence,
  notIncludedEvidence,
  ruleBrokenEvidence,
  sameSeqEvidence,
  sameSizeEvidence,
  type Evidence
} from '../../src/core/evidence.js'
import { formatExportEntry, formatExportHead } from '../../src/core/export.js'
import { fromUtf8, toHex } from '#platform'
import { sha256 } from '../../src/core/hash.js'
import { matchesFilter, type EntryFilter } from '../../src/core/entry-filter.js'
import { inclusionProof, merkleRoot } from '../../src/core/merkle.js'
import { multiproof } from '../../src/core/multiproof.js'
import { nameIndex } from '../core/lmx1/indexed-author.js'
import { build } from '../core/lmx1/world.js'
import { indexedPartOf } from './indexed-part.js'
import { statement } from './statement.js'
import { IndexBuilder, rootOf } from '../../src/core/lmx1/index-builder.js'
import { sourceOf } from '../../src/core/lmx1/index-source.js'
import { proveIndex } from '../../src/core/lmx1/prove-index.js'
import { referencesIn } from '../../src/core/reference.js'
import type { AnswerFile, AnswerPart, AnswerQuestion } from '../../src/core/verify-answer.js'
import { encodeNodeRecord } from '../../src/core/node-record.js'
import { peerIdOf } from '../../src/core/peer-key.js'
import { signingInput } from '../../src/core/signature.js'
import type { RawEntry } from '../../src/core/entry.js'
import { MarkFile } from '../../src/ledger/signer/signer-mark.js'
import type { BackupReport } from '../../src/node/api/node.js'
import { Author, key, looseHeader, NETWORK, signBytes } from '../core/author.js'
import { homeFiles } from './home-files.js'
import { faultFiles } from './make-faults.js'

const START_MS = 1_700_000_000_000
const YEAR_MS = 365 * 24 * 60 * 60 * 1000
const NEVER = null

/** Which entry of the example ledger is an example of what. */
export const SEQS = {
  genesis: 0,
  payload: 1,
  references: 2,
  copy: 3,
  access: 4,
  authorizeNode: 5,
  revokeNode: 6,
  erase: 7,
  attestation: 8,
  revocation: 9,
  acceptance: 10,
  verification: 11,
  membership: 12,
  membershipRevocation: 13,
  rotateKey: 14,
  last: 15
} as const

/** A ledger with an entry of every type that Ledgermesh reads, and its fork. */
export async function exampleLedger(): Promise<{ author: Author; fork: Author; other: Author }> {
  const author = await Author.create(1)
  const other = await Author.create(100)
  const peer = peerIdOf(key(200).publicKey)
  const target = other.entries[0]!.hash
  await author.appendPayload({ title: 'Bachelor', year: 2026, grade: 1.5 })
  await author.append({
    issuer_oid: 'oid:school',
    subject_oid: 'oid:person:7f3a',
    meta: {
      crossLedgerRefs: [
        { ledgerId: other.ledger, entryId: 'genesis', entryHash: target, referenceType: 'source' },
        { ledgerId: other.ledger, entryId: 'größer', entryHash: null, referenceType: 'related' }
      ]
    }
  })
  await author.append({ meta: { sync: { source: other.ledger, originalId: 'entry-0', originalHash: target } } })
  const reserved = async (type: string, meta: JsonObject, stream = 'ledger'): Promise<void> => {
    await author.append({ type, stream, meta })
  }
  const grant = [{ ledger: other.ledger, scope: 'query-only' }]
  await reserved('ledger.access', { grant, revoke: [], trust_milli: 700 })
  await reserved('ledger.authorize-node', { peer_id: peer, expires: START_MS + YEAR_MS })
  await reserved('ledger.revoke-node', { peer_id: peer })
  await reserved('ledger.erase', { entries: [author.entries[SEQS.payload]!.hash] })
  const attestation = { subject: other.ledger, level_milli: 800, kind: 'full', depth: 2, expires: NEVER }
  await reserved('trust.attestation', attestation, 'trust')
  await reserved('trust.revocation', { attestation: author.entries[SEQS.attestation]!.hash }, 'trust')
  await reserved('trust.acceptance', { ledger: other.ledger, attestation: target }, 'trust')
  await reserved('trust.verification', { ledger: other.ledger, attestation: target, confirmed: true }, 'trust')
  await reserved('trust.membership', { peer_id: peer, expires: START_MS + YEAR_MS }, 'trust')
  await reserved('trust.membership-revocation', { membership: author.entries[SEQS.membership]!.hash }, 'trust')
  await author.rotate()
  const fork = author.fork()
  await author.appendPayload({ text: 'after the rotation' })
  await fork.append({ id: 'the other history' })
  return { author, fork, other }
}

/** The lines of an export, without the payloads of these entries. */
export function exportOf(author: Author, checkpoint: string | null, omitted: readonly number[] = []): string {
  const raws = author.entries.map(({ raw }, seq): RawEntry => (omitted.includes(seq) ? { ...raw, payload: null } : raw))
  const keyEntries = author.keyEntries().map(({ raw }) => statement(raw))
  const head = formatExportHead({ v: 1, network: NETWORK, ledger: author.ledger, key_entries: keyEntries, checkpoint })
  return [head, ...raws.map(formatExportEntry)].map((line) => `${line}\n`).join('')
}

export function proofOf(
  author: Author,
  seq: number,
  checkpoint: string,
  size = author.size,
  payload = author.entries[seq]!.raw.payload
): JsonObject {
  const keyEntries = author
    .keyEntries()
    .filter(({ header }) => header.seq < size)
    .map(({ raw }) => statement(raw))
  return {
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    key_entries: keyEntries,
    checkpoint,
    seq,
    entry: { ...statement(author.entries[seq]!.raw), payload: payload === null ? null : fromUtf8(payload) },
    path: inclusionProof(author.hashes().slice(0, size), seq)
  }
}

/** The entries of the author that match, in pages of so many; or every entry, in pages that leave out none. */
export function partOf(
  author: Author,
  { order, ...filter }: AnswerQuestion,
  checkpoint: string,
  { whole, perPage, size = author.size }: { whole: boolean; perPage: number; size?: number }
): AnswerPart {
  const keyEntries = author.keyEntries().filter(({ header }) => header.seq < size)
  const held = author.entries.slice(0, size)
  const shown = whole ? held : held.filter(({ header }) => matchesFilter(header, filter))
  const pages: AnswerPart['pages'] = []
  for (let at = 0; at < shown.length; at += perPage) {
    const page = (order === 'asc' ? shown : shown.toReversed()).slice(at, at + perPage)
    const seqs = new Set([...keyEntries, ...page].map(({ header }) => header.seq))
    const [first, last] = [page[0]!.header.seq, page.at(-1)!.header.seq]
    pages.push({
      span: whole ? { from: Math.min(first, last), to: Math.max(first, last) + 1 } : null,
      tree: multiproof(
        held.map(({ hash }) => hash),
        [...seqs].sort((a, b) => a - b)
      ),
      entries: page.map(({ header, raw }) => ({
        ...statement(raw),
        payload: raw.payload === null || !matchesFilter(header, filter) ? null : fromUtf8(raw.payload)
      }))
    })
  }
  return { ledger: author.ledger, key_entries: keyEntries.map(({ raw }) => statement(raw)), checkpoint, pages }
}

export function answerOf(
  question: AnswerQuestion,
  parts: AnswerPart[],
  sources: AnswerFile['sources'],
  complete: boolean
): AnswerFile {
  return { v: 1, network: NETWORK, asked_at: START_MS, question, sources, complete, parts }
}

/** A ledger that is shown as a whole, one of which it shows what matches, and one that did not answer. */
async function exampleAnswer(author: Author, other: Author): Promise<AnswerFile> {
  const question: AnswerQuestion = { refers_to: { ledger: other.ledger }, order: 'asc' }
  const silent = await Author.create(150)
  const parts = [
    partOf(author, question, await author.checkpoint(), { whole: false, perPage: 10 }),
    partOf(other, question, await other.checkpoint(), { whole: true, perPage: 10 })
  ]
  const states = new Map([
    [author.ledger, 'included'],
    [other.ledger, 'proved'],
    [silent.ledger, 'timeout']
  ])
  return answerOf(
    question,
    parts.toSorted((a, b) => (a.ledger < b.ledger ? -1 : 1)),
    [...states.keys()].sort().map((ledger) => ({ ledger, state: states.get(ledger)! })),
    false
  )
}

/** A ledger that names an index: what matches among its first entries by that, the others one by one. */
async function exampleIndexAnswer(): Promise<AnswerFile> {
  const author = await Author.create(170)
  for (let at = 1; at < 12; at++)
    await author.append({ stream: at % 2 === 0 ? 'even' : 'odd', subject_oid: at % 5 === 0 ? 'oid:a' : `oid:${at}` })
  await nameIndex(author, build(author.entries.map(({ header }) => header)))
  const question: AnswerQuestion = { subject_oid: 'oid:a', stream: 'even', order: 'asc' }
  const part = await indexedPartOf(author, question, await author.checkpoint(), 10)
  return answerOf(question, [part], [{ ledger: author.ledger, state: 'proved' }], true)
}

/** Evidence of every kind, and of both ways to break a rule. */
export async function evidenceFiles(author: Author, fork: Author): Promise<Record<string, Evidence>> {
  const last = author.size - 1
  const live = author.signer
  const alone = await signBytes(looseHeader({ ...author.header(), stream: '' }), live)
  // it says that it follows the last entry, and its seq says otherwise
  const skipping = await author.make({ seq: author.size + 1 })
  return {
    'same-seq': sameSeqEvidence(author.accused(), last, author.entries[last]!.raw, fork.entries[last]!.raw),
    'same-size': sameSizeEvidence(author.accused(), live.publicKey, await author.checkpoint(), await fork.checkpoint()),
    'not-included': notIncludedEvidence(
      author.accused(),
      live.publicKey,
      fork.entries[last]!.raw,
      await author.checkpoint(),
      author.entries[last]!.hash,
      inclusionProof(author.hashes(), last)
    ),
    'rule-broken': ruleBrokenEvidence(author.accused(), author.size, alone, null),
    'rule-broken-link': ruleBrokenEvidence(author.accused(), author.size + 1, skipping.raw, author.entries[last]!.raw)
  }
}

/** Leaves of one tree, apart and side by side, with the proof for all of them. */
function exampleMultiproof(author: Author): JsonObject {
  const hashes = author.hashes()
  const indexes = [1, 2, 3, 9, 15]
  return {
    size: hashes.length,
    root: merkleRoot(hashes),
    leaves: indexes.map((index) => ({ index, hash: hashes[index]! })),
    proof: multiproof(hashes, indexes)
  }
}

/** The index over all entries, and what it shows to some questions; `seqs` is what matches. */
async function exampleIndex({ entries }: Author): Promise<object> {
  const builder = new IndexBuilder()
  for (const { header } of entries) builder.add(header)
  const index = builder.snapshot()
  const { size } = index
  const { ledgerId } = referencesIn(entries[2]!.header.meta)[0]!
  const proofs = []
  for (const [filter, from, to, order] of [
    [{ type: 'note' }, 0, size, 'asc'],
    [{ type: 'note' }, 3, size, 'desc'],
    [{ subject_oid: 'oid:person:7f3a' }, 0, size, 'asc'],
    [{ subject_oid: 'oid:nobody' }, 0, size, 'asc'],
    [{ stream: 'trust', type: 'trust.attestation' }, 2, 12, 'asc'],
    [{ from: START_MS + 9, to: START_MS + 11 }, 0, size, 'asc'],
    [{ refers_to: { ledger: ledgerId, entry_id: 'größer' } }, 0, size, 'asc'],
    [{ id: 'entry-5' }, 0, 5, 'asc']
  ] as [EntryFilter, number, number, 'asc' | 'desc'][]) {
    const matches = (seq: number): boolean => matchesFilter(entries[seq]!.header, filter)
    const found = await proveIndex(sourceOf(index), { filter, from, to }, { order, limit: 3, items: 100 }, matches)
    proofs.push({ filter, from: found.from, to: found.to, proof: found.proof, seqs: found.entries.filter(matches) })
  }
  return { size, root: rootOf(index), headers: entries.map(({ raw }) => fromUtf8(raw.header)), proofs }
}

/** By name; text files all of them. */
export async function makeFiles(): Promise<Record<string, string>> {
  const { author, fork, other } = await exampleLedger()
  const checkpoint = await author.checkpoint()
  const record = encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: peerIdOf(key(200).publicKey),
    key: author.signer.publicKey,
    seq: 7,
    issued: START_MS,
    expires: START_MS + 60_000,
    addrs: ['/ip4/203.0.113.7/tcp/7440'],
    capabilities: ['sync'],
    metadata: { version: '0.1.0', streams: ['main'], region: 'eu' }
  })
  const recordSignature = await author.signer.sign(signingInput('nodeRecord', record))
  const evidence = await evidenceFiles(author, fork)
  const backup: BackupReport = {
    v: 1,
    folder: '/srv/backups/monday',
    createdAt: START_MS,
    network: NETWORK,
    ledger: author.ledger,
    ledgers: [{ ledger: author.ledger, entries: author.size }],
    bytes: 13_200,
    keys: false
  }
  return {
    'export.jsonl': exportOf(author, checkpoint, [SEQS.payload]),
    'proof.json': `${JSON.stringify(proofOf(author, SEQS.last, checkpoint))}\n`,
    'answer.json': `${JSON.stringify(await exampleAnswer(author, other))}\n`,
    'answer-index.json': `${JSON.stringify(await exampleIndexAnswer())}\n`,
    'lmx1.json': `${JSON.stringify(await exampleIndex(author))}\n`,
    'multiproof.json': `${JSON.stringify(exampleMultiproof(author))}\n`,
    ...Object.fromEntries(
      Object.entries(evidence).map(([name, file]) => {
        return [`evidence-${name}.json`, fromUtf8(encodeEvidence(file))]
      })
    ),
    ...(await faultFiles()),
    'payload.json': fromUtf8(author.entries[SEQS.payload]!.raw.payload!),
    'checkpoint.txt': checkpoint,
    'node-record.json': canonicalize({ body: fromUtf8(record), signature: toHex(recordSignature) }),
    'signer.json': await signerMark(author),
    'backup.json': `${JSON.stringify(backup)}\n`,
    ...homeFiles(author, other.ledger, sha256(record))
  }
}

/** After two writings: the older mark has no checkpoint yet. */
async function signerMark(author: Author): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ledgermesh-'))
  try {
    const file = await MarkFile.open(join(folder, 'signer.json'))
    const [before, last] = author.entries.slice(-2)
    await file.write({ ledger: author.ledger, seq: before!.header.seq, hash: before!.hash, checkpoint: null })
    const checkpoint = { size: author.size, root: merkleRoot(author.hashes()) }
    await file.write({ ledger: author.ledger, seq: last!.header.seq, hash: last!.hash, checkpoint })
    return await readFile(file.path, 'utf8')
  } finally {
    await rm(folder, { recursive: true })
  }
}
