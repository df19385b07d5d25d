/** Rules whose scope is what is adopted: they look at everything again when that is something else. */
import { canonicalize } from '../../core/canonical.js'
import { Mutex } from '../../core/mutex.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { MAX_RULE_LIST } from '../../conflict/limits.js'
import type { ConflictRule } from '../../conflict/rule.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import type { Follows } from '../replication/follows.js'

/** Followed ledgers that are adopted, or of which there are copies. */
interface Adoptions {
  sources: () => LedgerId[]
}

/**
 * The own ledger, and those of which there are copies or are to be; the first 256. One that is followed no more says
 * nothing new.
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

/** The rule, for what is adopted now; every other rule as it is. */
export function ofScope(rule: ConflictRule, scope: LedgerId[]): ConflictRule {
  if (!rule.adopted) return rule
  // Whoever was not told otherwise lets all of them write.
  const writers = canonicalize(rule.writers) === canonicalize(rule.scope) ? scope : rule.writers
  return { ...rule, scope, writers }
}
