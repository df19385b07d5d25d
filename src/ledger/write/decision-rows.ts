import type { FeedFact } from '../../store/feed-rows.js'
import { EVIDENCE_ID_DIGITS, evidenceKey, ledgerRange } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { fact } from '../feed/facts.js'
import { standingOp, type Decision } from '../read/standing-row.js'

/** Stores the evidence that is kept, and deletes the rest. `facts`: the evidence that was not kept before. */
export async function decisionRows(
  store: Pick<Store, 'keys'>,
  ledgerNumber: number,
  { keep, row }: Pick<Decision, 'keep' | 'row'>
): Promise<{ ops: Op[]; facts: FeedFact[] }> {
  const kept = keep.map(({ id, bytes }) => {
    const name = id.slice(0, EVIDENCE_ID_DIGITS)
    return { name, key: evidenceKey(ledgerNumber, name), value: Buffer.from(bytes) }
  })
  const stored = await store.keys(ledgerRange('evidence', ledgerNumber))
  return {
    ops: [
      ...stored.filter((key) => !kept.some((one) => one.key.equals(key))).map((key): Op => ({ type: 'del', key })),
      ...kept.map(({ key, value }): Op => ({ type: 'put', key, value })),
      standingOp(ledgerNumber, row)
    ],
    facts: kept.filter(({ key }) => !stored.some((one) => one.equals(key))).map(({ name }) => fact('evidence', 0, name))
  }
}
