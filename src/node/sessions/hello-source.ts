/**
 * This node's side of every hello stream: its introduction, its answers, and which notices of which peers it accepts.
 */
import {
  EVIDENCE_IDS,
  type HelloIntro,
  type HelloSession,
  type HelloSource,
  type WantedHead
} from '../../../protocols/hello/index.js'
import type { SignedRecord, WireHead } from '../../../protocols/wire.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { ServeHello } from './serve-hello.js'
import type { RecordDisclosure } from './record-disclosure.js'
import type { ReadingRights } from '../access/read-access.js'
import { TWINS } from './twin-tracker.js'
import { SOFTWARE } from '../runtime/version.js'

export interface HelloSourceInit {
  network: string
  ledgers: Ledgers
  clock: Clock
  log: Log
  rights: ReadingRights
  answers: ServeHello
  disclosure: RecordDisclosure
  /** Throws an error that ends the peer's session. */
  onIntro: (session: HelloSession) => Promise<void>
  /** The peer asks for heads, and states how much of each ledger it holds. */
  onAsked: (peer: string, wanted: WantedHead[]) => void
  onHeads: (peer: string, heads: WireHead[]) => Promise<void>
  onEvidence: (peer: string, ledger: LedgerId, evidence: Uint8Array) => Promise<void>
  /** The peer has shown another record, or one that names this node. */
  onRecord: (peer: string, record: SignedRecord, intro: HelloIntro) => Promise<void>
}

export function helloSource(init: HelloSourceInit): HelloSource {
  const { network, ledgers, clock, log, rights, answers, disclosure } = init
  // Notices about a ledger that the peer may not know of are ignored, as for a ledger that is not held.
  const hearsOf = (peer: string, id: LedgerId): boolean => {
    const ledger = ledgers.get(id)
    return ledger !== undefined && rights.mayHear(peer, ledger)
  }
  return {
    intro: async (peer) => ({
      network,
      software: SOFTWARE,
      features: [TWINS, EVIDENCE_IDS],
      clockMs: clock.now(),
      record: await disclosure.first(peer)
    }),
    onIntro: init.onIntro,
    onError: (peer, error) => {
      log.error({ event: 'hello.answer-failed', peer, error: (error as Error).message }, 'answering a peer failed')
    },
    heads: (peer, wanted) => {
      init.onAsked(peer, wanted)
      return answers.heads(peer, wanted)
    },
    entries: (peer, ledger, from, count) => answers.entries(peer, ledger, from, count),
    keyEntries: (peer, ledger) => answers.keyEntries(peer, ledger),
    onHeads: async (peer, heads) => {
      const heard = heads.filter(({ ledger }) => hearsOf(peer, ledger))
      if (heard.length > 0) await init.onHeads(peer, heard)
    },
    onEvidence: async (peer, ledger, evidence) => {
      if (hearsOf(peer, ledger)) await init.onEvidence(peer, ledger, evidence)
    },
    onRecord: init.onRecord
  }
}
