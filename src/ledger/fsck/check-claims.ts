/** Checks the rows that conflicts are found by against the entries and rules from which they are derived (I8). */
import { createHash } from 'node:crypto'
import { unlessDamaged } from '../read/unless-damaged.js'
import { chunks } from '../../store/chunks.js'
import { isCoded } from '../../core/errors.js'
import { conflictByStateKey, conflictOf, ruleRange } from '../../store/conflict-keys.js'
import { familyRange, ledgerRange, seqOf, type KeyRange } from '../../store/keys.js'
import type { Op, Store } from '../../store/store.js'
import { CONFLICT_STATES } from '../../conflict/judge.js'
import { claimsOf } from '../claims/claim-ops.js'
import { decodeConflict, decodeSpeaker, encodeKind } from '../claims/conflict-rows.js'
import { decodeRuleRow, putRule, removeRule, type StoredRule } from '../claims/rule-book.js'
import { readStoredAt } from '../claims/stored-at.js'
import type { EntryReader } from '../read/entry-reader.js'
import { decodeStored } from '../read/records.js'
import type { DamageList } from './damage.js'

/** Rows looked at together. */
const CHUNK = 1024
const FAMILIES = ['claim', 'seen', 'resolution'] as const

/** `size`: the number of linked entries. */
export interface ClaimedLedger {
  id: string
  ledgerNumber: number
  own: boolean
  size: number
  reader: EntryReader
}

/**
 * Writes that repair the damage found; the rules are then applied to everything again at the next start. `current`: the
 * store has this program's schema; rows of an older schema are rebuilt at open, and not compared.
 */
export async function checkClaims(
  store: Store,
  ledgers: readonly ClaimedLedger[],
  damage: DamageList,
  current: boolean
): Promise<Op[]> {
  const repair: Op[] = []
  const rules = await readRules(store, damage, repair)
  const complete = rules.filter((rule) => current && rule.complete)
  const expected = new Map(complete.map(({ number }) => [number, new RowSum()]))
  for (const ledger of complete.length === 0 ? [] : ledgers) await addExpected(complete, ledger, expected)
  for (const stored of rules) {
    const sum = new RowSum()
    for (const family of FAMILIES)
      for await (const [key, value] of rowsOf(store, ruleRange(family, stored.number))) sum.add(key, value)
    const listed = await isListRight(store, stored.number)
    if (listed && (!complete.includes(stored) || sum.equals(expected.get(stored.number)!))) continue
    damage.add('wrong-claims', null, null, `what rule ${stored.rule.name} found does not follow from its entries`)
    repair.push(putRule({ ...stored, complete: false }))
  }
  for (const { id, ledgerNumber } of ledgers) {
    for await (const [key, value] of rowsOf(store, ledgerRange('storedAt', ledgerNumber))) {
      if (readStoredAt(value) !== null) continue
      damage.add('wrong-index', id, seqOf(key), `when entry ${seqOf(key)} was stored cannot be read`)
      repair.push({ type: 'del', key })
    }
  }
  return repair
}

/**
 * Deletes the results of the rules, then writes `ops`, which has the rules applied again. May be interrupted and run
 * again.
 */
export async function repairClaims(store: Store, ops: readonly Op[]): Promise<void> {
  const numbers = new Set(
    ops.filter(({ key }) => key[0] === familyRange('rule').gte[0]).map(({ key }) => Buffer.from(key).readUInt16BE(1))
  )
  await store.write([...ops], { sync: true })
  for (const number of numbers)
    for (const family of [...FAMILIES, 'conflict'] as const) await store.clear(ruleRange(family, number))
  for await (const [key] of rowsOf(store, familyRange('conflictByState')))
    if (numbers.has(conflictOf(key).rule)) await store.write([{ type: 'del', key }], { sync: false })
}

async function readRules(store: Store, damage: DamageList, repair: Op[]): Promise<StoredRule[]> {
  const rules: StoredRule[] = []
  const known = new Set<number>()
  for (const [key, value] of await store.all(familyRange('rule'))) {
    const number = key.readUInt16BE(1)
    known.add(number)
    try {
      const row = decodeRuleRow(value)
      if (row !== null) rules.push({ number, ...row })
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      damage.add('unreadable-rule', null, null, error.message)
      repair.push(removeRule(number))
    }
  }
  for (const family of [...FAMILIES, 'conflict'] as const) {
    for await (const [key] of rowsOf(store, familyRange(family))) {
      const number = key.readUInt16BE(1)
      if (known.has(number)) continue
      known.add(number)
      damage.add('wrong-claims', null, null, `there are claims for rule number ${number}, which does not exist`)
      repair.push(removeRule(number))
    }
  }
  return rules
}

async function addExpected(
  rules: readonly StoredRule[],
  { ledgerNumber, id, own, size, reader }: ClaimedLedger,
  sums: Map<number, RowSum>
): Promise<void> {
  for await (const rows of reader.scan(0, size, CHUNK)) {
    // damaged entries are reported where entries are checked
    const entries = rows.flatMap(({ seq, value }) => unlessDamaged(() => decodeStored(value, seq)) ?? [])
    for (const rule of rules) {
      for (const op of claimsOf([rule], { id, ledgerNumber, own }, entries).ops)
        if (op.type === 'put') sums.get(rule.number)!.add(op.key, op.value)
    }
  }
}

/** Does the list by state name exactly the existing conflicts? */
async function isListRight(store: Store, rule: number): Promise<boolean> {
  const [listed, wanted] = [new RowSum(), new RowSum()]
  for await (const [key, value] of rowsOf(store, familyRange('conflictByState')))
    if (conflictOf(key).rule === rule) listed.add(key, value)
  try {
    for await (const [key, value] of rowsOf(store, ruleRange('conflict', rule))) {
      if (decodeSpeaker(value) !== null) continue
      const row = decodeConflict(value)
      const at = conflictByStateKey(CONFLICT_STATES.indexOf(row.state), row.since, rule, conflictOf(key).id)
      wanted.add(at, encodeKind(row))
    }
  } catch (error) {
    if (isCoded(error, 'STORE_DAMAGED')) return false
    throw error
  }
  return listed.equals(wanted)
}

async function* rowsOf(store: Store, range: KeyRange): AsyncGenerator<[Buffer, Buffer]> {
  for await (const chunk of chunks(store, range, CHUNK)) yield* chunk
}

/** A sum over rows that does not depend on their order. */
class RowSum {
  #count = 0
  #sum = 0n

  add(key: Uint8Array, value: Uint8Array): void {
    this.#count++
    this.#sum = BigInt.asUintN(
      64,
      this.#sum + createHash('sha256').update(key).update(value).digest().readBigUInt64BE()
    )
  }

  equals(other: RowSum): boolean {
    return this.#count === other.#count && this.#sum === other.#sum
  }
}
