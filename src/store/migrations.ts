/**
 * Numbered migrations. Number i takes a store from schema i to i + 1 and may be interrupted and run again: it writes
 * its new version number in its last batch. An older program refuses a newer store.
 */
import { randomBytes } from 'node:crypto'
import type { Level } from 'level'
import { LedgermeshError } from '../core/errors.js'
import type { Log } from '../ports.js'
import { familyRange, NEXT_REMOTE_KEY, textKey } from './keys.js'
import { postTargets } from './post-targets.js'

type Db = Level<Buffer, Buffer>
type Put = { type: 'put'; key: Buffer; value: Buffer }
/** Does the work and returns what to write together with the new version number. */
type Migration = (db: Db) => Promise<Put[]>

export const VERSION_KEY = textKey('meta', 'schema')
export const INCARNATION_KEY = textKey('meta', 'incarnation')
/** Bytes of a store's incarnation. */
export const INCARNATION_BYTES = 16

const MIGRATIONS: Migration[] = [
  // 0 → 1: an empty folder becomes a store
  async () => [
    { type: 'put', key: INCARNATION_KEY, value: Buffer.from(randomBytes(INCARNATION_BYTES).toString('hex')) }
  ],
  // 1 → 2: `standing` and `quarantine`, of which an older store has nothing: an older program would forget what they
  // decide
  async () => [],
  // 2 → 3: what conflicts are found by. An older program would store entries without the time and without their claims
  async () => [],
  // 3 → 4: `remote`, `offer`, `token` and `flow`, and where a follow came from: an older program would let a pushed
  // ledger grow without its limit
  async () => [],
  // 4 → 5: `syncState` and its indexes, which name a remote by a number. An older program would leave them behind when
  // it removes a remote, or a ledger
  numberRemotes,
  // 5 → 6: `target`, for all entries that are there. An older program would store references without it
  async (db) => {
    await postTargets(db)
    return []
  },
  // 6 → 7: `adoption` and `awaited`, and follows that adopt: an older program would forget that, and no erasure would
  // reach the copies any more
  async () => [],
  // 7 → 8: `plan` and `job`. An older program would pull and push outside of the times that are set
  async () => [],
  // 8 → 9: rows of `touched` with several items: an older program would look at the first of them alone
  async () => [],
  // 9 → 10: `seen` has references of claims only where they can silence somebody. An older program would call that
  // damage, and this one what is there from before
  lookAgain,
  // 10 → 11: `refState` and `refWait`. An older program would append references and remove ledgers without them
  async () => [],
  // 11 → 12: `indexNode`, `indexList` and `indexRoot`. An older program would leave them behind when it removes a ledger
  async () => [],
  // 12 → 13: `light`, of which an older program knows nothing, and which it would call damage
  async () => [],
  // 13 → 14: `feed` and `cutting`. An older program would store entries that the feed never tells of. What is there
  // already comes with the consumers' first snapshot
  async () => [],
  // 14 → 15: `indexFault`. An older program would believe indexes that are known to be wrong
  async () => [],
  // 15 → 16: more kinds of conflicts, whose rows an older program would call damage
  async () => []
]

/** The schema that this program reads and writes. */
export const SCHEMA = MIGRATIONS.length

/** Brings the store to `SCHEMA`; the answer is its incarnation. Throws STORE_TOO_NEW or STORE_DAMAGED. */
export async function migrate(db: Db, log: Log): Promise<string> {
  const stored = await db.get(VERSION_KEY)
  let version = stored === undefined ? 0 : Number(stored.toString())
  if (!Number.isSafeInteger(version) || version < 0)
    throw new LedgermeshError('STORE_DAMAGED', 'the schema version is not a number')
  if (version > SCHEMA)
    throw new LedgermeshError('STORE_TOO_NEW', `the store has schema ${version}; this program knows ${SCHEMA}`)
  for (; version < SCHEMA; version++) {
    const puts = await MIGRATIONS[version]!(db)
    await db.batch([...puts, { type: 'put', key: VERSION_KEY, value: Buffer.from(String(version + 1)) }], {
      sync: true
    })
    if (stored !== undefined) log.info({ event: 'store.migrated', from: version, to: version + 1 }, 'store migrated')
  }
  if (stored === undefined) log.info({ event: 'store.created', schema: SCHEMA }, 'store created')
  const incarnation = await db.get(INCARNATION_KEY)
  if (incarnation === undefined) throw new LedgermeshError('STORE_DAMAGED', 'the store has no incarnation')
  return incarnation.toString()
}

/** Each remote gets a number of its own. A row that cannot be read counts as not there, as everywhere. */
async function numberRemotes(db: Db): Promise<Put[]> {
  const puts: Put[] = []
  let next = 1
  const { gte, lt } = familyRange('remote') as { gte: Buffer; lt: Buffer }
  for (const [key, value] of await db.iterator({ gte, lt }).all()) {
    const row = parseRow(value)
    if (row !== null) puts.push({ type: 'put', key, value: Buffer.from(JSON.stringify({ ...row, number: next++ })) })
  }
  return [...puts, { type: 'put', key: NEXT_REMOTE_KEY, value: Buffer.from(String(next)) }]
}

/** All rules look at everything again: that is on the disk before what they found is thrown away. */
async function lookAgain(db: Db): Promise<Put[]> {
  const puts: Put[] = []
  const { gte, lt } = familyRange('rule') as { gte: Buffer; lt: Buffer }
  for (const [key, value] of await db.iterator({ gte, lt }).all()) {
    const row = parseRow(value)
    if (row !== null && 'rule' in row)
      puts.push({ type: 'put', key, value: Buffer.from(JSON.stringify({ ...row, complete: false })) })
  }
  if (puts.length > 0) await db.batch(puts, { sync: true })
  await db.clear(familyRange('seen') as { gte: Buffer; lt: Buffer })
  return []
}

function parseRow(value: Buffer): object | null {
  try {
    const row: unknown = JSON.parse(value.toString())
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? row : null
  } catch {
    return null // that is the answer
  }
}
