/**
 * The conformance adapter: one `{n, op, in}` a line on standard input, one `{n, out}` a line on standard output,
 * answered by the built library. Nothing is decided here: an op only changes the spelling of its arguments.
 */
import { createInterface } from 'node:readline'
import { canonicalize, parseCanonical } from '../../src/core/canonical.js'
import { parseCheckpoint } from '../../src/core/checkpoint.js'
import { LedgermeshError } from '../../src/core/errors.js'
import { fromHex, sha256, toHex } from '../../src/core/hash.js'
import { parseIJson } from '../../src/core/ijson.js'
import { signingKeyFromSeed } from '../../src/core/keys.js'
import { MAX_PAYLOAD_DEPTH } from '../../src/core/limits.js'
import {
  consistencyProof,
  inclusionProof,
  merkleRoot,
  verifyConsistency,
  verifyInclusion
} from '../../src/core/merkle.js'
import { cosignatureTime, parseVkey, signNote, verifyNote } from '../../src/core/note.js'
import { fromBase64 } from '#platform'
import { verifySignature } from '../../src/core/signature.js'

type Input = Record<string, string> & { leaves_hex: string[]; proof: string[]; vkeys: string[] }
type Output = Record<string, unknown>

const LEAF = Uint8Array.of(0)
const leaves = (input: Input): string[] => input.leaves_hex.map((leaf) => sha256(LEAF, fromHex(leaf)))
const hex = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString('hex')
const base64 = (hash: string): string => Buffer.from(hash, 'hex').toString('base64')
const bytes = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64')

/** What an op answers when the library throws. */
const REFUSED: Record<string, Output> = {
  'ed25519.verify': { valid: false },
  'merkle.inclusion': { valid: false },
  'merkle.consistency': { valid: false }
}

const OPS: Record<string, (input: Input) => Output | Promise<Output>> = {
  'jcs.canonicalize': (input) => ({
    ok: true,
    out_b64: Buffer.from(canonicalize(parseIJson(bytes(input.json_b64)))).toString('base64')
  }),
  'jcs.isCanonical': (input) => {
    parseCanonical(bytes(input.json_b64), MAX_PAYLOAD_DEPTH)
    return { ok: true }
  },
  'jcs.number': (input) => ({ ok: true, out: canonicalize(Buffer.from(input.ieee754_hex!, 'hex').readDoubleBE()) }),
  'ijson.parse': (input) => {
    parseIJson(bytes(input.json_b64))
    return { ok: true }
  },
  'ed25519.verify': (input) => ({
    valid: verifySignature(fromHex(input.pk_hex!), fromHex(input.msg_hex!), fromHex(input.sig_hex!))
  }),
  'ed25519.sign': async (input) => {
    const key = signingKeyFromSeed(fromHex(input.seed_hex!))
    return { pk_hex: key.publicKey, sig_hex: toHex(await key.sign(fromHex(input.msg_hex!))) }
  },
  'merkle.root': (input) => ({ root_hex: merkleRoot(leaves(input)) }),
  'merkle.inclusion': (input) => ({
    valid: verifyInclusion({
      index: BigInt(input.leafIdx!),
      size: BigInt(input.treeSize!),
      leaf: hex(input.leafHash),
      root: hex(input.root),
      proof: input.proof.map(hex)
    })
  }),
  'merkle.consistency': (input) => ({
    valid: verifyConsistency({
      size1: BigInt(input.size1!),
      size2: BigInt(input.size2!),
      root1: hex(input.root1),
      root2: hex(input.root2),
      proof: input.proof.map(hex)
    })
  }),
  'merkle.proveInclusion': (input) => ({ proof: inclusionProof(leaves(input), Number(input.leafIdx)).map(base64) }),
  'merkle.proveConsistency': (input) => ({ proof: consistencyProof(leaves(input), Number(input.size1)).map(base64) }),
  'note.verify': async (input) => {
    const { verified } = await verifyNote(bytes(input.note_b64), input.vkeys.map(parseVkey), verifySignature)
    return { ok: true, verified: verified.map(({ name }) => name) }
  },
  'note.sign': async (input) => {
    const [, , name, , key] = /^(PRIVATE)\+KEY\+([^+]+)\+([^+]+)\+(.+)$/.exec(input.skey!)!
    const seed = fromBase64(key!)!.subarray(1)
    return {
      note_b64: Buffer.from(await signNote(bytes(input.text_b64).toString(), name!, signingKeyFromSeed(seed))).toString(
        'base64'
      )
    }
  },
  'note.parseVkey': (input) => {
    parseVkey(input.vkey!)
    return { ok: true }
  },
  'checkpoint.parse': (input) => {
    const { origin, size } = parseCheckpoint(bytes(input.text_b64).toString())
    return { ok: true, origin, size: String(size) }
  },
  'cosig.timestamp': (input) => {
    const time = cosignatureTime(bytes(input.sig_b64).subarray(4))
    return time === null ? { ok: false } : { ok: true, time: String(time) }
  }
}

async function answer(op: string, input: Input): Promise<Output> {
  if (!Object.hasOwn(OPS, op)) return { unsupported: true }
  try {
    return await OPS[op]!(input)
  } catch (error) {
    if (!(error instanceof LedgermeshError)) throw error // a bug, not a verdict
    return REFUSED[op] ?? { ok: false }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { n, op, in: input } = JSON.parse(line) as { n: number; op: string; in: Input }
  process.stdout.write(`${JSON.stringify({ n, out: await answer(op, input) })}\n`)
}
