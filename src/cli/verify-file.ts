/** Checks a file that somebody handed over: which kind it is, it says itself. */
import { Presets, SingleBar } from 'cli-progress'
import { carriedKind } from '../core/carried-kind.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { verifyExport, type VerifiedExport } from '../core/export.js'
import { parseCarrier } from '../core/ijson.js'
import { MAX_PROOF_BYTES } from '../core/limits.js'
import { peekable, readWhole, withoutLastNewline } from '../core/peekable.js'
import { verifyIndexFault, type VerifiedIndexFault } from '../core/lmx1/verify-index-fault.js'
import { verifySignature } from '../core/signature.js'
import { verifyAnswer, type VerifiedAnswer } from '../core/verify-answer.js'
import { verifyEvidence, type VerifiedEvidence } from '../core/verify-evidence.js'
import { verifyProof, type VerifiedProof } from '../core/verify-proof.js'
import { openInput } from './import/open-input.js'
import { readLines } from './import/read-lines.js'

export type VerifiedFile =
  | { valid: true; file: 'proof'; proof: VerifiedProof }
  | { valid: true; file: 'evidence'; evidence: Pick<VerifiedEvidence, 'ledger' | 'network' | 'kind' | 'seq' | 'id'> }
  | { valid: true; file: 'export'; export: VerifiedExport }
  | { valid: true; file: 'answer'; answer: VerifiedAnswer }
  | { valid: true; file: 'index-fault'; indexFault: VerifiedIndexFault }

/**
 * Throws BAD_PROOF, BAD_EVIDENCE, TOO_LARGE, UPGRADE_NEEDED or BAD_FILE. `-` is standard input; gzip and zstd are
 * inflated.
 */
export async function verifyFile(file: string, quiet: boolean): Promise<VerifiedFile> {
  const chunks = peekable(openInput(file), MAX_PROOF_BYTES)
  const head = await chunks.firstLine()
  const first = tryParse(head)
  if (carriedKind(first) === 'export')
    return { valid: true, file: 'export', export: await checkExport(chunks.rest(), quiet) }
  const bytes = await readWhole(chunks.rest(), MAX_PROOF_BYTES)
  const value = tryParse(bytes)
  const whole = withoutLastNewline(bytes)
  switch (carriedKind(value)) {
    case 'evidence': {
      const { ledger, network, kind, seq, id } = await verifyEvidence(whole, { verify: verifySignature })
      return { valid: true, file: 'evidence', evidence: { ledger, network, kind, seq, id } }
    }
    case 'proof':
      return { valid: true, file: 'proof', proof: await verifyProof(bytes) }
    case 'answer':
      return { valid: true, file: 'answer', answer: await verifyAnswer(bytes) }
    case 'index-fault':
      return { valid: true, file: 'index-fault', indexFault: await verifyIndexFault(whole) }
    default:
      throw neither(file)
  }
}

function neither(file: string): LedgermeshError {
  return new LedgermeshError(
    'BAD_FILE',
    `${file} is neither a proof (\`ledgermesh prove\`), nor evidence (\`ledgermesh evidence --export\`), nor an export (\`ledgermesh export\`), nor an answer (\`ledgermesh query --across … --save\`), nor an index fault`
  )
}

async function checkExport(input: AsyncIterable<Buffer>, quiet: boolean): Promise<VerifiedExport> {
  const bar =
    quiet || !process.stderr.isTTY
      ? null
      : new SingleBar(
          { format: '{value} entries checked, {duration_formatted}', hideCursor: true, stream: process.stderr },
          Presets.shades_classic
        )
  bar?.start(0, 0)
  try {
    return await verifyExport(linesOf(input), { onEntry: (count) => bar?.update(count) })
  } finally {
    bar?.stop()
  }
}

async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let expected = 1
  for await (const lines of readLines(input, MAX_PROOF_BYTES)) {
    for (const { number, bytes } of lines) {
      if (number !== expected) throw new LedgermeshError('MALFORMED', `line ${expected} is empty`)
      if (bytes === null)
        throw new LedgermeshError('TOO_LARGE', `line ${number} has more than ${MAX_PROOF_BYTES} bytes`)
      expected++
      yield bytes
    }
  }
}

/** undefined: not JSON. */
function tryParse(bytes: Uint8Array): unknown {
  try {
    return parseCarrier(bytes)
  } catch (error) {
    if (isCoded(error)) return undefined
    throw error
  }
}
