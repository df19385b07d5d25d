/** Finds which ledgers a store has, from rows and states that may be damaged. */
import { unlessDamaged } from '../read/unless-damaged.js'
import { isLedgerId, ledgerIdOf, type LedgerId } from '../../core/ledger-id.js'
import { numbersInUse } from '../../store/fsck.js'
import { familyRange, ledgerKey, ledgerRange, NEXT_NUMBER_KEY } from '../../store/keys.js'
import type { Store } from '../../store/store.js'
import type { DamageList } from './damage.js'
import { decodeRow, decodeState, decodeStored, type LedgerRow, type LedgerState } from '../read/records.js'
import type { SignerMark } from '../signer/signer-mark.js'

export interface ReadRow {
  id: LedgerId
  ledgerNumber: number
  own: boolean
  rowLost: boolean
}

/** The ledgers of the store; ledgers whose rows were lost are found by their entries. */
export async function readRows(
  store: Store,
  mark: SignerMark | null,
  { damage, dangling, unreadableRows }: { damage: DamageList; dangling: number[]; unreadableRows: string[] }
): Promise<ReadRow[]> {
  const rows: ReadRow[] = []
  const broken = new Set<string>()
  const removing: number[] = []
  for (const [key, value] of await store.all(familyRange('ledger'))) {
    const id = key.toString('utf8', 1)
    const row = parseRow(value)
    if (row?.removing) {
      removing.push(row.n) // the next start goes on with it
      continue
    }
    if (!isLedgerId(id) || row === null) {
      broken.add(id)
      damage.add(
        'ledger-row',
        isLedgerId(id) ? id : null,
        null,
        `the row of ledger ${JSON.stringify(id.slice(0, 60))} cannot be read`
      )
    } else rows.push({ id, ledgerNumber: row.n, own: row.own, rowLost: false })
  }
  const known = new Set([...rows.map(({ ledgerNumber }) => ledgerNumber), ...removing])
  for (const [ledgerNumber, families] of await numbersInUse(store)) {
    if (known.has(ledgerNumber)) continue
    const id = await genesisId(store, ledgerNumber)
    const lost = id !== null && !rows.some((row) => row.id === id) && (broken.has(id) || id === mark?.ledger)
    if (id !== null && lost) {
      rows.push({ id, ledgerNumber, own: id === mark?.ledger, rowLost: true })
      if (!broken.delete(id)) damage.add('ledger-row', id, null, 'the row of the own ledger is missing')
    } else {
      dangling.push(ledgerNumber)
      damage.add(
        'dangling-keys',
        null,
        null,
        `ledger number ${ledgerNumber} belongs to no ledger, but has keys (${families.join(', ')})`
      )
    }
  }
  unreadableRows.push(...broken)
  const next = Number((await store.get(NEXT_NUMBER_KEY))?.toString() ?? 1)
  const last = Math.max(0, ...known, ...rows.map(({ ledgerNumber }) => ledgerNumber), ...dangling)
  if (!Number.isSafeInteger(next) || next <= last)
    damage.add('schema', null, null, 'the number of the next ledger is unreadable, or taken')
  return rows.sort((a, b) => a.ledgerNumber - b.ledgerNumber)
}

function parseRow(value: Buffer): LedgerRow | null {
  return unlessDamaged(() => decodeRow(value))
}

async function genesisId(store: Store, ledgerNumber: number): Promise<LedgerId | null> {
  const [row] = await store.all({ ...ledgerRange('entry', ledgerNumber), limit: 1 })
  if (row === undefined) return null
  return unlessDamaged(() => ledgerIdOf(decodeStored(row[1], 0).hash))
}

export async function readState(
  store: Store,
  ledgerNumber: number
): Promise<{ state: LedgerState | null; unreadable: boolean }> {
  const value = await store.get(ledgerKey('state', ledgerNumber))
  if (value === undefined) return { state: null, unreadable: false }
  const state = unlessDamaged(() => decodeState(value))
  return { state, unreadable: state === null }
}
