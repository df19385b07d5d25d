import type { HeadsAnswer, HelloSession, WantedHead } from '../../protocols/hello/index.js'
import { LedgermeshError } from '../core/errors.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { Ledgers } from '../ledger/ledgers.js'

/** Asks until every wanted ledger is answered. Throws TIMEOUT when the peer answers none, and WireErrors. */
export async function askHeads (session: HelloSession, ledgers: Ledgers, wanted: { ledger: LedgerId, size: number }[], signal: AbortSignal): Promise<HeadsAnswer> {
  const answer: HeadsAnswer = { heads: [], same: [], none: [], denied: [] }
  for (let asked = wanted.map((one) => wantedHead(ledgers, one)); asked.length > 0;) {
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

function wantedHead (ledgers: Ledgers, { ledger, size }: { ledger: LedgerId, size: number }): WantedHead {
  const held = ledgers.get(ledger)
  const head = held?.visible === size ? held.head() : null
  return { ledger, size, ...(head == null ? {} : { headHash: head.hash }), hasEvidence: held?.frozenAt != null }
}
