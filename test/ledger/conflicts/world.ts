/** Authors that speak of a few keys and of each other, and a node that takes their ledgers in bit by bit. */
import { expect } from 'vitest'
import type { Hash } from '../../../src/core/hash.js'
import type { Ledgers } from '../../../src/ledger/ledgers.js'
import type { ConflictState } from '../../../src/conflict/judge.js'
import { CONFLICT_STATES } from '../../../src/conflict/judge.js'
import { readRule, type ConflictRule, type RuleInput } from '../../../src/conflict/rule.js'
import type { Dice } from '../../helpers/dice.js'
import { siblingsByForce, type Made } from '../../conflict/history.js'
import { Author } from '../support.js'

export const ALL_STATES: readonly ConflictState[] = CONFLICT_STATES

/** `count` entries by `authors`, each with references and copies as the dice say. */
export async function writeHistory(authors: Author[], count: number, dice: Dice): Promise<void> {
  const made: { author: Author; hash: Hash; id: string }[] = []
  for (let i = 0; i < count; i++) {
    const author = authors[Math.floor(dice() * authors.length)]!
    const seen = made.filter(() => dice() < 0.1)
    const copied = dice() < 0.08 && made.length > 0 ? made[Math.floor(dice() * made.length)]! : null
    const { hash } = await author.add(
      {
        id: `entry-${i}`,
        subject_oid: dice() < 0.8 ? 'x' : 'y',
        meta: {
          ...(seen.length > 0 && {
            crossLedgerRefs: seen.map((one) => ({
              ledgerId: one.author.id,
              entryId: one.id,
              entryHash: one.hash,
              referenceType: 'derived'
            }))
          }),
          ...(copied !== null && {
            sync: { source: copied.author.id, originalId: copied.id, originalHash: copied.hash }
          })
        }
      },
      { value: Math.floor(dice() * 3) }
    )
    made.push({ author, hash, id: `entry-${i}` })
  }
}

export function subjectRule(more: Partial<RuleInput> = {}): ConflictRule {
  return readRule({ name: 'subjects', key: ['subject_oid'], match: { streams: ['orders'] }, scope: 'held', ...more })
}

/** What is held and counts. */
export function counted(ledgers: Ledgers, authors: Author[]): Made[] {
  return authors.flatMap(({ id, entries }) =>
    entries.slice(0, ledgers.get(id)?.counted ?? 0).map(({ header, hash }) => ({ ledger: id, hash, header }))
  )
}

/** Asserts that the store finds the siblings that brute force does, and lists the conflicts that there are. */
export async function expectRight(ledgers: Ledgers, authors: Author[], what: string): Promise<void> {
  const stored = ledgers.rules.active[0]!
  const right = siblingsByForce(stored.rule, counted(ledgers, authors))
  await ledgers.conflicts.caughtUp()
  const { found, complete } = await ledgers.conflicts.list(ALL_STATES, { offset: 0, limit: 1000 })
  expect({ what, complete }).toEqual({ what, complete: true })
  const listed = new Map(found.map(({ id, row }) => [id, row]))
  for (const [id, siblings] of right) {
    const judged = await ledgers.conflicts.judge(stored, id)
    expect({ what, siblings: judged?.facts.siblings.map(({ hash }) => hash) }).toEqual({ what, siblings })
    const { state } = judged!.verdict
    expect({ what, state: listed.get(id)?.state }).toEqual({
      what,
      state: state === 'single' || state === 'agreed' ? undefined : state === 'waiting' ? 'open' : state
    })
    listed.delete(id)
  }
  expect({ what, left: [...listed.keys()] }).toEqual({ what, left: [] })
}
