/**
 * A head counts as a claim only when its bytes, its signature and its key are valid: a head that an unknown key signed
 * is no claim.
 */
import type { WireHead } from '../../../protocols/wire.js'
import { decodeUtf8, parseText } from '../../core/canonical.js'
import { keyInForce, verifyKeyEntries, type KeyEpoch } from '../../core/chain.js'
import { entryHash, ledgerOf, type Entry, type RawEntry } from '../../core/entry.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { isInteger, isObject } from '../../core/grammar.js'
import { fromHex, isHash, type Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { MAX_KEY_ENTRIES } from '../../core/limits.js'
import type { ShownKeys } from '../../core/own-word.js'
import { signingInput } from '../../core/signature.js'
import { continues } from '../../core/standing.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { Clock, Log } from '../../ports.js'
import type { PeerHead } from '../../sync/types.js'
import { judged } from '../sessions/peer-fault.js'
import { CheckpointTracker } from './checkpoint-tracker.js'
import type { ForkTracker } from '../forks/fork-tracker.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { Verifier } from '../signatures/verifier.js'
import { abortAfter, deadline } from '../runtime/deadline.js'

const KEYS_TIMEOUT_MS = 10_000
const ENTRY_TIMEOUT_MS = 5_000

export interface HeadCheckInit {
  peerNetwork: Pick<PeerRequests, 'network' | 'fetchKeyEntries' | 'fetchRange' | 'drop'>
  ledgers: { get: (ledger: LedgerId) => HeldLedger | undefined; readonly own: OwnHeads }
  verifier: Pick<Verifier, 'forPeer'>
  decode: (raw: RawEntry) => Entry
  forks: ForkTracker
  clock: Clock
  log: Log
  /** A peer showed an own entry that is not stored here: nothing is signed until it is (I2). */
  onRestoring: () => void
}

/** The part of the own ledger that handles own entries shown by peers. */
export type OwnHeads = Pick<OwnLedger, 'id' | 'chain' | 'signer' | 'sawOwnEntry'> & {
  readonly keys: Pick<OwnLedger['keys'], 'isKnown'>
}

/** The claimed place of a head, also when only a newer version can read all of it. */
interface Shown {
  seq: number
  key: string
  hash: Hash
  entry: Entry | null
}

export class HeadCheck {
  readonly #init: HeadCheckInit
  readonly #checkpoints: CheckpointTracker

  constructor(init: HeadCheckInit) {
    this.#init = init
    this.#checkpoints = new CheckpointTracker(init)
  }

  /** More of the ledger is stored: an earlier checkpoint may be confirmed now. */
  onStored(ledger: HeldLedger): void {
    this.#checkpoints.onGrown(ledger).catch((error: Error) => {
      this.#init.log.error(
        { event: 'checkpoint.compare-failed', ledger: ledger.id, error: error.message },
        'a checkpoint could not be compared'
      )
    })
  }

  /**
   * The heads that are claims, the ledgers for which `signal` left no time, and the ledgers with new evidence. A forged
   * head costs the peer its connection; evidence and contradictions are handled elsewhere.
   */
  async check(
    peer: string,
    heads: WireHead[],
    signal: AbortSignal
  ): Promise<{ claims: PeerHead[]; unchecked: LedgerId[]; accused: LedgerId[] }> {
    const claims: PeerHead[] = []
    const accused: LedgerId[] = []
    for (const [i, head] of heads.entries()) {
      const ledger = this.#init.ledgers.get(head.ledger)
      if (ledger === undefined) continue
      if (signal.aborted) return { claims, unchecked: heads.slice(i).map((left) => left.ledger), accused }
      try {
        if (head.evidence !== null && (await this.#init.forks.evidence(peer, head.ledger, head.evidence)) !== 'known')
          accused.push(head.ledger)
        const shown = await this.#read(peer, ledger, head)
        const claimed =
          shown === null
            ? null
            : (await this.#isClaim(peer, ledger, shown))
              ? shown
              : await this.#undisputed(peer, ledger, shown)
        if (claimed !== null) claims.push({ ledger: ledger.id, size: claimed.seq + 1, hash: claimed.hash })
        if (head.checkpoint !== null) await this.#checkpoints.onCheckpoint(peer, ledger, head.checkpoint)
      } catch (error) {
        const { verdict, code } = judged(error, 'told')
        if (verdict === 'drop') {
          this.#init.log.warn(
            { event: 'head.invalid', peer, ledger: head.ledger, error: (error as Error).message },
            'a peer sent an invalid head'
          )
          this.#init.peerNetwork.drop(peer, code)
          break
        }
        if (verdict === 'ours')
          this.#init.log.error(
            { event: 'head.check-failed', peer, ledger: head.ledger, error: (error as Error).message },
            'a head could not be checked'
          )
      }
    }
    return { claims, unchecked: [], accused }
  }

  /**
   * A validly signed head: is its key the ledger's at that seq? A head that contradicts a held entry is a
   * contradiction, not a claim.
   */
  async isClaim(peer: string, ledger: HeldLedger, entry: Entry): Promise<boolean> {
    return await this.#isClaim(peer, ledger, { ...entry.header, hash: entry.hash, entry })
  }

  async #isClaim(peer: string, ledger: HeldLedger, { seq, key, hash, entry }: Shown): Promise<boolean> {
    if (ledger.frozenAt !== null && seq >= ledger.visible) {
      if (seq >= ledger.frozenAt) {
        await this.#init.forks.findEarlierFork(peer, ledger)
        this.#behind(peer, ledger)
      }
      return seq < (ledger.frozenAt ?? Infinity)
    }
    if (seq < ledger.size && (await ledger.hashAt(seq)) === hash) return true
    if (ledger.own && entry !== null) await this.#ownEntry(peer, entry)
    if (seq < ledger.size) {
      if (entry !== null) await this.#init.forks.conflict(peer, ledger, entry)
      return false
    }
    const links =
      entry === null || seq !== ledger.size || ledger.size === 0 || entry.header.prev_hash === ledger.headHash
    if (entry !== null && (!links || seq > ledger.size) && (await this.#init.forks.rules.link(peer, ledger, entry)))
      return false
    if (ledger.chain?.key === key) return true
    // A head by a key that the held chain has retired is no claim.
    if (await this.#isRetired(ledger, key)) return false
    // For an unknown rotation, or a ledger without held entries, the peer can show the key entries.
    const shown = await this.#keysOf(peer, ledger.id)
    if (shown === null) return false
    // A key history that does not continue ours does not count (R1): the longer of two is not preferred.
    const held = await ledger.heldChain()
    return (
      (held === null || continues(held, shown.history.keys)) &&
      (keyInForce(shown.history, seq) === key || isBeyondShown(shown.history.keys, seq))
    )
  }

  /**
   * A head beyond a freeze is no claim; the newest undisputed entry is one, if it is not held yet: a peer without the
   * evidence may be the only one that has it.
   */
  async #undisputed(peer: string, ledger: HeldLedger, { seq }: Shown): Promise<Shown | null> {
    const { frozenAt, size } = ledger
    if (frozenAt === null || seq < frozenAt || size >= frozenAt) return null
    try {
      const [raw] = await this.#init.peerNetwork.fetchRange(
        peer,
        { ledger: ledger.id, from: frozenAt - 1, count: 1, filters: null },
        deadline(this.#init.clock, ENTRY_TIMEOUT_MS)
      )
      const shown = await this.#read(peer, ledger, { ...raw!, ledger: ledger.id })
      return shown?.seq === frozenAt - 1 && (await this.#isClaim(peer, ledger, shown)) ? shown : null
    } catch (error) {
      return this.#notShown(peer, ledger.id, error, 'undisputed head')
    }
  }

  /** An unsigned head may be its author's fault; any other invalid head costs the peer its connection. */
  #notShown(peer: string, ledger: LedgerId, error: unknown, wanted: 'undisputed head' | 'keys'): null {
    const { verdict, code } = judged(error, 'keys')
    if (verdict === 'drop') this.#init.peerNetwork.drop(peer, code)
    this.#init.log[verdict === 'ours' ? 'error' : 'debug'](
      { event: 'head.not-shown', peer, ledger, code, wanted, error: (error as Error).message },
      'a peer could not prove its head'
    )
    return null
  }

  /** null: the peer cannot show valid key entries. */
  async #keysOf(peer: string, ledger: LedgerId): Promise<ShownKeys | null> {
    const { peerNetwork, decode, verifier, clock } = this.#init
    const abort = new AbortController()
    const cancel = abortAfter(clock, KEYS_TIMEOUT_MS, abort)
    try {
      const entries = await peerNetwork.fetchKeyEntries(peer, ledger, abort.signal)
      return {
        entries,
        history: await verifyKeyEntries(
          ledger,
          entries.map((raw) => decode({ ...raw, payload: null })),
          verifier.forPeer(peer)
        )
      }
    } catch (error) {
      return this.#notShown(peer, ledger, error, 'keys')
    } finally {
      cancel()
    }
  }

  /** Not awaited: the pull beyond a freeze may be large, and a head exchange lasts seconds. */
  #behind(peer: string, ledger: HeldLedger): void {
    this.#init.forks.behind(peer, ledger).catch((error: Error) => {
      this.#init.log.error(
        { event: 'fork.look-behind-failed', peer, ledger: ledger.id, error: error.message },
        'entries behind a freeze could not be fetched'
      )
    })
  }

  async #isRetired(ledger: HeldLedger, key: string): Promise<boolean> {
    return (await ledger.keyEntries()).some((raw) => this.#init.decode({ ...raw, payload: null }).header.key === key)
  }

  /**
   * I2: a valid own entry that is not stored, or differs from the stored one, stops the signer. An unknown key must be
   * proved to be ours by its key history (R5).
   */
  async #ownEntry(peer: string, entry: Entry): Promise<void> {
    const { own } = this.#init.ledgers
    const shown =
      own.chain === null || (await own.keys.isKnown(entry.header.key)) ? null : await this.#keysOf(peer, own.id)
    if ((await own.sawOwnEntry(entry, shown)) !== 'known' && own.signer === 'restoring') this.#init.onRestoring()
  }

  /** Throws an error that proves that the peer made it up. null: the author signed it against the rules. */
  async #read(
    peer: string,
    ledger: HeldLedger,
    head: Pick<WireHead, 'ledger' | 'header' | 'signature'>
  ): Promise<Shown | null> {
    const verify = this.#init.verifier.forPeer(peer)
    let shown: Shown
    try {
      const entry = this.#init.decode({ header: head.header, signature: head.signature, payload: null })
      if (ledgerOf(entry) !== head.ledger) throw new LedgermeshError('WRONG_LEDGER', 'a head of another ledger')
      shown = { seq: entry.header.seq, key: entry.header.key, hash: entry.hash, entry }
    } catch (error) {
      if (
        isCoded(error) &&
        error.code !== 'UPGRADE_NEEDED' &&
        (await this.#init.forks.rules.header(peer, ledger, head))
      )
        return null
      if (!isCoded(error, 'UPGRADE_NEEDED')) throw error
      shown = newerHead(head) ?? (await Promise.reject(error))
    }
    if (!(await verify(fromHex(shown.key), signingInput('entry', head.header), head.signature)))
      throw new LedgermeshError('BAD_SIGNATURE', 'a head that is not signed by its key')
    return shown
  }
}

/**
 * Only this many key entries can be shown. Entries after them are pulled nevertheless: they are kept as far as
 * possible, and then the ledger stalls with that reason (R1).
 */
function isBeyondShown(keys: readonly KeyEpoch[], seq: number): boolean {
  const last = keys.at(-1)!
  return keys.length === MAX_KEY_ENTRIES && last.nextKeyHash !== null && seq > last.from
}

/** A head of a newer version that still has a readable place: there is more, although this version cannot read it. */
function newerHead({ ledger, header, signature }: Pick<WireHead, 'ledger' | 'header' | 'signature'>): Shown | null {
  const value = parseText(decodeUtf8(header))
  if (
    !isObject(value) ||
    value.ledger !== ledger ||
    !isInteger(value.seq, Number.MAX_SAFE_INTEGER - 1) ||
    !isHash(value.key)
  )
    return null
  return { seq: value.seq, key: value.key, hash: entryHash({ header, signature }), entry: null }
}
