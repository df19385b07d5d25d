/**
 * The stored rules of this node. A changed rule is a new one with another number: the results of the old one are
 * deleted, and all entries are examined again.
 */
import type { Json } from '../../core/canonical.js'
import { canonicalize } from '../../core/canonical.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { Mutex } from '../../core/mutex.js'
import { familyRange } from '../../store/keys.js'
import { MAX_RULE_NUMBER, ruleKey } from '../../store/conflict-keys.js'
import type { Op, Store } from '../../store/store.js'
import { MAX_RULES } from '../../conflict/limits.js'
import { readRule, type ConflictRule } from '../../conflict/rule.js'
import { parseObject } from '../read/records.js'

/** `complete`: the rule was applied to every held entry. `configured`: the rule is in the settings. */
export interface StoredRule {
  number: number
  rule: ConflictRule
  complete: boolean
  configured: boolean
}

export class RuleBook {
  readonly #store: Store
  #active: readonly StoredRule[] = []
  #removing: readonly number[] = []
  /** One change at a time: each starts from the result of the one before it. */
  readonly #changing = new Mutex()

  constructor(store: Store) {
    this.#store = store
  }

  /** Throws STORE_DAMAGED. */
  async load(): Promise<void> {
    const rows = (await this.#store.all(familyRange('rule'))).map(([key, value]) => ({
      number: key.readUInt16BE(1),
      row: decodeRuleRow(value)
    }))
    this.#active = rows.flatMap(({ number, row }) => (row === null ? [] : [{ number, ...row }]))
    this.#removing = rows.filter(({ row }) => row === null).map(({ number }) => number)
  }

  /** The rules in force. */
  get active(): readonly StoredRule[] {
    return this.#active
  }

  /** Numbers of removed rules whose rows are still to be deleted. */
  get removing(): readonly number[] {
    return this.#removing
  }

  byName(name: string): StoredRule | undefined {
    return this.#active.find(({ rule }) => rule.name === name)
  }

  byNumber(number: number): StoredRule | undefined {
    return this.#active.find((one) => one.number === number)
  }

  /** Durable when it resolves; false: the rule exists already. Throws INVALID_PARAMS when there are too many rules. */
  async set(rule: ConflictRule, configured = false): Promise<boolean> {
    return await this.#changing.run(() => this.#set(rule, configured))
  }

  async #set(rule: ConflictRule, configured: boolean): Promise<boolean> {
    const before = this.byName(rule.name)
    if (before !== undefined && canonicalize(before.rule) === canonicalize(rule)) {
      if (before.configured !== configured) await this.#change({ ...before, configured })
      return false
    }
    if (before === undefined && this.#active.length >= MAX_RULES)
      throw new LedgermeshError('INVALID_PARAMS', `there are ${MAX_RULES} rules: remove one first`)
    const taken = new Set([...this.#active.map(({ number }) => number), ...this.#removing])
    let number = 1
    while (taken.has(number)) number++
    if (number > MAX_RULE_NUMBER)
      throw new LedgermeshError('NOT_YET', 'rules that were removed are still being cleared away')
    const made: StoredRule = { number, rule, complete: false, configured }
    await this.#store.write([putRule(made), ...(before === undefined ? [] : [removeRule(before.number)])], {
      sync: true
    })
    this.#active = [...this.#active.filter((one) => one !== before), made]
    if (before !== undefined) this.#removing = [...this.#removing, before.number]
    return true
  }

  /** False: there is no rule of this name. */
  async remove(name: string): Promise<boolean> {
    return await this.#changing.run(() => this.#remove(name))
  }

  async #remove(name: string): Promise<boolean> {
    const one = this.byName(name)
    if (one === undefined) return false
    await this.#store.write([removeRule(one.number)], { sync: true })
    this.#active = this.#active.filter((other) => other !== one)
    this.#removing = [...this.#removing, one.number]
    return true
  }

  /** Marks the rule as applied to everything. */
  async completed(number: number): Promise<void> {
    await this.#changing.run(async () => {
      const one = this.byNumber(number)
      if (one !== undefined) await this.#change({ ...one, complete: true })
    })
  }

  async #change(made: StoredRule): Promise<void> {
    await this.#store.write([putRule(made)], { sync: true })
    this.#active = this.#active.map((other) => (other.number === made.number ? made : other))
  }

  /** Marks the rule as fully removed. */
  async cleared(number: number): Promise<void> {
    await this.#changing.run(async () => {
      await this.#store.write([{ type: 'del', key: ruleKey(number) }], { sync: true })
      this.#removing = this.#removing.filter((one) => one !== number)
    })
  }
}

export function putRule({ number, rule, complete, configured }: StoredRule): Op {
  return {
    type: 'put',
    key: ruleKey(number),
    value: Buffer.from(JSON.stringify({ rule, complete, ...(configured && { configured }) }))
  }
}

export function removeRule(number: number): Op {
  return { type: 'put', key: ruleKey(number), value: Buffer.from(JSON.stringify({ removing: true })) }
}

/** null: the rule is being removed. Throws STORE_DAMAGED. */
export function decodeRuleRow(value: Buffer): Omit<StoredRule, 'number'> | null {
  const row = parseObject(value, 'rule of conflicts')
  if (row.removing === true) return null
  try {
    return { rule: readRule(row.rule as Json), complete: row.complete === true, configured: row.configured === true }
  } catch (error) {
    if (isCoded(error, 'INVALID_PARAMS'))
      throw new LedgermeshError('STORE_DAMAGED', `a stored rule cannot be read: ${error.message}`, undefined, {
        cause: error
      })
    throw error
  }
}
