/** Takes exceptions out with their indexes: of a ledger that goes, or of a remote. */
import { chunks } from './chunks.js'
import {
  decodeException,
  exceptionKey,
  exceptionOps,
  placeOfException,
  statusRangeOfRemote,
  type FlowPlace
} from './exception-rows.js'
import { ledgerRange, seqOf } from './keys.js'
import type { Op, Store } from './store.js'

/** Rows in one batch. */
const CHUNK = 1024

/** Of ledger number `n`. May be interrupted and run again. */
export async function dropExceptionsOfLedger(store: Store, ledgerNumber: number): Promise<void> {
  for await (const chunk of chunks(store, ledgerRange('syncState', ledgerNumber), CHUNK))
    await store.write(
      chunk.flatMap(([key, value]) => opsOf(key, value)),
      { sync: false }
    )
}

/** Of what was on its way to remote number `remote`. May be interrupted and run again. */
export async function dropExceptionsOfRemote(store: Store, remote: number): Promise<void> {
  for await (const chunk of chunks(store, statusRangeOfRemote(remote), CHUNK)) {
    const ops: Op[] = chunk.map(([key]) => ({ type: 'del', key }))
    const places = chunk.map(([key]): [FlowPlace, number] => [
      { ledgerNumber: key.readUInt32BE(7), direction: 'outbound', remote },
      seqOf(key)
    ])
    const rows = await store.getMany(places.map(([place, seq]) => exceptionKey(place, seq)))
    for (const [i, [place, seq]] of places.entries()) {
      const row = rows[i] === undefined ? null : decodeException(rows[i])
      ops.push(...exceptionOps(place, seq, row, null))
    }
    await store.write(ops, { sync: false })
  }
}

function opsOf(key: Buffer, value: Buffer): Op[] {
  const found = placeOfException(key)
  const row = decodeException(value)
  return found === null || row === null ? [{ type: 'del', key }] : exceptionOps(found.place, found.seq, row, null)
}
