/** What can be wrong with a database before the meaning of its keys is asked for. */
import { randomBytes } from 'node:crypto'
import { Level } from 'level'
import { FAMILY, FEED_EPOCH_KEY, NEXT_NUMBER_KEY, type Family } from './keys.js'
import { INCARNATION_BYTES, INCARNATION_KEY, SCHEMA, VERSION_KEY } from './migrations.js'
import { CLEAN_KEY, type Op, type Store } from './store.js'

const OTHERS: readonly Family[] = [
  'meta',
  'ledger',
  'node',
  'remote',
  'offer',
  'token',
  'light',
  'adoption',
  'plan',
  'job',
  'hash',
  'rule',
  'claim',
  'conflict',
  'conflictByState',
  'seen',
  'resolution',
  'touched',
  'syncByStatus',
  'syncDue',
  'refWait',
  'feed',
  'indexFault'
]
/** Families whose keys start with a ledger's number. */
export const LEDGER_FAMILIES = (Object.keys(FAMILY) as Family[]).filter((family) => !OTHERS.includes(family))

/** What is wrong with the store's own facts; an empty list: nothing. */
export async function schemaDamage(store: Store): Promise<string[]> {
  const damage: string[] = []
  const version = (await store.get(VERSION_KEY))?.toString()
  if (version === undefined) damage.push('the schema version is missing')
  else if (!/^\d{1,9}$/.test(version)) damage.push('the schema version is not a number')
  if (!isIncarnation(await store.get(INCARNATION_KEY))) damage.push('the incarnation is missing, or not 32 hex digits')
  return damage
}

/** The schema of the store; null: unreadable. */
export async function storedSchema(store: Store): Promise<number | null> {
  const version = (await store.get(VERSION_KEY))?.toString()
  return version !== undefined && /^\d{1,9}$/.test(version) ? Number(version) : null
}

/**
 * What makes the store's own facts right again. A new incarnation only means that cursors of the old one are refused.
 */
export async function schemaOps(store: Store, nextNumber: number): Promise<Op[]> {
  const incarnation = await store.get(INCARNATION_KEY)
  return [
    { type: 'put', key: VERSION_KEY, value: Buffer.from(String(SCHEMA)) },
    {
      type: 'put',
      key: INCARNATION_KEY,
      value: isIncarnation(incarnation) ? incarnation : Buffer.from(randomBytes(INCARNATION_BYTES).toString('hex'))
    },
    { type: 'put', key: NEXT_NUMBER_KEY, value: Buffer.from(String(nextNumber)) }
  ]
}

function isIncarnation(value: Buffer | undefined): value is Buffer {
  return value !== undefined && /^[0-9a-f]*$/.test(value.toString()) && value.length === 2 * INCARNATION_BYTES
}

/** The next open then begins a new epoch of the feed: what a repair changed, no row tells. */
export function newFeedOps(): Op[] {
  return [{ type: 'del', key: FEED_EPOCH_KEY }]
}

/** The next open then looks for gaps, as after an unclean stop. */
export function uncleanOps(): Op[] {
  return [{ type: 'del', key: CLEAN_KEY }]
}

export function cleanOps(): Op[] {
  return [{ type: 'put', key: CLEAN_KEY, value: Buffer.from('1') }]
}

/** The ledger numbers under which the store has any key. */
export async function numbersInUse(store: Store): Promise<Map<number, Family[]>> {
  const found = new Map<number, Family[]>()
  for (const family of LEDGER_FAMILIES) {
    let gte = Buffer.of(FAMILY[family])
    const lt = Buffer.of(FAMILY[family] + 1)
    for (;;) {
      const [key] = await store.keys({ gte, lt, limit: 1 })
      if (key === undefined) break
      const n = key.length < 5 ? 0 : key.readUInt32BE(1)
      found.set(n, [...(found.get(n) ?? []), family])
      if (n === 0xffffffff) break
      gte = Buffer.alloc(5)
      gte[0] = FAMILY[family]
      gte.writeUInt32BE(n + 1, 1)
    }
  }
  return found
}

/**
 * LevelDB's own repair: makes a new list of files from those that can be read. What was in the others is gone, and fsck
 * says what that was.
 */
export async function salvageDatabase(dir: string): Promise<void> {
  // `level` is classic-level under Node; its types name only what browsers have too
  await (Level as unknown as { repair: (location: string) => Promise<void> }).repair(dir)
}
