/**
 * Hello: the long-lived stream per peer (SPEC.md). Both sides introduce themselves; then each may ask, answer and tell, in any order.
 *
 * ```ts
 * const session = await openHello(await host.open(peer, hello, signal), source, peer, signal)
 * const { heads } = await session.askHeads([{ ledger, size: 17 }])
 * ```
 */
import type { SignedRecord, WireEntry, WireHead, WireKeyEntry } from '../types.js'
import type { HelloSession } from './session.js'

export { openHello } from './client.js'
export { hello, helloProtocol } from './server.js'
export { HelloSession } from './session.js'

export interface HelloIntro {
  network: string
  /** Name and version, for logs. */
  software: string
  /** The sender's clock, milliseconds since the epoch; to explain skew, never to decide. */
  clockMs: number
  /** null: a node that cannot sign one now (restoring its ledger). */
  record: SignedRecord | null
  /** What the sender can do beyond this version; unknown names are ignored, and a feature is used only if both sides name it. */
  features: string[]
}

export interface WantedHead {
  ledger: string
  /** Entries that the asker holds. */
  size: number
  /** Hash of the asker's newest entry, hex: with it a fork at the same size shows. */
  headHash?: string
  /** Size of the newest checkpoint that the asker holds. */
  checkpointSize?: number
  /** The asker holds evidence against the author: do not send it again. */
  hasEvidence?: boolean
}

/** Every asked ledger in one list. */
export interface HeadsAnswer {
  heads: WireHead[]
  /** Nothing new: same size, head hash and checkpoint as far as they were given. */
  same: string[]
  none: string[]
  denied: string[]
}

export interface HeadsResult extends HeadsAnswer {
  /** Ledgers whose heads did not fit into the answer; ask again. */
  unanswered: string[]
}

/** What a session asks of its node. A WireError UNAVAILABLE, DENIED, BUSY or INVALID is the answer; any other failure is answered UNAVAILABLE and reported. */
export interface HelloSource {
  /** What this peer is to know of us. */
  intro: (peer: string) => HelloIntro | Promise<HelloIntro>
  /** Decides about `session.intro`; throwing refuses the peer. Requests made in here are answered only after it returns: do not wait for them inside. */
  onIntro: (session: HelloSession) => void | Promise<void>
  heads: (peer: string, wanted: WantedHead[]) => HeadsAnswer | Promise<HeadsAnswer>
  /** Consecutive entries from `from`, at most `count`; none: UNAVAILABLE. The session sends as many as fit. */
  entries: (peer: string, ledger: string, from: number, count: number) => Promise<WireEntry[]>
  keyEntries: (peer: string, ledger: string) => Promise<WireKeyEntry[]>
  /** Notices come one after the other. A violation (WireError INVALID_FRAME or TOO_LARGE) ends the session. */
  onHeads: (peer: string, heads: WireHead[]) => void | Promise<void>
  onEvidence: (peer: string, ledger: string, evidence: Uint8Array) => void | Promise<void>
  onRecord: (peer: string, record: SignedRecord) => void | Promise<void>
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
  /** Stops waiting; the request itself is not taken back. */
  signal?: AbortSignal
}
