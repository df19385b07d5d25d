/** Real ledgers, built once: the simulated authors publish them entry by entry. */
import { encodeHeader, type Header } from '../../src/core/header.js'
import { decodeEntry, ledgerOf, type Entry, type RawEntry } from '../../src/core/entry.js'
import { sha256 } from '../../src/core/hash.js'
import { keyHash } from '../../src/core/chain.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
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
export async function history (name: string, length: number, options: { rotates?: boolean, forkAt?: number } = {}): Promise<History> {
  const id = `${name} ${length} ${JSON.stringify(options)}`
  let made = known.get(id)
  if (made === undefined) {
    const keys = [0, 1].map((n) => signingKeyFromSeed(Buffer.from(sha256(Buffer.from(`${name} key ${n}`)), 'hex')))
    const entries = await extend(keys, [], length, 'a', options.rotates === true ? length >> 1 : -1, name)
    const forkAt = options.forkAt ?? length
    const branch = await extend(keys, entries.slice(0, forkAt), length, 'b', -1, name)
    made = { ledger: ledgerOf(entries[0]!), entries, forkAt, branch }
    known.set(id, made)
  }
  return made
}

async function extend (keys: SigningKey[], start: Entry[], length: number, branch: string, rotateAt: number, name: string): Promise<Entry[]> {
  const entries = [...start]
  let key = keys[0]!
  while (entries.length < length) {
    const seq = entries.length
    const type = seq === 0 ? 'ledger.genesis' : seq === rotateAt ? 'ledger.rotate-key' : 'note'
    if (type === 'ledger.rotate-key') key = keys[1]!
    const meta: JsonObject = seq === 0
      ? { network: NETWORK, name, access: 'public', next_key_hash: keyHash(keys[1]!.publicKey) }
      : type === 'note' ? {} : { next_key_hash: null }
    entries.push(await signEntry(key, { ledger: seq === 0 ? null : ledgerOf(entries[0]!), seq, prev: entries.at(-1)?.hash ?? null, id: `${branch}${seq}`, type, meta }))
  }
  return entries
}

export interface Draft { ledger: string | null, seq: number, prev: string | null, id: string, type?: string, meta?: JsonObject }

export async function signEntry (key: SigningKey, { ledger, seq, prev, id, type = 'note', meta = {} }: Draft): Promise<Entry> {
  const header: Header = {
    v: 1, ledger, seq, prev_hash: prev, key: key.publicKey, id, stream: 'main', type, issuer_oid: null, subject_oid: null,
    timestamp: 1_700_000_000_000 + seq % 1000, payload_hash: null, payload_size: 0, meta
  }
  const bytes = encodeHeader(header)
  return decode({ header: bytes, signature: await key.sign(signingInput('entry', bytes)), payload: null })
}

interface Verdict { publicKey: Uint8Array, message: Uint8Array, valid: boolean }

/** By the signature's own bytes: what is passed on unchanged is the same array in every node. */
const verdicts = new WeakMap<Uint8Array, Verdict>()

/** Real verification, each signature once for all nodes and runs. */
export const verify: Verify = (publicKey, message, signature) => {
  const known = verdicts.get(signature)
  if (known !== undefined && Buffer.compare(known.message, message) === 0 && Buffer.compare(known.publicKey, publicKey) === 0) return known.valid
  const valid = verifySignature(publicKey, message, signature)
  verdicts.set(signature, { publicKey, message, valid })
  return valid
}

const decoded = new WeakMap<RawEntry, Entry>()

/** Real decoding, each entry once for all nodes and runs: nobody changes the bytes of one that exists. */
export function decode (raw: RawEntry): Entry {
  let entry = decoded.get(raw)
  if (entry === undefined) decoded.set(raw, entry = decodeEntry(raw))
  return entry
}
