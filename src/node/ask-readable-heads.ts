import type { HeadsResult, HelloSession, WantedHead } from '../../protocols/hello/index.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { ReadingRights } from './reading-rights.js'

/** Asks a peer for its heads. A private ledger is not named to those who may not know of it: they could not have it anyway. */
export async function askReadableHeads (session: HelloSession, wanted: { ledger: LedgerId, size: number }[], { ledgers, rights }: { ledgers: Ledgers, rights: ReadingRights }, signal: AbortSignal): Promise<HeadsResult> {
  const unnamed: LedgerId[] = []
  const asked: WantedHead[] = []
  for (const { ledger, size } of wanted) {
    const held = ledgers.get(ledger)
    if (held !== undefined && !rights.mayHearOf(session.peer, held)) {
      unnamed.push(ledger)
      continue
    }
    const head = held?.visible === size ? held.head() : null
    asked.push({ ledger, size, ...(head == null ? {} : { headHash: head.hash }), hasEvidence: held?.frozenAt != null })
  }
  if (asked.length === 0) return { heads: [], same: [], none: unnamed, denied: [], unanswered: [] }
  const answer = await session.askHeads(asked, { signal })
  return { ...answer, none: [...answer.none, ...unnamed] }
}
