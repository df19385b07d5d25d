/**
 * Checks the exceptions of flows, and the indexes derived from them (I8). A row that cannot be read counts as absent.
 */
import { chunks } from '../../store/chunks.js'
import {
  decodeException,
  exceptionIndexes,
  exceptionKey,
  placeOfException,
  readDue
} from '../../store/exception-rows.js'
import { FAMILY, familyRange, seqOf } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op, Store } from '../../store/store.js'
import type { DamageList } from './damage.js'

/** Rows looked at together. */
const CHUNK = 1024

/** Writes that repair the damage found. `numbers`: the numbers of existing ledgers. */
export async function checkExceptions(store: Store, numbers: ReadonlySet<number>, damage: DamageList): Promise<Op[]> {
  return [...(await checkRows(store, damage)), ...(await checkIndexes(store, numbers, damage))]
}

async function checkRows(store: Store, damage: DamageList): Promise<Op[]> {
  const repair: Op[] = []
  for await (const chunk of chunks(store, familyRange('syncState'), CHUNK)) {
    for (const [key, value] of chunk) {
      const found = placeOfException(key)
      const row = decodeException(value)
      if (found === null || row === null) {
        damage.add('unreadable-flow', null, null, 'the result of syncing an entry cannot be read: it counts as done')
        repair.push({ type: 'del', key })
        continue
      }
      const indexes = exceptionIndexes(found.place, found.seq, row)
      const there = await store.getMany(indexes)
      for (const [i, index] of indexes.entries()) {
        if (there[i] !== undefined) continue
        damage.add('missing-index', null, found.seq, 'an entry that was not synced is not in the list of such')
        repair.push({ type: 'put', key: index, value: EMPTY })
      }
    }
  }
  return repair
}

async function checkIndexes(store: Store, numbers: ReadonlySet<number>, damage: DamageList): Promise<Op[]> {
  const repair: Op[] = []
  for (const family of ['syncByStatus', 'syncDue'] as const) {
    for await (const chunk of chunks(store, familyRange(family), CHUNK)) {
      const rows = await store.getMany(chunk.map(([key]) => rowKeyOf(key)))
      for (const [i, [key]] of chunk.entries()) {
        const found = placeOfException(rowKeyOf(key))
        const row = rows[i] === undefined ? null : decodeException(rows[i])
        if (
          found !== null &&
          row !== null &&
          numbers.has(found.place.ledgerNumber) &&
          exceptionIndexes(found.place, found.seq, row).some((index) => index.equals(key))
        )
          continue
        damage.add('wrong-index', null, null, 'the list of entries that were not synced names one that does not exist')
        repair.push({ type: 'del', key })
      }
    }
  }
  return repair
}

/** The key of the row that an index key points to; a key of no row when the index key is malformed. */
function rowKeyOf(key: Buffer): Buffer {
  const nothing = Buffer.of(FAMILY.syncState)
  if (key[0] === FAMILY.syncDue) {
    const due = readDue(key)
    return due === null ? nothing : exceptionKey(due.place, due.seq)
  }
  if (key.length !== BY_STATUS_BYTES || key[5]! > 1) return nothing
  return exceptionKey(
    {
      ledgerNumber: key.readUInt32BE(7),
      direction: key[5] === 0 ? 'inbound' : 'outbound',
      remote: key.readUInt32BE(1)
    },
    seqOf(key)
  )
}

/** Family, remote, direction, status, ledger, seq. */
const BY_STATUS_BYTES = 17
