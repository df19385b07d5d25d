/** Real ledgers, built once: the simulated authors publish them entry by entry. */
import { encodeHeader, type Header } from '../../src/core/header.js'
import {
  decodeEntry,
  ledgerOf,
  verifyEntrySignature,
  type Entry,
  type RawEntry,
  type SignedHeader
} from '../../src/core/entry.js'
import { sha256, type Hash } from '../../src/core/hash.js'
import { keyHash } from '../../src/core/chain.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
import { encodePayload } from '../../src/core/payload.js'
import { signingInput, verifySignature, type Verify } from '../../src/core/signature.js'
import type { JsonObject } from '../../src/core/canonical.js'

export const NETWORK = 'sim'

export interface History {
  ledger: string
  /** What there is to publish. */
  entries: Entry[]
  /** Another history with the same first `forkAt` entries. */
  forkAt: number
  branch: Entry[]
}

const known = new Map<string, History>()

/** The author's key changes halfway when `rotates`. */
export async function history(
  name: string,
  length: number,
  options: { rotates?: boolean; forkAt?: number } = {}
): Promise<History> {
  const id = `${name} ${length} ${JSON.stringify(options)}`
  let made = known.get(id)
  if (made === undefined) {
    const keys = keysOf(name)
    const entries = await extend(keys, [], length, 'a', options.rotates === true ? length >> 1 : -1, name)
    const forkAt = options.forkAt ?? length
    const branch = await extend(keys, entries.slice(0, forkAt), length, 'b', -1, name)
    made = { ledger: ledgerOf(entries[0]!), entries, forkAt, branch }
    known.set(id, made)
  }
  return made
}

/** The first key of the author of this name, and the one after it. */
export function keysOf(name: string): SigningKey[] {
  return [0, 1].map((n) => signingKeyFromSeed(Buffer.from(sha256(Buffer.from(`${name} key ${n}`)), 'hex')))
}

async function extend(
  keys: SigningKey[],
  start: Entry[],
  length: number,
  branch: string,
  rotateAt: number,
  name: string
): Promise<Entry[]> {
  const entries = [...start]
  let key = keys[0]!
  while (entries.length < length) {
    const seq = entries.length
    const type = seq === 0 ? 'ledger.genesis' : seq === rotateAt ? 'ledger.rotate-key' : 'note'
    if (type === 'ledger.rotate-key') key = keys[1]!
    const meta: JsonObject =
      seq === 0
        ? { network: NETWORK, name, access: 'public', next_key_hash: keyHash(keys[1]!.publicKey) }
        : type === 'note'
          ? {}
          : { next_key_hash: null }
    entries.push(
      await signEntry(key, {
        ledger: seq === 0 ? null : ledgerOf(entries[0]!),
        seq,
        prev: entries.at(-1)?.hash ?? null,
        id: `${branch}${seq}`,
        type,
        meta
      })
    )
  }
  return entries
}

export interface Draft {
  ledger: string | null
  seq: number
  prev: string | null
  id: string
  type?: string
  meta?: JsonObject
  /** Has one. */
  payload?: boolean
  /** Its author leaves it unsigned. */
  unsigned?: boolean
}

export async function signEntry(
  key: SigningKey,
  { ledger, seq, prev, id, type = 'note', meta = {}, payload: has = false, unsigned = false }: Draft
): Promise<Entry> {
  const payload = has ? encodePayload(`of ${id}`, sha256(Buffer.from(id)).slice(0, 32)) : null
  const header: Header = {
    v: 1,
    ledger,
    seq,
    prev_hash: prev,
    key: key.publicKey,
    id,
    stream: 'main',
    type,
    issuer_oid: null,
    subject_oid: null,
    timestamp: 1_700_000_000_000 + (seq % 1000),
    payload_hash: payload === null ? null : sha256(payload),
    payload_size: payload?.length ?? 0,
    meta
  }
  const bytes = encodeHeader(header)
  return decode({
    header: bytes,
    signature: unsigned ? new Uint8Array(64) : await key.sign(signingInput('entry', bytes)),
    payload
  })
}

interface Verdict {
  publicKey: Uint8Array
  message: Uint8Array
  valid: boolean
}

/** By the signature's own bytes: what is passed on unchanged is the same array in every node. */
const verdicts = new WeakMap<Uint8Array, Verdict>()
/** What evidence carries is read from a file each time. */
const byText = new Map<string, Verdict>()

/** Real verification, each signature once for all nodes and runs. */
export const verify: Verify = (publicKey, message, signature) => {
  const known = verdicts.get(signature) ?? byText.get(textOf(signature))
  if (
    known !== undefined &&
    Buffer.compare(known.message, message) === 0 &&
    Buffer.compare(known.publicKey, publicKey) === 0
  )
    return known.valid
  const valid = verifySignature(publicKey, message, signature)
  const verdict = { publicKey, message, valid }
  verdicts.set(signature, verdict)
  if (valid) byText.set(textOf(signature), verdict)
  return valid
}

function textOf(signature: Uint8Array): string {
  return Buffer.from(signature).toString('latin1')
}

/** By the header's own bytes: with payload and without. */
const decoded = new WeakMap<Uint8Array, Entry[]>()
const byHash = new Map<Hash, Entry>()

/** Real decoding, each entry once for all nodes and runs: nobody changes the bytes of one that exists. */
export function decode(raw: RawEntry): Entry {
  const known = decoded.get(raw.header) ?? []
  let entry = known.find((one) => one.raw.signature === raw.signature && one.raw.payload === raw.payload)
  if (entry !== undefined) return entry
  entry = decodeEntry(raw)
  decoded.set(raw.header, [...known, entry])
  byHash.set(entry.hash, entry)
  return entry
}

/** Of all that was ever decoded. */
export function entryOf(hash: Hash): Entry | undefined {
  return byHash.get(hash)
}

/** Without its payload. */
export function bare(raw: RawEntry): RawEntry {
  return raw.payload === null ? raw : decode({ ...raw, payload: null }).raw
}

const audited = new WeakMap<Uint8Array, boolean>()

/** As signatures/verifier.ts, without its worker and its budgets. */
export const verifier = {
  verify,
  forPeer: (): Verify => verify,
  audit: async (entries: SignedHeader[]): Promise<boolean[]> =>
    await Promise.all(
      entries.map(async ({ header, signature }) => {
        let valid = audited.get(signature)
        if (valid === undefined)
          audited.set(
            signature,
            (valid = await verifyEntrySignature(decode({ header, signature, payload: null }), verify))
          )
        return valid
      })
    )
}
