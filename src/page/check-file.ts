/** Checks a file for `verify.html`: the same kinds by the same rules as `ledgermesh verify`, with nothing of a node. */
import { carriedKind } from '../core/carried-kind.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { verifyExport } from '../core/export.js'
import { foreignKind, withoutMark } from '../core/file-kind.js'
import { parseCarrier } from '../core/ijson.js'
import { MAX_PROOF_BYTES } from '../core/limits.js'
import { peekable, readWhole, withoutLastNewline } from '../core/peekable.js'
import { verifyIndexFault } from '../core/lmx1/verify-index-fault.js'
import { verifyAnswer } from '../core/verify-answer.js'
import { verifyEvidence } from '../core/verify-evidence.js'
import { verifySignature } from '../core/signature.js'
import { verifyProof } from '../core/verify-proof.js'
import { fileLines } from './file-lines.js'
import { ofAnswer, ofEvidence, ofExport, ofIndexFault, ofProof, type Finding } from './findings.js'

/** `onEntry`: how many entries of an export are checked; what it gives is waited for, so that a page can draw. */
export async function checkFile(
  chunks: AsyncIterable<Uint8Array>,
  onEntry: (count: number) => Promise<void> | void = () => undefined
): Promise<Finding> {
  const file = peekable(chunks, MAX_PROOF_BYTES)
  const first = await file.firstLine()
  const foreign = foreignKind(first)
  if (foreign !== null) throw new LedgermeshError('BAD_FILE', `the file is ${foreign}: unpack or convert it first`)
  if (carriedKind(tryParse(first)) === 'export')
    return ofExport(await verifyExport(unhurried(unmarked(fileLines(file.rest())), onEntry)))
  const bytes = withoutLastNewline(withoutMark(await readWhole(file.rest(), MAX_PROOF_BYTES)))
  if (bytes.length === 0) throw new LedgermeshError('BAD_FILE', 'the file is empty')
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

/** Without the mark that some editors put before the first line. */
async function* unmarked(lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const line of lines) {
    yield isFirst ? withoutMark(line) : line
    isFirst = false
  }
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

/** undefined: not JSON. */
function tryParse(bytes: Uint8Array): unknown {
  try {
    return parseCarrier(withoutMark(bytes))
  } catch (error) {
    if (isCoded(error)) return undefined
    throw error
  }
}
