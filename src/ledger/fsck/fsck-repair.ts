/**
 * Repairs what is derived from the entries, and removes from mirrors what has to be pulled again (I8). May be
 * interrupted and run again.
 */
import { unlessDamaged } from '../read/unless-damaged.js'
import { chunks } from '../../store/chunks.js'
import { isCoded } from '../../core/errors.js'
import type { Header } from '../../core/header.js'
import { checkPayload } from '../../core/payload.js'
import { cleanOps, LEDGER_FAMILIES, newFeedOps, schemaOps, uncleanOps } from '../../store/fsck.js'
import { familyRange, ledgerKey, ledgerRange, seqKey, seqOf, textKey } from '../../store/keys.js'
import { EMPTY } from '../../store/posting.js'
import type { Op, Store } from '../../store/store.js'
import type { EntryReader } from '../read/entry-reader.js'
import { dropIndex } from '../lmx1/drop-index.js'
import { repairClaims } from './check-claims.js'
import type { Checkup, Found } from './fsck.js'
import { rebuildDerived } from '../write/rebuild.js'
import { encodeJson, type LedgerState } from '../read/records.js'
import { chainAt } from '../read/chain-at.js'
import { discardFrom } from '../write/recovery.js'

/** Rows of payloads read together. */
const CHUNK = 8

/** Damage that it cannot repair stays as it is. */
export async function repairStore(store: Store, checkup: Checkup): Promise<void> {
  const { damage, ledgers, dangling, unreadableRows, claims, exceptions, references, indexes, unreadable } = checkup
  await store.write([...uncleanOps(), ...newFeedOps()], { sync: true })
  const last = Math.max(0, ...ledgers.map(({ ledgerNumber }) => ledgerNumber), ...dangling)
  if (damage.has(null, 'schema')) await store.write(await schemaOps(store, last + 1), { sync: true })
  for (const { id, ledgerNumber, own } of ledgers.filter(({ rowLost }) => rowLost))
    await store.write([{ type: 'put', key: textKey('ledger', id), value: encodeJson({ n: ledgerNumber, own }) }], {
      sync: true
    })
  // Keys of no ledger could be entries of a ledger whose row cannot be read: then they must not be deleted.
  const certain = unreadableRows.length === 0 && !damage.has(null, 'unreadable-mark') && ledgers.some(({ own }) => own)
  for (const ledgerNumber of certain ? dangling : []) await clearNumber(store, ledgerNumber)
  if (dangling.length === 0)
    for (const id of unreadableRows) await store.write([{ type: 'del', key: textKey('ledger', id) }], { sync: true })
  if (unreadable.length > 0)
    await store.write(
      unreadable.map((key): Op => ({ type: 'del', key })),
      { sync: true }
    )
  for (const ledger of ledgers) {
    try {
      await repairLedger(store, ledger, checkup)
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error // what cannot be repaired is found again
    }
  }
  if (claims.length > 0) await repairClaims(store, claims)
  if (exceptions.length > 0) await store.write(exceptions, { sync: true })
  if (damage.has(null, 'wrong-feed')) await store.clear(familyRange('feed'))
  if (references.length > 0) await store.write(references, { sync: true })
  for (const ledgerNumber of indexes) await dropIndex(store, ledgerNumber)
  if (store.wasClean) await store.write(cleanOps(), { sync: true })
}

async function clearNumber(store: Store, ledgerNumber: number): Promise<void> {
  for (const family of LEDGER_FAMILIES) await store.clear(ledgerRange(family, ledgerNumber))
  await store.compact(ledgerRange('payload', ledgerNumber))
}

async function repairLedger(store: Store, found: Found, { damage }: Checkup): Promise<void> {
  const {
    id,
    ledgerNumber,
    own,
    reader,
    entries: { sound, end }
  } = found
  const ops: Op[] = []
  if (found.checkpointWrong) ops.push({ type: 'del', key: ledgerKey('checkpoint', ledgerNumber) })
  if (found.followUnreadable) ops.push({ type: 'del', key: ledgerKey('follow', ledgerNumber) })
  if (found.standingUnreadable) ops.push({ type: 'del', key: ledgerKey('standing', ledgerNumber) })
  if (ops.length > 0) await store.write(ops, { sync: true })
  if (damage.has(id, 'damaged-payload')) await dropPayloads(store, found)
  if (damage.has(id, 'wrong-index')) await dropWrongNotes(store, found)
  if (damage.has(id, 'erased-payload-held', 'damaged-payload')) {
    await dropErased(store, found)
    await store.compact(ledgerRange('payload', ledgerNumber))
  }
  const whole = sound === end
  // No existing entry of an own ledger is ever dropped.
  if (!whole && own) return
  const size = sound
  const stateDamaged = damage.has(id, 'unreadable-state', 'wrong-state')
  const cut = !whole || (found.state !== null && found.state.chain.size > size)
  if (cut || damage.has(id, 'missing-index', 'wrong-index', 'missing-tree-node', 'wrong-tree-node') || stateDamaged) {
    await fixKeyEntries(store, found)
    if (cut) await cutTo(store, found, size)
    else if (stateDamaged) await writeState(store, found, size)
    await rebuildDerived(store, reader, size)
  }
}

/** `chainAt` reads the key entries, so they come first. */
async function fixKeyEntries(store: Store, { ledgerNumber, entries: { keyEntries } }: Found): Promise<void> {
  const right = new Set(keyEntries.map(({ from }) => from))
  const wrong = (await store.keys(ledgerRange('keyEntry', ledgerNumber))).filter((key) => !right.has(seqOf(key)))
  await store.write(
    [
      ...wrong.map((key): Op => ({ type: 'del', key })),
      ...[...right].map((seq): Op => ({ type: 'put', key: seqKey('keyEntry', ledgerNumber, seq), value: EMPTY }))
    ],
    { sync: true }
  )
}

/** The evidence stays in force, also when the entries that it disputes have to come again. */
async function cutTo(store: Store, found: Found, size: number): Promise<void> {
  const { id, reader, frozen } = found
  await discardFrom(store, id, reader, { ...(found.state ?? (await derivedState(store, found, size))), frozen }, size)
}

async function writeState(store: Store, found: Found, size: number): Promise<void> {
  const { ledgerNumber } = found
  const key = ledgerKey('state', ledgerNumber)
  await store.write(
    [
      size === 0
        ? { type: 'del', key }
        : { type: 'put', key, value: encodeJson(await derivedState(store, found, size)) }
    ],
    { sync: true }
  )
}

async function derivedState(
  store: Store,
  { id, own, reader, state, frozen }: Found,
  size: number
): Promise<LedgerState> {
  const chain = await chainAt(store, id, reader, size)
  const audited = Math.max(0, Math.min(state?.audited ?? (own ? size : 0), size))
  return {
    chain: chain!,
    audited,
    durable: size,
    frozen: frozen !== null && frozen.size >= 1 ? frozen : null,
    ...(state?.taken !== undefined && { taken: state.taken })
  }
}

/** Payloads that are not what their headers commit to become missing ones: they are fetched again. */
async function dropPayloads(store: Store, { ledgerNumber, reader }: Found): Promise<void> {
  for await (const chunk of chunks(store, ledgerRange('payload', ledgerNumber), CHUNK)) {
    for (const [key, value] of chunk) {
      const seq = seqOf(key)
      const header = await readHeader(reader, seq)
      if (header === null || isPayloadOf(header, value)) continue
      const ops: Op[] = [{ type: 'del', key }]
      if (header.payload_hash !== null)
        ops.push({ type: 'put', key: seqKey('missing', ledgerNumber, seq), value: EMPTY })
      await store.write(ops, { sync: false })
    }
  }
}

async function readHeader(reader: EntryReader, seq: number): Promise<Header | null> {
  return (await unlessDamaged(() => reader.one(seq)))?.header ?? null
}

function isPayloadOf(header: Header, bytes: Uint8Array): boolean {
  try {
    checkPayload(header, bytes)
    return true
  } catch (error) {
    if (isCoded(error, 'PAYLOAD_MISMATCH')) return false
    throw error
  }
}

/** Notes of missing payloads that are held, erased, or of no entry; payloads of no entry. */
async function dropWrongNotes(store: Store, { ledgerNumber, entries: { end, erased } }: Found): Promise<void> {
  for (const key of await store.keys(ledgerRange('missing', ledgerNumber))) {
    const seq = seqOf(key)
    if (seq >= end || erased.has(seq) || (await store.get(seqKey('payload', ledgerNumber, seq))) !== undefined)
      await store.write([{ type: 'del', key }], { sync: false })
  }
  await store.clear({ gte: seqKey('payload', ledgerNumber, end), lt: ledgerRange('payload', ledgerNumber).lt })
}

/** Decided from the entries, never from the notes of erasures alone: those may be wrong. */
async function dropErased(store: Store, { ledgerNumber, entries: { erased } }: Found): Promise<void> {
  for (const seq of erased.keys())
    await store.write(
      [
        { type: 'del', key: seqKey('payload', ledgerNumber, seq) },
        { type: 'del', key: seqKey('missing', ledgerNumber, seq) }
      ],
      { sync: false }
    )
}
