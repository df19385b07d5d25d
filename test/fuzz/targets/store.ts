/**
 * What the store gives back, when the disk, or whoever had the folder, changed it: reading, opening and fsck stay in
 * words.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCoded } from '../../../src/core/errors.js'
import { verifySignature } from '../../../src/core/signature.js'
import { checkStore } from '../../../src/ledger/fsck/fsck.js'
import { repairStore } from '../../../src/ledger/fsck/fsck-repair.js'
import { openLedgers, type Ledgers } from '../../../src/ledger/ledgers.js'
import { decodeStored, encodeEntry } from '../../../src/ledger/read/records.js'
import { Follows } from '../../../src/node/replication/follows.js'
import { NodeStore } from '../../../src/node/peers/record-store.js'
import { silentLog, systemClock } from '../../../src/node/runtime/system.js'
import { FAMILY, familyRange, type Family } from '../../../src/store/keys.js'
import { decodePosting, encodePosting } from '../../../src/store/posting.js'
import { openStore, type Row, type Store } from '../../../src/store/store.js'
import { testRandom } from '../../ledger/support.js'
import { NETWORK } from '../../core/author.js'
import { author, evidences, record } from '../samples.js'
import { decoder, type Target } from '../target.js'
import { codes } from './core.js'
import { freezeAt } from '../../helpers/freeze-at.js'

/** Families of rows that are changed; the first byte of an input says which one. */
const FAMILIES: Family[] = [
  'ledger',
  'state',
  'follow',
  'checkpoint',
  'evidence',
  'node',
  'entry',
  'payload',
  'erased',
  'tile',
  'stream',
  'meta'
]

/** Milliseconds of the processor for one case: it opens, checks and repairs a store. */
const DISK_MS = 5_000

let made: Promise<{ store: Store; rows: Map<Family, Row> }> | undefined

function open(store: Store): Promise<Ledgers> {
  return openLedgers({
    store,
    clock: systemClock,
    random: testRandom(),
    log: silentLog,
    network: NETWORK,
    verify: verifySignature
  })
}

/** A store with one mirror that has a row of every family. */
async function template(): Promise<{ store: Store; rows: Map<Family, Row> }> {
  const dir = mkdtempSync(join(tmpdir(), 'ledgermesh-fuzz-'))
  process.once('exit', () => {
    rmSync(dir, { recursive: true, force: true })
  })
  const store = await openStore(join(dir, 'db'), { log: silentLog })
  const ledgers = await open(store)
  const mirror = await ledgers.mirror(author.ledger)
  await mirror.ingest(author.entries)
  await mirror.putCheckpoint(await author.checkpoint())
  await mirror.setFollowSettings({ filters: { streams: ['main'] }, paused: false })
  await freezeAt(mirror, 4, (await evidences())[0]!)
  const nodes = new NodeStore(store, silentLog)
  nodes.put({
    record: JSON.parse(Buffer.from(record()).toString()),
    shown: true,
    shownKey: null,
    name: 'x',
    software: null,
    lastSeen: 1,
    sources: ['connection']
  })
  await nodes.close()
  await ledgers.close()
  const rows = new Map<Family, Row>()
  for (const family of FAMILIES) {
    const row = (await store.all(familyRange(family))).at(-1)
    if (row !== undefined) rows.set(family, row)
  }
  return { store, rows }
}

async function seeds(): Promise<Uint8Array[]> {
  const { rows } = await (made ??= template())
  return [...rows].map(([family, [, value]]) => Buffer.concat([Buffer.of(FAMILIES.indexOf(family)), value]))
}

/** Runs with one row changed, and puts the whole store back. */
async function changed(bytes: Uint8Array, run: (store: Store) => Promise<boolean>): Promise<boolean> {
  const { store, rows } = await (made ??= template())
  const present = [...rows.values()]
  const [key] = rows.get(FAMILIES[(bytes[0] ?? 0) % FAMILIES.length]!) ?? present[0]!
  const before = await everything(store)
  await store.write([{ type: 'put', key, value: bytes.subarray(1) }], { sync: false })
  try {
    return await run(store)
  } finally {
    const keep = new Set(before.map(([one]) => one.toString('hex')))
    const added = (await everything(store)).filter(([one]) => !keep.has(one.toString('hex')))
    await store.write(
      [
        ...before.map(([one, value]) => ({ type: 'put', key: one, value }) as const),
        ...added.map(([one]) => ({ type: 'del', key: one }) as const)
      ],
      { sync: false }
    )
  }
}

function everything(store: Store): Promise<Row[]> {
  return store.all({ gte: Buffer.of(0), lt: Buffer.of(FAMILY.subject + 1) })
}

async function words<T>(call: () => Promise<T>): Promise<T | null> {
  try {
    return await call()
  } catch (error) {
    if (isCoded(error) && error.code !== 'INTERNAL') return null
    throw error
  }
}

/** A node that starts on it: it opens, or says in words why not; then reading is in words too. */
async function start(store: Store): Promise<boolean> {
  const ledgers = await words(() => open(store))
  if (ledgers === null) return false
  try {
    await words(() => Follows.load(ledgers, silentLog))
    await new NodeStore(store, silentLog).load()
    const ledger = ledgers.get(author.ledger)
    if (ledger === undefined) return false
    await words(() => ledger.query({ stream: 'main' }))
    await words(() => ledger.get({ seq: 2 }))
    await words(() => ledger.missingPayloads(10))
    const verified = await words(() => ledger.verifyChain())
    return verified !== null
  } finally {
    await ledgers.close()
  }
}

async function fsck(store: Store): Promise<boolean> {
  const options = { log: silentLog, markFile: null }
  const found = await words(() => checkStore(store, options))
  if (found === null) return false
  if (found.damage.total === 0) return true
  await words(() => repairStore(store, found))
  const left = await words(() => checkStore(store, options))
  // What is left is an operator's, and named so.
  if (left !== null && (await start(store)))
    assert.ok(
      left.damage.total <= found.damage.total,
      `fsck leaves more than it found: ${JSON.stringify(left.damage.listed)}`
    )
  return true
}

export const storeTargets: Target[] = [
  decoder({
    name: 'stored-entry',
    coded: codes('STORE_DAMAGED'),
    seeds: () => [encodeEntry(author.entries[2]!)],
    decode: (bytes) => decodeStored(Buffer.from(bytes), 2)
  }),
  {
    name: 'posting',
    seeds: () => [encodePosting([5, 6, 300, 2 ** 40]), encodePosting([1, 2])],
    run: (bytes) => {
      const seqs = decodePosting(1, bytes)
      assert.ok(seqs.length <= bytes.length + 1)
      return true
    }
  },
  { name: 'store-start', seeds, shortRuns: 60, maxMs: DISK_MS, run: (bytes) => changed(bytes, start) },
  { name: 'store-fsck', seeds, shortRuns: 60, maxMs: DISK_MS, run: (bytes) => changed(bytes, fsck) }
]
