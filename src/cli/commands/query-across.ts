/** `query --across`: the question goes to ledgers that are not held here, too. */
import type { LedgerClient } from '../../rpc/client.js'
import type { GivenTo } from '../../rpc/method.js'
import type { Methods } from '../../rpc/methods/index.js'
import { ofPrivateLedger } from '../of-private-ledger.js'
import { writeOutput } from '../output-file.js'
import { answer, remark } from '../print.js'
import { showAnswer, showCounts } from '../views/answer-view.js'

type Question = GivenTo<Methods['network.query']>

export async function queryAcross(
  client: LedgerClient,
  question: Question,
  { json, save, count }: { json: boolean; save: string | undefined; count: boolean }
): Promise<void> {
  if (count) {
    const { limit: _limit, cursor: _cursor, order: _order, need: _need, ...counted } = question
    const counts = await client.call('network.count', counted)
    answer(json, counts, () => showCounts(counts))
    return
  }
  const result = await client.call('network.query', { ...question, aggregate: json, file: save !== undefined })
  if (save !== undefined) {
    const text = JSON.stringify(result.file)
    await writeOutput(save, `${text}\n`, { ownerOnly: isOfPrivate(text) })
  }
  answer(json, result, () => showAnswer(result))
  if (json) return
  if (save !== undefined) remark(`In ${save}: check it anywhere with \`npx ledgermesh verify ${save}\`.`)
  if (result.nextCursor !== null) remark(`There is more: add --cursor ${result.nextCursor}`)
}

/** Does any of the ledgers in the file say that it is private? */
function isOfPrivate(text: string): boolean {
  const { parts } = JSON.parse(text) as { parts: object[] }
  return parts.some((part) => ofPrivateLedger(JSON.stringify(part)))
}
