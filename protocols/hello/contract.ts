import type { SignedRecord, WireEntry, WireHead, WireKeyEntry } from '../types.js'

/** The feature of an Intro: requests for heads may list the evidence that the asker has received. */
export const EVIDENCE_IDS = 'evidence-ids'

export interface HelloIntro {
  network: string
  /** Name and version, for logs. */
  software: string
  /** The sender's clock, milliseconds since the epoch; to explain skew, never to decide. */
  clockMs: number
  /** null: a node that cannot sign one now (restoring its ledger). */
  record: SignedRecord | null
  /**
   * What the sender can do beyond this version; unknown names are ignored, and a feature is used only if both sides
   * name it.
   */
  features: string[]
}

export interface WantedHead {
  ledger: string
  /** Entries that the asker holds. */
  size: number
  /** Hash of the asker's newest entry, hex: it reveals a fork at the same size. */
  headHash?: string
  /** Size of the newest checkpoint that the asker holds. */
  checkpointSize?: number
  /**
   * The asker holds evidence against the author: do not send it any. For a side that does not name the feature
   * EVIDENCE_IDS.
   */
  hasEvidence?: boolean
  /**
   * For a side that names the feature EVIDENCE_IDS: the evidence that the asker has received, SHA-256 of each file,
   * hex. Only other evidence is sent.
   */
  evidenceIds?: string[]
}

/** Every asked ledger in one list. */
export interface HeadsAnswer {
  heads: WireHead[]
  /** Nothing new: same size, head hash and checkpoint as far as they were given, no evidence that the asker lacks. */
  same: string[]
  none: string[]
  denied: string[]
}

export interface HeadsResult extends HeadsAnswer {
  /** Ledgers whose heads did not fit into the answer; ask again. */
  unanswered: string[]
}

/**
 * The callbacks of a session to its node. A WireError UNAVAILABLE, DENIED, BUSY or INVALID is the answer; any other
 * failure is answered UNAVAILABLE and reported.
 */
export interface SessionSource {
  heads: (peer: string, wanted: WantedHead[]) => HeadsAnswer | Promise<HeadsAnswer>
  /** Consecutive entries from `from`, at most `count`; none: UNAVAILABLE. The session sends as many as fit. */
  entries: (peer: string, ledger: string, from: number, count: number) => Promise<WireEntry[]>
  keyEntries: (peer: string, ledger: string) => Promise<WireKeyEntry[]>
  /** Notices come one after the other. A violation (WireError INVALID_FRAME or TOO_LARGE) ends the session. */
  onHeads: (peer: string, heads: WireHead[]) => void | Promise<void>
  onEvidence: (peer: string, ledger: string, evidence: Uint8Array) => void | Promise<void>
  /**
   * The peer's new record; or, where this side named the feature `twins`, that of another node with this side's peer
   * id. `intro`: the session's, which tells several with one peer apart.
   */
  onRecord: (peer: string, record: SignedRecord, intro: HelloIntro) => void | Promise<void>
  /** Failures of the callbacks above: bugs or a failing disk on our side, never the peer's. */
  onError: (peer: string, error: unknown) => void
}

/** Milliseconds; the defaults are in limits.ts, where each is explained. */
export interface HelloDeadlines {
  introMs: number
  busyAfterMs: number
  replyMs: number
  stallMs: number
  closeMs: number
}

export interface AskOptions {
  /** Ends the wait; the request itself is not withdrawn. */
  signal?: AbortSignal
}
