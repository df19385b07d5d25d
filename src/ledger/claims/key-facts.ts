/**
 * Everything held about one conflict, read from the store. Only entries that count are read: audited, and not disputed.
 */
import { canonicalize } from '../../core/canonical.js'
import type { Entry } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import { sha256Text, toHex, type Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { decodePayload } from '../../core/payload.js'
import { referencesIn, syncMarkOf } from '../../core/reference.js'
import { claimRange, conflictRange, ledgerBeforeSeq, seenRange, targetOf } from '../../store/conflict-keys.js'
import { SEQ_END, seqOf } from '../../store/keys.js'
import type { Row, Store } from '../../store/store.js'
import { isInScope } from '../../conflict/claims.js'
import { MAX_SIBLINGS } from '../../conflict/limits.js'
import type { Facts, Sibling, WithdrawnCopy, Word } from '../../conflict/judge.js'
import { resolutionOf } from '../../conflict/resolution.js'
import { maySilence } from '../../conflict/rule.js'
import { siblingsOf, type Claim, type Sighting } from '../../conflict/siblings.js'
import type { EntryReader } from '../read/entry-reader.js'
import { unlessDamaged } from '../read/unless-damaged.js'
import type { HeldEntries } from '../read/reference-target.js'
import { SEEN } from './claim-ops.js'
import type { StoredRule } from './rule-book.js'
import { storedAt } from './stored-at.js'

/** A ledger that is held. `counted`: entries, from 0, that are audited and not disputed. */
export interface CountedLedger {
  id: LedgerId
  ledgerNumber: number
  counted: number
  reader: EntryReader
  /** The entry with this hash that another branch has replaced; null: none. */
  voidedEntry: (hash: Hash) => Promise<Entry | null>
}

export interface ClaimSources {
  store: Store
  byNumber: (ledgerNumber: number) => CountedLedger | undefined
  byId: (id: LedgerId) => CountedLedger | undefined
  own: () => LedgerId | null
  held: HeldEntries
}

export interface Copy extends Claim {
  of: Hash
}
export interface KeyFacts extends Omit<Facts, 'mergeFailed'> {
  siblings: (Sibling & { entry: Entry })[]
  /** The places of copies of the siblings. */
  copies: Copy[]
  /** When the second of the siblings was stored, which began the conflict. ms since the epoch. */
  since: number
}

/** Reference targets that are looked up when nothing decides the conflict; further ones do not count as awaited. */
const MAX_AWAITED = 1024

/** null: no claim names the key. */
export async function readFacts(live: ClaimSources, stored: StoredRule, id: string): Promise<KeyFacts | null> {
  const sources = still(live)
  const { newest, withdrawn } = await readNewest(sources, stored, id)
  if (newest.length === 0) return null
  const { sightings, copies } = await readSightings(sources, stored, id, newest)
  const standing = siblingsOf(stored.rule, newest, sightings)
  const siblings: KeyFacts['siblings'] = []
  for (const one of standing) siblings.push(await readSibling(sources, one))
  const hashes = new Set(siblings.map(({ hash }) => hash))
  return {
    own: sources.own(),
    siblings,
    sightings: sightings.filter(({ target }) => hashes.has(target)),
    copies: copies.filter(({ of }) => hashes.has(of)),
    words: await readWords(sources, stored, id),
    waiting: siblings.length < 2 ? 0 : await countAwaited(sources, stored, id),
    withdrawn,
    taken: siblings.length < 2 ? [] : await takenOf(sources, siblings),
    since: siblings.map((one) => one.storedAt).sort((a, b) => a - b)[1] ?? siblings[0]!.storedAt
  }
}

/**
 * Each ledger is read at its size when it was first read, so that entries stored meanwhile are not partly included.
 * Every combination of ledger sizes is a valid state.
 */
function still(sources: ClaimSources): ClaimSources {
  const taken = new Map<number, CountedLedger>()
  const take = (ledger: CountedLedger | undefined): CountedLedger | undefined => {
    if (ledger === undefined || taken.has(ledger.ledgerNumber)) return ledger && taken.get(ledger.ledgerNumber)
    const { id, ledgerNumber, counted, reader } = ledger
    const voidedEntry = async (hash: Hash): Promise<Entry | null> => await ledger.voidedEntry(hash)
    taken.set(ledgerNumber, { id, ledgerNumber, counted, reader, voidedEntry })
    return taken.get(ledgerNumber)
  }
  return {
    ...sources,
    byNumber: (ledgerNumber) => taken.get(ledgerNumber) ?? take(sources.byNumber(ledgerNumber)),
    byId: (id) => take(sources.byId(id))
  }
}

interface Held extends Claim {
  entry: Entry
  source: CountedLedger
}

/** The newest claim of each ledger, and newer copies that are none any more. */
async function readNewest(
  sources: ClaimSources,
  { number }: StoredRule,
  id: string
): Promise<{ newest: Held[]; withdrawn: WithdrawnCopy[] }> {
  const newest: Held[] = []
  const withdrawn: WithdrawnCopy[] = []
  for (let ledgerNumber: number | null = 0; ;) {
    ledgerNumber = await nextLedger(sources.store, number, id, ledgerNumber)
    if (ledgerNumber === null) return { newest, withdrawn }
    const source = sources.byNumber(ledgerNumber)
    const claim = source === undefined ? null : await newestOf(sources, number, id, source, withdrawn)
    if (claim !== null) newest.push(claim)
    ledgerNumber++
  }
}

/** The number of the first ledger from `ledgerNumber` on that has a claim; null: none. */
async function nextLedger(store: Store, rule: number, id: string, ledgerNumber: number): Promise<number | null> {
  const [key] = await store.keys({ ...conflictRange('claim', rule, id, ledgerNumber), limit: 1 })
  return key === undefined ? null : ledgerBeforeSeq(key)
}

const CHUNK = 16
/** Copies that are no claims any more, of one key: further ones are not told of. */
const MAX_WITHDRAWN = 64

/**
 * Copies whose originals are held are skipped: they are the same claims. So are those whose originals do not count here
 * any more: what is disputed or voided must not come back as a claim of whoever has copied it.
 */
async function newestOf(
  { store, held, byId }: ClaimSources,
  rule: number,
  id: string,
  source: CountedLedger,
  withdrawn: WithdrawnCopy[]
): Promise<Held | null> {
  for (let to = source.counted; ;) {
    const rows: Row[] = await store.all({
      ...claimRange('claim', rule, id, source.ledgerNumber, to),
      reverse: true,
      limit: CHUNK
    })
    for (const [key, value] of rows) {
      const original = value.length > 32 ? value.toString('hex', 32) : null
      if (original !== null && (await held.byHash(original)) !== null) continue
      const seq = seqOf(key)
      const entry = await source.reader.one(seq)
      if (entry === null || entry.hash !== value.toString('hex', 0, 32)) continue
      const kind = original === null ? null : await gaveWay(byId(syncMarkOf(entry.header.meta)?.source ?? ''), original)
      if (kind === null) return { ledger: source.id, seq, hash: entry.hash, entry, source }
      if (withdrawn.length < MAX_WITHDRAWN)
        withdrawn.push({ ledger: source.id, seq, hash: entry.hash, of: original!, kind })
    }
    if (rows.length < CHUNK) return null
    to = seqOf(rows.at(-1)![0])
  }
}

/** An entry of this ledger that does not count: is it there, disputed, or was it voided? null: neither. */
async function gaveWay(ledger: CountedLedger | undefined, hash: Hash): Promise<WithdrawnCopy['kind'] | null> {
  if (ledger === undefined) return null
  if ((await ledger.reader.seqOfHash(hash, SEQ_END)) !== null) return 'source-disputed'
  return (await unlessDamaged(() => ledger.voidedEntry(hash))) === null ? null : 'source-voided'
}

/** A copy's id is the hash of its original: another entry of the own ledger that has it keeps the copy out. */
async function takenOf(
  { own, held, byId }: ClaimSources,
  siblings: readonly (Sibling & { entry: Entry })[]
): Promise<Hash[]> {
  const id = own()
  const ledger = id === null ? undefined : byId(id)
  if (id === null || ledger === undefined) return []
  const taken: Hash[] = []
  for (const { hash, ledger: author } of siblings.slice(0, MAX_SIBLINGS)) {
    if (author === id || (await held.byId(id, hash)) === null) continue
    const seq = await ledger.reader.seqOfId(hash, ledger.counted)
    const entry = seq === null ? null : await ledger.reader.one(seq)
    if (entry !== null && syncMarkOf(entry.header.meta)?.originalHash !== hash) taken.push(hash)
  }
  return taken
}

/** Entries that refer to these claims, or to copies of them. */
async function readSightings(
  sources: ClaimSources,
  { number }: StoredRule,
  id: string,
  claims: readonly Held[]
): Promise<{ sightings: Sighting[]; copies: Copy[] }> {
  const sightings: Sighting[] = []
  const copies: Copy[] = []
  for (const { hash } of claims) {
    const targets = [hash]
    for (const target of targets) {
      for (const [key, value] of await sources.store.all(seenRange(number, id, target))) {
        const by = sources.byNumber(ledgerBeforeSeq(key))
        const seq = seqOf(key)
        if (by === undefined || seq >= by.counted) continue
        if (value[0] !== SEEN.copy)
          sightings.push({ target: hash, by: by.id, seq, kind: value[0] === SEEN.claim ? 'claim' : 'resolution' })
        else if (target === hash) {
          const copy = toHex(value.subarray(1))
          copies.push({ ledger: by.id, seq, hash: copy, of: hash })
          targets.push(copy)
        }
      }
    }
  }
  return { sightings, copies }
}

async function readSibling(
  { store }: ClaimSources,
  { ledger, seq, hash, entry, source: { ledgerNumber, reader } }: Held
): Promise<KeyFacts['siblings'][number]> {
  await reader.withPayloads([entry])
  const {
    header: { id, timestamp, stream, type, issuer_oid, subject_oid, payload_hash: committed },
    raw
  } = entry
  const content = raw.payload === null ? null : contentOf(raw.payload)
  const payload =
    committed === null
      ? 'none'
      : content !== null
        ? 'present'
        : raw.payload === null && (await reader.absences([seq]))[0] === 'erased'
          ? 'erased'
          : 'unknown'
  return {
    ledger,
    seq,
    hash,
    id,
    timestamp,
    storedAt: (await storedAt(store, ledgerNumber, seq)) ?? 0,
    stream,
    type,
    issuer_oid,
    subject_oid,
    payload,
    content,
    entry
  }
}

/** null: not payload bytes. */
function contentOf(bytes: Uint8Array): Hash | null {
  try {
    return sha256Text(canonicalize(decodePayload(bytes).payload))
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}

/** The newest decision of each ledger with authority to decide. */
async function readWords(
  { store, byId, own }: ClaimSources,
  { number, rule }: StoredRule,
  id: string
): Promise<Word[]> {
  const words: Word[] = []
  for (const resolver of rule.resolvers) {
    const source = byId(resolver === 'own' ? (own() ?? '') : resolver)
    if (source === undefined || words.some(({ author }) => author === source.id)) continue
    const [key] = await store.keys({
      ...claimRange('resolution', number, id, source.ledgerNumber, source.counted),
      reverse: true,
      limit: 1
    })
    const entry = key === undefined ? null : await source.reader.one(seqOf(key))
    const resolution = entry === null ? null : resolutionOf(rule, entry.header)
    if (resolution !== null)
      words.push({
        author: source.id,
        seq: entry!.header.seq,
        hash: entry!.hash,
        chosen: resolution.chosen,
        note: resolution.note,
        saw: resolution.saw
      })
  }
  return words
}

/**
 * References by ledgers with authority to overrule, whose targets may still arrive. "A reference into a ledger held
 * past its claimed place that has no such hash is dangling": one whose id is held there with another hash. An entry out
 * of scope will be no claim when it arrives, and entries of a ledger that is not followed do not arrive.
 */
async function countAwaited(sources: ClaimSources, { number, rule }: StoredRule, id: string): Promise<number> {
  const targets = new Map<Hash, { by: CountedLedger; seq: number }>()
  const rows = await sources.store.all({ ...conflictRange('seen', number, id), limit: 2 * MAX_AWAITED })
  for (const [key, value] of rows) {
    const by = sources.byNumber(ledgerBeforeSeq(key))
    const seq = seqOf(key)
    if (
      value[0] === SEEN.claim &&
      by !== undefined &&
      seq < by.counted &&
      maySilence(rule, by.id) &&
      targets.size < MAX_AWAITED
    )
      targets.set(targetOf(key), { by, seq })
  }
  let awaited = 0
  for (const [hash, { by, seq }] of targets) {
    if ((await sources.held.byHash(hash)) !== null) continue
    const entry = await by.reader.one(seq)
    for (const { ledgerId, entryId, entryHash } of entry === null ? [] : referencesIn(entry.header.meta)) {
      if (entryHash !== hash || !isInScope(rule, ledgerId)) continue
      if (sources.held.isHeld(ledgerId) ? (await sources.held.byId(ledgerId, entryId)) === null : rule.scope !== 'held')
        awaited++
      break
    }
  }
  return awaited
}

/**
 * All counted claims and sightings of a conflict, up to this many; null: there are more. For finding the base of a
 * merge.
 */
export async function readHistory(
  { store, byNumber }: ClaimSources,
  { number }: StoredRule,
  id: string,
  most: number
): Promise<{ claims: Claim[]; sightings: Sighting[] } | null> {
  const [claimRows, seenRows] = await Promise.all([
    store.all({ ...conflictRange('claim', number, id), limit: most + 1 }),
    store.all({ ...conflictRange('seen', number, id), limit: most + 1 })
  ])
  if (claimRows.length > most || seenRows.length > most) return null
  const place = (key: Buffer): { ledger: LedgerId; seq: number } | null => {
    const source = byNumber(ledgerBeforeSeq(key))
    const seq = seqOf(key)
    return source === undefined || seq >= Math.min(source.counted, SEQ_END) ? null : { ledger: source.id, seq }
  }
  const claims = claimRows.flatMap(([key, value]) => {
    const at = place(key)
    return at === null || value.length > 32 ? [] : [{ ...at, hash: value.toString('hex', 0, 32) }]
  })
  const sightings = seenRows.flatMap(([key, value]): Sighting[] => {
    const at = place(key)
    return at === null || value[0] === SEEN.copy
      ? []
      : [{ target: targetOf(key), by: at.ledger, seq: at.seq, kind: value[0] === SEEN.claim ? 'claim' : 'resolution' }]
  })
  return { claims, sightings }
}
