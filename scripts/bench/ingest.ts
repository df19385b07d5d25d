/** Local ingest: the same entries, the same checks and the same store as a follower has, without the network. */
import { join } from 'node:path'
import { verifyRange } from '../../src/core/chain.js'
import { decodeEntry, type RawEntry } from '../../src/core/entry.js'
import type { LedgerId } from '../../src/core/ledger-id.js'
import type { ConflictRule } from '../../src/conflict/rule.js'
import { openLedgers } from '../../src/ledger/ledgers.js'
import { silentLog, systemClock, systemRandom } from '../../src/node/runtime/system.js'
import { Verifier } from '../../src/node/signatures/verifier.js'
import { openStore, type Store } from '../../src/store/store.js'
import type { Batch } from './machine.js'
import { timed } from './measure.js'

/** Entries in one range, as catch-up fetches them. */
const RANGE = 512
/** Ranges that are decoded while earlier ones are written, as catch-up holds them. */
const AHEAD = 4

/**
 * Entries per second into an empty store. With `written`, what goes into the store is collected there as well. `rules`:
 * what each entry is looked at by.
 */
export async function ingest(
  dir: string,
  ledger: LedgerId,
  entries: RawEntry[],
  written?: Batch[],
  rules: readonly ConflictRule[] = []
): Promise<number> {
  const store = await openStore(join(dir, 'db'), { log: silentLog })
  const verifier = new Verifier(systemClock, silentLog)
  const ledgers = await openLedgers({
    store: written === undefined ? store : recording(store, written),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    network: 'main',
    verify: verifier.verify
  })
  for (const rule of rules) await ledgers.rules.set(rule)
  ledgers.conflicts.wake()
  await ledgers.conflicts.caughtUp()
  const mirror = await ledgers.mirror(ledger)
  const ms = await timed(async () => {
    const waiting: Promise<unknown>[] = []
    for (let at = 0; at < entries.length; at += RANGE) {
      const range = entries.slice(at, at + RANGE).map(decodeEntry)
      await verifyRange(ledger, range, verifier.verify)
      waiting.push(mirror.ingest(range))
      if (waiting.length > AHEAD) await waiting.shift()
    }
    await Promise.all(waiting)
  })
  if (mirror.size !== entries.length) throw new Error(`${mirror.size} of ${entries.length} entries were ingested`)
  await ledgers.close()
  await verifier.close()
  await store.close()
  return (entries.length / ms) * 1000
}

/** The same store; what is written is collected too. */
function recording(store: Store, written: Batch[]): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name === 'write')
        return async (ops: Batch['ops'], options: { sync: boolean }) => {
          written.push({ ops: [...ops], sync: options.sync })
          await target.write(ops, options)
        }
      return member.bind(target) as unknown
    }
  })
}
