/** Checks a file for `verify.html`: the same kinds by the same rules as `ledgermesh verify`, with nothing of a node. */
import { carriedKind } from '../core/carried-kind.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { verifyExport } from '../core/export.js'
import { foreignKind, withoutMark } from '../core/file-kind.js'
import { parseCarrier } from '../core/ijson.js'
import { MAX_PROOF_BYTES } from '../core/limits.js'
import { verifyIndexFault } from '../core/lmx1/verify-index-fault.js'
import { verifyAnswer } from '../core/verify-answer.js'
import { verifyEvidence } from '../core/verify-evidence.js'
import { verifySignature } from '../core/signature.js'
import { verifyProof } from '../core/verify-proof.js'
import { concat } from '#platform'
import { fileLines } from './file-lines.js'
import { ofAnswer, ofEvidence, ofExport, ofIndexFault, ofProof, type Finding } from './findings.js'

/** `onEntry`: how many entries of an export are checked; what it gives is waited for, so that a page can draw. */
export async function checkFile(
  chunks: AsyncIterable<Uint8Array>,
  onEntry: (count: number) => Promise<void> | void = () => undefined
): Promise<Finding> {
  const lines = fileLines(chunks)
  const first = await lines.next()
  if (first.done === true) throw new LedgermeshError('BAD_FILE', 'the file is empty')
  const foreign = foreignKind(first.value)
  if (foreign !== null) throw new LedgermeshError('BAD_FILE', `the file is ${foreign}: unpack or convert it first`)
  if (carriedKind(tryParse(first.value)) === 'export')
    return ofExport(await verifyExport(unhurried(withFirst(first.value, lines), onEntry)))
  const bytes = await whole(withFirst(first.value, lines))
  switch (carriedKind(tryParse(bytes))) {
    case 'proof':
      return ofProof(await verifyProof(bytes))
    case 'evidence':
      return ofEvidence(await verifyEvidence(bytes, { verify: verifySignature }))
    case 'answer':
      return ofAnswer(await verifyAnswer(bytes))
    case 'index-fault':
      return ofIndexFault(await verifyIndexFault(bytes))
    default:
      throw new LedgermeshError('BAD_FILE', 'this is no proof, evidence, export, answer or index fault of Ledgermesh')
  }
}

async function* withFirst(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield withoutMark(first)
  yield* rest
}

/** The first line of an export is no entry. */
async function* unhurried(
  lines: AsyncIterable<Uint8Array>,
  onEntry: (count: number) => Promise<void> | void
): AsyncGenerator<Uint8Array> {
  let count = -1
  for await (const line of lines) {
    count++
    if (count > 0) await onEntry(count)
    yield line
  }
}

/** All lines as they were; the newline that an editor left at the end is no part of it. */
async function whole(lines: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const line of lines) {
    bytes += line.length + 1
    if (bytes > MAX_PROOF_BYTES + 1)
      throw new LedgermeshError('TOO_LARGE', `such a file has at most ${MAX_PROOF_BYTES} bytes`)
    if (parts.length > 0) parts.push(LF)
    parts.push(line)
  }
  return concat(...parts)
}

const LF = Uint8Array.of(0x0a)

/** undefined: not JSON. */
function tryParse(bytes: Uint8Array): unknown {
  try {
    return parseCarrier(withoutMark(bytes))
  } catch (error) {
    if (isCoded(error)) return undefined
    throw error
  }
}
