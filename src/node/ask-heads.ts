import type { HeadsAnswer, HelloSession, WantedHead } from '../../protocols/hello/index.js'
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { ReadingRights } from './reading-rights.js'

/** Asks a peer for its heads until all are answered. A private ledger is not named to those who may not know of it: they could not have it anyway. */
export async function askHeads (session: HelloSession, wanted: { ledger: LedgerId, size: number }[], { ledgers, rights }: { ledgers: Ledgers, rights: ReadingRights }, signal: AbortSignal): Promise<HeadsAnswer> {
  const answer: HeadsAnswer = { heads: [], same: [], none: [], denied: [] }
  let asked: WantedHead[] = []
  for (const { ledger, size } of wanted) {
    const held = ledgers.get(ledger)
    if (held !== undefined && !rights.mayHearOf(session.peer, held)) {
      answer.none.push(ledger)
      continue
    }
    const head = held?.visible === size ? held.head() : null
    asked.push({ ledger, size, ...(head == null ? {} : { headHash: head.hash }), hasEvidence: held?.frozenAt != null })
  }
  while (asked.length > 0) {
    const { heads, same, none, denied, unanswered } = await session.askHeads(asked, { signal })
    answer.heads.push(...heads)
    answer.same.push(...same)
    answer.none.push(...none)
    answer.denied.push(...denied)
    if (unanswered.length === asked.length) throw new LedgermeshError('TIMEOUT', `${session.peer} answers nothing`)
    asked = asked.filter(({ ledger }) => unanswered.includes(ledger))
  }
  return answer
}
