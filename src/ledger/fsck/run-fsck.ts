/** `fsck` on a folder: check, and with `rebuild` repair and check again. */
import { existsSync } from 'node:fs'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { salvageDatabase } from '../../store/fsck.js'
import { openStoreAsIs, type Store } from '../../store/store.js'
import { DamageList, type Damage } from './damage.js'
import { checkStore, type Checkup, type FsckOptions } from './fsck.js'
import { repairStore } from './fsck-repair.js'

export interface Findings {
  total: number
  counts: ReturnType<DamageList['counts']>
  /** The first hundred of each kind and ledger. */
  damage: Damage[]
}

export interface FsckReport {
  /** No damage was found, or none is left. */
  clean: boolean
  ledgers: { ledger: LedgerId; own: boolean; entries: number }[]
  found: Findings
  /** The damage left after the rebuild; null: nothing was rebuilt. */
  left: Findings | null
}

/** Throws ALREADY_RUNNING, STORE_TOO_NEW, NOT_FOUND. */
export async function runFsck(dir: string, options: FsckOptions & { rebuild: boolean }): Promise<FsckReport> {
  const { rebuild, log } = options
  if (!existsSync(dir)) throw new LedgermeshError('NOT_FOUND', `there is no database at ${dir}`)
  let store: Store
  let unreadable: string | null = null
  try {
    store = await openStoreAsIs(dir, { log })
  } catch (error) {
    if (!isCoded(error, 'STORE_DAMAGED')) throw error
    unreadable = error.message
    if (!rebuild) return unreadableReport(unreadable)
    await salvageDatabase(dir)
    store = await openStoreAsIs(dir, { log })
  }
  try {
    const first = await checkStore(store, options)
    if (unreadable !== null) first.damage.add('unreadable-database', null, null, unreadable)
    if (!rebuild || first.damage.total === 0) return report(first, null)
    await repairStore(store, first)
    return report(first, await checkStore(store, options))
  } finally {
    await store.close()
  }
}

function unreadableReport(message: string): FsckReport {
  const damage = new DamageList()
  damage.add('unreadable-database', null, null, message)
  return { clean: false, ledgers: [], found: findings(damage), left: null }
}

function report(first: Checkup, second: Checkup | null): FsckReport {
  const last = second ?? first
  return {
    clean: last.damage.total === 0,
    ledgers: last.ledgers.map(({ id, own, entries }) => ({ ledger: id, own, entries: entries.end })),
    found: findings(first.damage),
    left: second === null ? null : findings(second.damage)
  }
}

function findings(damage: DamageList): Findings {
  return { total: damage.total, counts: damage.counts(), damage: damage.listed }
}
