/**
 * `ledgermesh/verify`: checking entries, proofs, exports, evidence, checkpoints and node records without a node.
 * It imports nothing of Node's, so it runs in a browser too. Re-exports only.
 */
export { canonicalize, type Json, type JsonObject } from './core/canonical.js'
export type { KeyEpoch, KeyHistory } from './core/chain.js'
export { formatCheckpoint, parseCheckpoint, verifyCheckpoint } from './core/checkpoint.js'
export type { Checkpoint, ParsedCheckpoint } from './core/checkpoint.js'
export { ERRORS, LedgermeshError, isCoded, nextStep, type ErrorCode, type Surface } from './core/errors.js'
export { verifyExport, type ExportHead, type VerifiedExport } from './core/export.js'
export type { Hash } from './core/hash.js'
export type { Header } from './core/header.js'
export type { LedgerId } from './core/ledger-id.js'
export type { FaultKind } from './core/lmx1/index-charge.js'
export type { IndexProof, MapProof, RunItem, RunProof } from './core/lmx1/index-proof.js'
export type { ListRef } from './core/lmx1/list.js'
export type { Family as IndexFamily, Posting } from './core/lmx1/posting.js'
export { verifyIndexFault, type VerifiedIndexFault } from './core/lmx1/verify-index-fault.js'
export { consistencyProof, inclusionProof, merkleRoot, verifyConsistency, verifyInclusion } from './core/merkle.js'
export { multiproof, verifyMultiproof, type ShownLeaf } from './core/multiproof.js'
export { verifyNodeRecord, type NodeRecord, type SignedNodeRecord } from './core/node-record.js'
export { verifySignature, type Verify } from './core/signature.js'
export { verifyAnswer } from './core/verify-answer.js'
export type {
  AnswerFile,
  AnswerPageText,
  AnswerPart,
  AnswerQuestion,
  AnswerSource,
  VerifiedAnswer,
  VerifiedSource
} from './core/verify-answer.js'
export type { Span } from './core/answer-page.js'
export { verifyEntry } from './core/verify-entry.js'
export { verifyEvidence, type Signed, type VerifiedEvidence } from './core/verify-evidence.js'
export type { Evidence, EvidenceKind, NotIncluded, RuleBroken, SameSeq, SameSize, Statement } from './core/evidence.js'
export { verifyProof } from './core/verify-proof.js'
export type { EntryProof, EntryText, RawStatement, VerifiedProof } from './core/verify-proof.js'
export type { LedgerEntry, PayloadState } from './core/view.js'
