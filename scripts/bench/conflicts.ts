/**
 * What conflicts cost: one rule that matches every entry beside none, in alternation; and the siblings of a key among
 * many claims.
 */
import { AssertionError } from 'node:assert'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { RawEntry } from '../../src/core/entry.js'
import type { LedgerId } from '../../src/core/ledger-id.js'
import { readRule } from '../../src/conflict/rule.js'
import { conflictId } from '../../src/conflict/claims.js'
import { systemRandom } from '../../src/node/runtime/system.js'
import { compareHistory } from '../../test/conflict/compare.js'
import { newOwn, openHome } from './home.js'
import { ingest } from './ingest.js'
import { medianAnd95, summary, timed } from './measure.js'
import type { Row } from './row.js'

/** Every entry is a claim, on a key of its own. */
const BY_ID = readRule({ name: 'by-id', key: ['id'], scope: 'held' })
/** No entry is a claim. */
const BY_NOBODY = readRule({ name: 'nobody', match: { streams: ['nobody'] }, key: ['id'], scope: 'held' })
/** Claims in the store whose siblings are asked for, and with --large; and how often they are. */
const CLAIMS = 50_000
const CLAIMS_LARGE = 1_000_000
const ASKED = 200
/** Random histories, each in three orders of arrival: `scripts/soak/conflicts.ts` plays any number. */
const HISTORIES = 200
/** Entries appended at once. */
const BATCH = 1000

export async function measureConflicts(
  { folder, rounds, sizes, say }: { folder: string; rounds: number; sizes: number[]; say: (what: string) => void },
  ledger: LedgerId,
  entries: RawEntry[]
): Promise<Row[]> {
  say('ingest with a rule of conflicts, and without')
  const rates = { without: [] as number[], with: [] as number[], beside: [] as number[] }
  const dir = async (name: string): Promise<string> => {
    const path = join(folder, name)
    await mkdir(path)
    return path
  }
  for (let round = 0; round < rounds; round++) {
    rates.without.push(await ingest(await dir(`without-rule-${round}`), ledger, entries))
    rates.with.push(await ingest(await dir(`with-rule-${round}`), ledger, entries, undefined, [BY_ID]))
    rates.beside.push(await ingest(await dir(`other-rule-${round}`), ledger, entries, undefined, [BY_NOBODY]))
  }
  const claims = sizes.length > 0 ? CLAIMS_LARGE : CLAIMS
  say(`siblings among ${claims} claims`)
  const times = await siblingTimes(await dir('siblings'), claims)
  return [
    {
      what: 'local ingest, a rule matches every entry',
      figure: summary(rates.with),
      unit: 'entries/s',
      limit: { what: 'without a rule', value: summary(rates.without).median },
      goal: { atLeast: 0.9 }
    },
    {
      what: 'local ingest, a rule matches no entry',
      figure: summary(rates.beside),
      unit: 'entries/s',
      limit: { what: 'without a rule', value: summary(rates.without).median },
      goal: { atLeast: 0.97 }
    },
    {
      what: 'siblings the same in every order of arrival',
      figure: summary([equalHistories()]),
      unit: 'histories',
      limit: { what: 'random histories', value: HISTORIES },
      goal: { atLeast: 1 }
    },
    {
      what: `siblings of a key, ${claims.toLocaleString('en')} claims`,
      figure: medianAnd95(times),
      unit: 'ms',
      limit: { what: 'one millisecond', value: 1 },
      goal: { atMost: 1 }
    }
  ]
}

/** Those in which two nodes with equal heads show the same siblings, which are those of brute force. */
function equalHistories(): number {
  let equal = 0
  for (let seed = 1; seed <= HISTORIES; seed++)
    try {
      compareHistory(seed)
      equal++
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error
    }
  return equal
}

async function siblingTimes(dir: string, claims: number): Promise<number[]> {
  const { ledgers, close } = await openHome(join(dir, 'db'), newOwn('claims'))
  await ledgers.rules.set(BY_ID)
  for (let at = 0; at < claims; at += BATCH)
    await ledgers.own.appendBatch(
      Array.from({ length: BATCH }, (_, i) => ({ stream: 's', type: 't', id: `claim-${at + i}`, payload: at + i }))
    )
  await ledgers.conflicts.caughtUp()
  const times: number[] = []
  for (let i = 0; i < ASKED; i++) {
    const id = conflictId(BY_ID.name, { id: `claim-${Math.floor(systemRandom.next() * claims)}` })
    times.push(
      await timed(async () => {
        await ledgers.conflicts.judge(ledgers.rules.active[0]!, id)
      })
    )
  }
  await close()
  return times
}
