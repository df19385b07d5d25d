/**
 * Numbered migrations. Number i takes a store from schema i to i + 1 and may be interrupted and run again: it writes its new version
 * number in its last batch. An older program refuses a newer store.
 */
import { randomBytes } from 'node:crypto'
import type { Level } from 'level'
import { LedgermeshError } from '../core/errors.js'
import type { Log } from '../ports.js'
import { textKey } from './keys.js'

type Db = Level<Buffer, Buffer>
type Put = { type: 'put', key: Buffer, value: Buffer }
/** Does the work and returns what to write together with the new version number. */
type Migration = (db: Db) => Promise<Put[]>

export const VERSION_KEY = textKey('meta', 'schema')
export const INCARNATION_KEY = textKey('meta', 'incarnation')
/** Bytes of a store's incarnation. */
export const INCARNATION_BYTES = 16

const MIGRATIONS: Migration[] = [
  // 0 → 1: an empty folder becomes a store
  async () => [{ type: 'put', key: INCARNATION_KEY, value: Buffer.from(randomBytes(INCARNATION_BYTES).toString('hex')) }]
]

/** The schema that this program reads and writes. */
export const SCHEMA = MIGRATIONS.length

/** Brings the store to `SCHEMA`; the answer is its incarnation. Throws STORE_TOO_NEW or STORE_DAMAGED. */
export async function migrate (db: Db, log: Log): Promise<string> {
  const stored = await db.get(VERSION_KEY)
  let version = stored === undefined ? 0 : Number(stored.toString())
  if (!Number.isSafeInteger(version) || version < 0) throw new LedgermeshError('STORE_DAMAGED', 'the schema version is not a number')
  if (version > SCHEMA) throw new LedgermeshError('STORE_TOO_NEW', `the store has schema ${version}; this program knows ${SCHEMA}`)
  for (; version < SCHEMA; version++) {
    const puts = await MIGRATIONS[version]!(db)
    await db.batch([...puts, { type: 'put', key: VERSION_KEY, value: Buffer.from(String(version + 1)) }], { sync: true })
    log.info({ from: version, to: version + 1 }, 'store migrated')
  }
  const incarnation = await db.get(INCARNATION_KEY)
  if (incarnation === undefined) throw new LedgermeshError('STORE_DAMAGED', 'the store has no incarnation')
  return incarnation.toString()
}
