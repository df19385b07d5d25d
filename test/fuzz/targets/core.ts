/** The formats of core: what is signed, and the files that check themselves. */
import assert from 'node:assert/strict'
import { canonicalize, parseCanonical } from '../../../src/core/canonical.js'
import { verifyKeyEntries, verifyRange } from '../../../src/core/chain.js'
import { formatCheckpoint, parseCheckpoint, readCheckpoint } from '../../../src/core/checkpoint.js'
import { isCoded, type ErrorCode } from '../../../src/core/errors.js'
import { decodeEvidence, encodeEvidence } from '../../../src/core/evidence.js'
import { verifyExport } from '../../../src/core/export.js'
import { decodeHeader, encodeHeader } from '../../../src/core/header.js'
import { parseIJson } from '../../../src/core/ijson.js'
import { genesisHashOf, isLedgerId, ledgerIdOf } from '../../../src/core/ledger-id.js'
import { formatNote, formatVkey, parseNote, parseVkey } from '../../../src/core/note.js'
import { decodeNodeRecord, encodeNodeRecord } from '../../../src/core/node-record.js'
import { verifyIndexFault } from '../../../src/core/lmx1/verify-index-fault.js'
import { decodePayload, encodePayload } from '../../../src/core/payload.js'
import { isLedgerKey, verifyNative, verifySignature, verifyZip215 } from '../../../src/core/signature.js'
import { verifyEvidence } from '../../../src/core/verify-evidence.js'
import { verifyAnswer } from '../../../src/core/verify-answer.js'
import { isEntryText, readEntry, verifyProof } from '../../../src/core/verify-proof.js'
import { vkeyOf } from '../../../src/core/checkpoint.js'
import { formatSchedule, parseSchedule } from '../../../src/sync/schedule/schedule.js'
import { openingOf } from '../../../src/sync/schedule/windows.js'
import { readTrust } from '../../../src/trust/attestation.js'
import { NETWORK } from '../../core/author.js'
import { faultFiles } from '../../vectors/make-faults.js'
import { answers, author, evidences, exports, genesis, proofs, record, statementOf } from '../samples.js'
import { decoder, json, text, type Coded, type Target } from '../target.js'

/** Only these codes: what the function's comment says. */
export function codes(...allowed: ErrorCode[]): Coded {
  return (error) => isCoded(error) && allowed.includes(error.code)
}

/** So that changes get past the signatures, to what is checked behind them. */
const believe = (): boolean => true
const headers = (): Uint8Array[] => author.entries.map(({ raw }) => raw.header)
const headerErrors = codes('MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE', 'BAD_KEY', 'UPGRADE_NEEDED')
const note = async (): Promise<Uint8Array[]> => [
  text(await author.checkpoint()),
  text(`${await author.checkpoint()}— witness.example/1 ${Buffer.alloc(76, 7).toString('base64')}\n`)
]

function sameJson(value: unknown, again: unknown): void {
  assert.equal(JSON.stringify(again), JSON.stringify(value))
}

export const coreTargets: Target[] = [
  decoder({
    name: 'schedule',
    coded: codes('INVALID_PARAMS'),
    seeds: () => ['continuous', 'every 24h', 'mon-fri 22:00-06:00 Europe/Amsterdam; sat 00:00-24:00 UTC'].map(text),
    decode: (bytes) => parseSchedule(Buffer.from(bytes).toString()),
    check: (schedule) => {
      assert.deepEqual(parseSchedule(formatSchedule(schedule)), schedule)
      // Whatever was understood can be looked at: that ends, and the answer lies ahead.
      if (typeof schedule === 'object' && 'windows' in schedule)
        assert.ok(openingOf(schedule.windows, 1_774_400_000_000).until > 1_774_400_000_000)
    }
  }),
  decoder({ name: 'header', seeds: headers, coded: headerErrors, decode: decodeHeader, encode: encodeHeader }),
  decoder({
    name: 'entry',
    coded: codes('MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE', 'BAD_KEY', 'UPGRADE_NEEDED', 'PAYLOAD_MISMATCH'),
    seeds: () =>
      author.entries.map((entry) =>
        json({
          ...statementOf(entry),
          payload: entry.raw.payload === null ? null : Buffer.from(entry.raw.payload).toString()
        })
      ),
    decode: (bytes) => {
      const value = parseIJson(bytes)
      return isEntryText(value) ? readEntry(value) : null
    }
  }),
  decoder({
    name: 'payload',
    coded: codes('MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE'),
    seeds: () => [author.entries[2]!.raw.payload!],
    decode: decodePayload,
    encode: ({ payload, salt }) => encodePayload(payload, salt)
  }),
  decoder({
    name: 'canonical',
    coded: codes('MALFORMED', 'NOT_CANONICAL'),
    seeds: () => [...headers(), text('[1,2.5e-7,"\\u0001",{}]')],
    decode: (bytes) => parseCanonical(bytes, 64),
    encode: (value) => text(canonicalize(value))
  }),
  decoder({
    name: 'i-json',
    coded: codes('MALFORMED'),
    seeds: () => [...headers(), text(' {"a" : [1e3, "\\u00e9\\n", {"b\\"c": null}]} ')],
    decode: parseIJson,
    check: (value) => {
      sameJson(value, parseIJson(JSON.stringify(value)))
    }
  }),
  {
    name: 'signature',
    seeds: () =>
      author.entries
        .slice(0, 2)
        .map(({ header, raw }) =>
          Buffer.concat([
            Buffer.from(header.key, 'hex'),
            raw.signature,
            Buffer.from('ledgermesh/entry/1\n'),
            raw.header
          ])
        ),
    run: (bytes) => {
      const [key, signature, message] = [bytes.subarray(0, 32), bytes.subarray(32, 96), bytes.subarray(96)]
      const native = verifyNative(key, message, signature)
      if (native) assert.equal(verifyZip215(key, message, signature), true, 'native accepts what ZIP 215 does not')
      isLedgerKey(key)
      return verifySignature(key, message, signature)
    }
  },
  {
    name: 'ledger-id',
    seeds: () => [text(author.ledger), text(`b${'a'.repeat(52)}`)],
    run: (bytes) => {
      const id = Buffer.from(bytes).toString()
      if (!isLedgerId(id)) return false
      assert.equal(ledgerIdOf(genesisHashOf(id)), id)
      return true
    }
  },
  decoder({
    name: 'note',
    coded: codes('MALFORMED', 'TOO_LARGE'),
    seeds: note,
    decode: parseNote,
    encode: (value) => text(formatNote(value))
  }),
  decoder({
    name: 'vkey',
    coded: codes('MALFORMED'),
    seeds: () => [text(vkeyOf(`ledgermesh/${NETWORK}/${author.ledger}`, author.signer.publicKey))],
    decode: (bytes) => parseVkey(Buffer.from(bytes).toString('latin1')),
    encode: (value) => Buffer.from(formatVkey(value), 'latin1')
  }),
  decoder({
    name: 'checkpoint',
    coded: codes('MALFORMED', 'TOO_LARGE', 'WRONG_LEDGER'),
    seeds: note,
    decode: (bytes) => readCheckpoint(Buffer.from(bytes).toString(), { network: NETWORK, ledger: author.ledger }),
    check: (value) => {
      assert.equal(parseCheckpoint(formatCheckpoint(value)).root, value.root)
    }
  }),
  decoder({
    name: 'evidence',
    coded: codes('BAD_EVIDENCE', 'TOO_LARGE', 'UPGRADE_NEEDED'),
    seeds: evidences,
    decode: decodeEvidence,
    encode: encodeEvidence
  }),
  decoder({
    name: 'evidence-verified',
    coded: codes('BAD_EVIDENCE', 'TOO_LARGE', 'UPGRADE_NEEDED', 'WRONG_NETWORK'),
    seeds: evidences,
    decode: (bytes) => verifyEvidence(bytes, { verify: believe, network: NETWORK }),
    check: ({ seq }) => {
      assert.ok(Number.isSafeInteger(seq) && seq >= 1)
    }
  }),
  decoder({
    name: 'proof',
    coded: codes('BAD_PROOF', 'TOO_LARGE', 'UPGRADE_NEEDED'),
    seeds: proofs,
    decode: (bytes) => verifyProof(bytes, { verify: believe }),
    check: ({ entry, size }) => {
      assert.ok(entry.seq < size)
    }
  }),
  decoder({
    name: 'answer',
    coded: codes('BAD_PROOF', 'TOO_LARGE', 'UPGRADE_NEEDED'),
    seeds: answers,
    decode: (bytes) => verifyAnswer(bytes, { verify: believe }),
    check: ({ entries, sources }) => {
      assert.equal(
        sources.reduce((sum, source) => sum + source.entries, 0),
        entries.length
      )
    }
  }),
  decoder({
    name: 'index-fault',
    coded: codes('BAD_PROOF', 'TOO_LARGE', 'UPGRADE_NEEDED'),
    seeds: async () => Object.values(await faultFiles()).map(text),
    decode: (bytes) => verifyIndexFault(bytes, { verify: believe }),
    check: ({ index, last }) => {
      assert.ok(index.size <= index.seq && last >= index.seq)
    }
  }),
  decoder({
    name: 'export',
    coded: codes('BAD_PROOF', 'UPGRADE_NEEDED'),
    seeds: exports,
    decode: (bytes) => verifyExport(lines(bytes), { verify: believe }),
    check: ({ entries, payloads }) => {
      assert.equal(payloads.present + payloads.absent + payloads.none, entries)
    }
  }),
  decoder({
    name: 'node-record',
    coded: codes('BAD_RECORD', 'MALFORMED', 'NOT_CANONICAL'),
    seeds: () => [
      record(),
      record({ addrs: [], capabilities: [], metadata: { version: 'x', streams: [], region: null } })
    ],
    decode: decodeNodeRecord,
    encode: encodeNodeRecord
  }),
  decoder({
    name: 'key-entries',
    coded: codes(
      'MALFORMED',
      'NOT_CANONICAL',
      'TOO_LARGE',
      'BAD_KEY',
      'UPGRADE_NEEDED',
      'PAYLOAD_MISMATCH',
      'WRONG_LEDGER',
      'KEY_NOT_IN_FORCE',
      'BAD_SIGNATURE'
    ),
    seeds: () => [entryLines(author.keyEntries()), entryLines([genesis])],
    decode: async (bytes) => await verifyKeyEntries(author.ledger, readEntries(bytes), believe),
    check: ({ keys }) => {
      assert.ok(keys.length > 0)
    }
  }),
  decoder({
    name: 'range',
    coded: codes(
      'MALFORMED',
      'NOT_CANONICAL',
      'TOO_LARGE',
      'BAD_KEY',
      'UPGRADE_NEEDED',
      'PAYLOAD_MISMATCH',
      'WRONG_LEDGER',
      'BROKEN_LINK',
      'BAD_SIGNATURE'
    ),
    seeds: () => [entryLines(author.entries), entryLines(author.entries.slice(2, 4))],
    decode: async (bytes) => {
      await verifyRange(author.ledger, readEntries(bytes), believe)
    }
  }),
  decoder({
    name: 'trust-meta',
    coded: headerErrors,
    seeds: () => [author.entries[4]!.raw.header, author.entries[6]!.raw.header],
    decode: (bytes) => readTrust(decodeHeader(bytes), 'ab'.repeat(32)),
    check: (said) => {
      if (said !== null) assert.match(said.type, /^trust\./)
    }
  })
]

function lines(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let from = 0, at; from <= bytes.length; from = at + 1) {
    at = bytes.indexOf(0x0a, from)
    if (at < 0) at = bytes.length
    parts.push(bytes.subarray(from, at))
  }
  return parts
}

function entryLines(entries: typeof author.entries): Uint8Array {
  return text(
    entries
      .map((entry) =>
        JSON.stringify({
          ...statementOf(entry),
          payload: entry.raw.payload === null ? null : Buffer.from(entry.raw.payload).toString()
        })
      )
      .join('\n')
  )
}

function readEntries(bytes: Uint8Array): ReturnType<typeof readEntry>[] {
  return lines(bytes)
    .map((line): unknown => parseIJson(line))
    .filter(isEntryText)
    .map(readEntry)
}
