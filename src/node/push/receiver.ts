/**
 * Entries that a program brings, over HTTP or the socket, in place of a peer. They take the way of a pulled range: they
 * chain from what is held and end in a valid signature, and the follow, freezes and quotas decide; who brings them
 * decides nothing. Of a ledger that is not followed they are an offer.
 */
import { startChain, verifyRange } from '../../core/chain.js'
import { decodeSigned, ledgerOf, verifyEntrySignature, type Entry } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isObject } from '../../core/grammar.js'
import { isHash } from '../../core/hash.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { setsKey } from '../../core/ledger-types.js'
import { Mutex } from '../../core/mutex.js'
import { readOptions, type Members } from '../../core/options.js'
import { wants } from '../../core/payload-filter.js'
import type { Verify } from '../../core/signature.js'
import { isStatement, readEntry } from '../../core/verify-proof.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { Log } from '../../ports.js'
import type { BroughtBy, BroughtEntries, BroughtResult } from '../api/push.js'
import type { Replication } from '../replication/replication.js'
import type { Inbox } from './inbox.js'

/** Entries of one call. */
export const MAX_BROUGHT = 1_000
const BROUGHT: Members<BroughtEntries> = { entries: true, sourceLedgerId: true, sourcePublicKey: true }
/** What all programs are to the bounds of the inbox: one host. */
const HOST = 'programs'

export interface ReceiverInit {
  network: string
  ledgers: { get: (id: LedgerId) => Ledger | undefined }
  replication: Replication
  inbox: Inbox
  verify: Verify
  onOffer: (ledger: LedgerId, from: string, name: string) => void
  log: Log
}

export class Receiver {
  readonly #init: ReceiverInit
  readonly #taking = new Mutex()

  constructor(init: ReceiverInit) {
    this.#init = init
  }

  /** Throws INVALID_PARAMS, and what reading the store throws. What is wrong with entries is in the result. */
  async receive(given: BroughtEntries, by: BroughtBy): Promise<BroughtResult> {
    const { entries, sourceLedgerId: id, sourcePublicKey: key } = readOptions(given, BROUGHT)
    if (!isLedgerId(id) || !isHash(key) || !Array.isArray(entries) || entries.length > MAX_BROUGHT)
      throw new LedgermeshError('INVALID_PARAMS', `up to ${MAX_BROUGHT} entries, a ledger id, and a key of it in hex`)
    const result: BroughtResult = { accepted: [], rejected: [], conflicts: [], size: null, offered: false }
    const read = readAll(id, entries, result)
    return await this.#taking.run(async () => {
      const ledger = by.hidden ? undefined : this.#init.ledgers.get(id)
      if (ledger === undefined || !this.#init.replication.runtime.isFollowed(id))
        await this.#offer(id, key, read, by, result)
      else await this.#take(ledger, key, read, by, result)
      return result
    })
  }

  async #take(ledger: Ledger, key: string, read: Entry[], { from }: BroughtBy, result: BroughtResult): Promise<void> {
    const keys =
      ledger.chain === null
        ? read.filter(({ header }) => setsKey(header))
        : (await ledger.keyEntries()).map(decodeSigned)
    if (!keys.some(({ header }) => header.key === key))
      throw new LedgermeshError('INVALID_PARAMS', `${key} was never a key of ${ledger.id}`)
    const fresh: Entry[] = []
    for (const entry of read) {
      const { seq, id } = entry.header
      if (seq >= ledger.size) fresh.push(entry)
      else if ((await ledger.hashAt(seq)) === entry.hash) result.accepted.push(id)
      else await this.#contradicts(ledger, entry, from, result)
    }
    const refused = fresh.length === 0 ? null : await this.#store(ledger, fresh, from)
    for (const { header } of fresh) {
      if (header.seq < ledger.size) result.accepted.push(header.id)
      else result.rejected.push({ id: header.id, reason: refused ?? 'BROKEN_LINK' })
    }
    result.size = ledger.size
  }

  /** null: all are stored. Else why not, or not all. */
  async #store(ledger: Ledger, fresh: Entry[], from: string): Promise<string | null> {
    const { replication, verify } = this.#init
    const { runtime, control } = replication
    if (ledger.frozen !== null) return 'FROZEN'
    const blocked = control.rule.blockedBy(ledger.id)
    if (blocked !== null) return blocked
    if (fresh[0]!.header.seq !== ledger.size) return 'BROKEN_LINK'
    try {
      await verifyRange(ledger.id, fresh, verify)
    } catch (error) {
      if (!isCoded(error)) throw error
      return error.code
    }
    const wanted = runtime.filtersOf(ledger.id)
    const kept = fresh.map((entry) =>
      wants(wanted, entry.header) ? entry : { ...entry, raw: { ...entry.raw, payload: null } }
    )
    return await runtime.take(ledger.id, from, kept)
  }

  /** An entry by the author where another one is held: it is evidence, whoever shows it. */
  async #contradicts(ledger: Ledger, entry: Entry, from: string, result: BroughtResult): Promise<void> {
    const { id, seq } = entry.header
    if (!(await verifyEntrySignature(entry, this.#init.verify))) {
      result.rejected.push({ id, reason: 'BAD_SIGNATURE' })
      return
    }
    result.conflicts.push({ id, conflict: 'FORK' })
    try {
      await this.#init.replication.runtime.showed(from, ledger, entry)
    } catch (error) {
      this.#init.log.warn(
        { event: 'push.brought-fork-unread', ledger: ledger.id, seq, error: (error as Error).message },
        'an entry that contradicts a held one could not be looked into'
      )
    }
  }

  /** Waits for the operator, when it begins at the beginning: by its genesis it has a name. */
  async #offer(id: LedgerId, key: string, read: Entry[], { from }: BroughtBy, result: BroughtResult): Promise<void> {
    const { network, ledgers, inbox, verify, onOffer } = this.#init
    let reason = 'NOT_FOLLOWED'
    try {
      const chain = read.length === 0 ? null : startChain(id, read[0]!)
      if (chain !== null) {
        await verifyRange(id, read, verify)
        if (chain.network !== network) reason = 'WRONG_NETWORK'
        else if (!read.some(({ header }) => setsKey(header) && header.key === key)) reason = 'KEY_NOT_IN_FORCE'
        else if (inbox.stateOf(id, from) !== 'blocked') {
          const size = read.at(-1)!.header.seq + 1
          const { name, access } = chain
          result.offered = await inbox.note(id, from, { name, access, size, from: null, host: HOST, trusted: false })
          // It is held, and whoever brought it may not know: nothing is to be decided.
          if (ledgers.get(id)?.chain != null) await inbox.clear(id)
          else if (result.offered && inbox.stateOf(id, from) === 'none') onOffer(id, from, name)
        }
      }
    } catch (error) {
      if (!isCoded(error) || error.code === 'STORE_FAILED') throw error
      reason = error.code
    }
    for (const { header } of read) result.rejected.push({ id: header.id, reason })
  }
}

/** Those that can be read, up to the first that cannot: what comes behind it links to nothing. */
function readAll(id: LedgerId, given: BroughtEntries['entries'], { rejected }: BroughtResult): Entry[] {
  const read: Entry[] = []
  let broken = false
  for (const one of given) {
    const name = isObject(one) && typeof one.id === 'string' ? one.id : ''
    if (broken) {
      rejected.push({ id: name, reason: 'BROKEN_LINK' })
      continue
    }
    try {
      const entry = readOne(one)
      if (ledgerOf(entry) !== id) throw new LedgermeshError('WRONG_LEDGER', 'it belongs to another ledger')
      read.push(entry)
    } catch (error) {
      if (!isCoded(error)) throw error
      broken = true
      rejected.push({ id: name, reason: error.code })
    }
  }
  return read
}

/** Only the signed bytes count: what the view says beside them is not read. */
function readOne({ raw }: BroughtEntries['entries'][number]): Entry {
  const { header, payload, signature } = isObject(raw) ? raw : {}
  const signed = { header, signature }
  if (!isStatement(signed)) throw new LedgermeshError('MALFORMED', 'an entry has raw: {header, payload, signature}')
  return readEntry({ ...signed, payload: typeof payload === 'string' ? payload : null })
}
