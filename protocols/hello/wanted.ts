/**
 * One ledger in a request for heads, checked alike when it is made and when it is read. Throws INVALID_FRAME or
 * TOO_LARGE.
 */
import { WireError } from '../codes.js'
import { checkLedger, checkNumber, invalid } from '../fields.js'
import { HASH_BYTES, MAX_EVIDENCE_IDS } from './limits.js'
import type { WantedHead as Message } from './hello.pb.js'
import type { WantedHead } from './contract.js'

export function encodeWanted(wanted: WantedHead): Message {
  const { ledger, size, headHash, checkpointSize, hasEvidence, evidenceIds = [] } = checkWanted(wanted)
  return {
    ledger,
    size,
    ...(headHash === undefined ? {} : { headHash: hashBytes(headHash) }),
    ...(checkpointSize === undefined ? {} : { checkpointSize }),
    hasEvidence: hasEvidence === true,
    evidenceIds: evidenceIds.map(hashBytes)
  }
}

export function decodeWanted({
  ledger,
  size,
  headHash,
  checkpointSize,
  hasEvidence,
  evidenceIds
}: Message): WantedHead {
  return checkWanted({
    ledger,
    size,
    ...(headHash === undefined ? {} : { headHash: hashText(headHash) }),
    ...(checkpointSize === undefined ? {} : { checkpointSize }),
    ...(hasEvidence ? { hasEvidence } : {}),
    ...(evidenceIds.length === 0 ? {} : { evidenceIds: evidenceIds.map(hashText) })
  })
}

function checkWanted(wanted: WantedHead): WantedHead {
  const { ledger, size, checkpointSize, hasEvidence, evidenceIds = [] } = wanted
  checkLedger(ledger)
  checkNumber(size, 'size')
  checkNumber(checkpointSize ?? 0, 'checkpoint size')
  if (evidenceIds.length > MAX_EVIDENCE_IDS)
    throw new WireError('TOO_LARGE', `more than ${MAX_EVIDENCE_IDS} evidence ids`)
  // SPEC hello §6: "each id once, and then not `has_evidence`"
  if (new Set(evidenceIds).size !== evidenceIds.length || (evidenceIds.length > 0 && hasEvidence === true))
    invalid('each evidence id once, and not has_evidence beside them')
  return wanted
}

function hashBytes(hash: string): Uint8Array {
  const bytes = Buffer.from(hash, 'hex')
  return bytes.byteLength === HASH_BYTES ? bytes : invalid(`a hash has ${HASH_BYTES} bytes`)
}

function hashText(hash: Uint8Array): string {
  return hash.byteLength === HASH_BYTES ? Buffer.from(hash).toString('hex') : invalid(`a hash has ${HASH_BYTES} bytes`)
}
