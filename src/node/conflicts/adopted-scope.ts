/** Rules whose scope is the set of adopted ledgers: they are applied to everything again when that set changes. */
import { canonicalize } from '../../core/canonical.js'
import { Mutex } from '../../core/mutex.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { MAX_RULE_LIST } from '../../conflict/limits.js'
import type { ConflictRule } from '../../conflict/rule.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import type { Follows } from '../replication/follows.js'

/** Followed ledgers that are adopted, or that have copies here. */
interface Adoptions {
  sources: () => LedgerId[]
}

/**
 * The own ledger, and the ledgers that are adopted or have copies here; the first 256. A ledger that is no longer
 * followed gets no new entries.
 */
export function adoptedScope({ own }: Pick<Ledgers, 'own'>, adoption: Adoptions): LedgerId[] {
  return [own.id, ...adoption.sources()].sort().slice(0, MAX_RULE_LIST)
}

/** From now on, until the returned function is called. */
export function followAdoptions({
  ledgers,
  follows,
  adoption,
  log
}: {
  ledgers: Ledgers
  follows: Follows
  adoption: Adoptions
  log: Log
}): () => void {
  const one = new Mutex()
  const refresh = (): void => {
    one
      .run(() => refreshRules(ledgers, adoptedScope(ledgers, adoption)))
      .catch((error: Error) => {
        log.error(
          { event: 'conflict.scope-not-followed', error: error.message },
          'rules for what is adopted could not follow it'
        )
      })
  }
  refresh()
  return follows.onChange(refresh)
}

async function refreshRules({ rules, conflicts }: Ledgers, scope: LedgerId[]): Promise<void> {
  for (const { rule, configured } of rules.active) {
    if (await rules.set(ofScope(rule, scope), configured)) conflicts.wake()
  }
}

/** The rule with the ledgers that are adopted now; every other rule unchanged. */
export function ofScope(rule: ConflictRule, scope: LedgerId[]): ConflictRule {
  if (!rule.adopted) return rule
  // Without `writers`, all of them may write.
  const writers = canonicalize(rule.writers) === canonicalize(rule.scope) ? scope : rule.writers
  return { ...rule, scope, writers }
}
