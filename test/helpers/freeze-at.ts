/** For tests of what a freeze does: as the court of evidence writes it, whatever the evidence says. */
import type { Entry } from '../../src/core/entry.js'
import { evidenceId } from '../../src/core/evidence.js'
import { SETTLED_MS } from '../../src/core/standing.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import { NO_STANDING } from '../../src/ledger/read/standing-row.js'
import { EVIDENCE_ID_DIGITS } from '../../src/store/keys.js'

/** False: it is frozen there or lower. What was kept before stays. */
export async function freezeAt(mirror: Ledger, size: number, bytes: Uint8Array): Promise<boolean> {
  if (mirror.frozenAt !== null && mirror.frozenAt <= size) return false
  const evidence = [...(await mirror.allEvidence()), bytes].map((one) => ({ id: evidenceId(one), bytes: one }))
  await mirror.decide({
    frozen: { size, evidence: evidenceId(bytes).slice(0, EVIDENCE_ID_DIGITS) },
    keep: evidence,
    row: NO_STANDING
  })
  return true
}

/** As after two days: others had the same head all the time. */
export async function settle(node: { mirror: (id: string) => Ledger }, ledger: string): Promise<void> {
  const mirror = node.mirror(ledger)
  await mirror.putStanding({
    ...mirror.standing,
    facts: { ...mirror.standing.facts, heard: { first: Date.now() - 2 * SETTLED_MS, latest: Date.now() } }
  })
}

/** As LookBehind puts the ledger on a branch. */
export async function acceptBranch(
  mirror: Ledger,
  entries: readonly Entry[],
  frozen: Ledger['frozen'] = null
): Promise<void> {
  const turn = await mirror.quarantine.begin(entries[0]!.header.seq)
  await mirror.quarantine.add(turn, entries, () => 'missing')
  await mirror.acceptBranch(turn, frozen, NO_STANDING)
}
