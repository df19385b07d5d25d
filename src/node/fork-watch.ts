/** Turns contradictions into evidence, freezes the ledger, and spreads the proof to whoever may read it (I4). */
import { verifyKeyEntries, type KeyHistory } from '../core/chain.js'
import { decodeEntry, verifyEntrySignature, type Entry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { encodeEvidence, evidenceId, ruleBrokenEvidence, sameSeqEvidence, type Accused, type Evidence } from '../core/evidence.js'
import type { Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { disputedFrom, verifyEvidence, type VerifiedEvidence } from '../core/verify-evidence.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Log } from '../ports.js'
import { findFork } from '../sync/find-fork.js'
import type { Mesh } from './mesh.js'
import type { Verifier } from './verifier.js'

const FETCH_TIMEOUT_MS = 15_000
/** Entries read at once behind a failed audit, to find the next valid signature. */
const LOOK_AHEAD = 256
const LOOK_AHEAD_BYTES = 4 * 1024 * 1024

export interface ForkWatchInit {
  network: string
  mesh: Mesh
  ledgers: Ledgers
  verifier: Verifier
  log: Log
  /** New evidence is stored; the ledger is frozen at `size` entries. */
  onFrozen: (ledger: Mirror, size: number, evidence: Uint8Array) => void
}

export class ForkWatch {
  readonly #init: ForkWatchInit

  constructor (init: ForkWatchInit) {
    this.#init = init
  }

  /** A peer showed a well-signed entry of which we hold another one. True: it is evidence. */
  async conflict (peer: string, ledger: Mirror, theirs: Entry): Promise<boolean> {
    try {
      // The histories may part earlier: look for the first difference, and settle for this one when the peer does not help.
      if (await this.search(peer, ledger, theirs.header.seq + 1)) return true
    } catch (error) {
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'the first difference could not be found')
    }
    return await this.#twoEntries(ledger, theirs)
  }

  /** Finds the first entry below `before` that the peer has otherwise. True: it is evidence. */
  async search (peer: string, ledger: Mirror, before: number): Promise<boolean> {
    const theirs = new Map<number, Entry>()
    const fetch = async (seq: number): Promise<Hash> => {
      const [raw] = await this.#init.mesh.fetchRange(peer, { ledger: ledger.id, from: seq, count: 1, filters: null }, AbortSignal.timeout(FETCH_TIMEOUT_MS))
      const entry = decodeEntry({ ...raw!, payload: null })
      if (entry.header.seq !== seq || entry.header.ledger !== (seq === 0 ? null : ledger.id)) throw new LedgermeshError('WRONG_LEDGER', 'the peer answered with another entry')
      if (!await verifyEntrySignature(entry, this.#init.verifier.forPeer(peer))) throw new LedgermeshError('BAD_SIGNATURE', 'the peer answered with an unsigned entry')
      theirs.set(seq, entry)
      return entry.hash
    }
    const seq = await findFork(before, async (at) => (await ledger.hashAt(at))!, fetch)
    return seq !== null && await this.#twoEntries(ledger, theirs.get(seq)!)
  }

  /** Evidence that a peer sent. True: it is new and holds; false: we have it, or do not hold the ledger. Throws BAD_EVIDENCE. */
  async evidence (peer: string, id: LedgerId, bytes: Uint8Array): Promise<boolean> {
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined) return false
    const known = await ledger.evidence()
    if (known !== null && evidenceId(known) === evidenceId(bytes)) return false
    const proven = await verifyEvidence(bytes, { verify: this.#init.verifier.forPeer(peer), network: this.#init.network })
    if (proven.ledger !== id) throw new LedgermeshError('BAD_EVIDENCE', 'the evidence is about another ledger')
    return await this.#freeze(ledger, proven)
  }

  /** Entry `seq` is not signed by its key, though a later signature covers it: the author's doing. */
  async auditFailed (ledger: Mirror, seq: number): Promise<void> {
    let predecessor = await ledger.entry(seq)
    for (let from = seq + 1; from < ledger.size; from += LOOK_AHEAD) {
      for (const raw of await ledger.range(from, { count: LOOK_AHEAD, bytes: LOOK_AHEAD_BYTES })) {
        const entry = decodeEntry({ ...raw, payload: null })
        if (await verifyEntrySignature(entry, this.#init.verifier.verify)) {
          // The evidence names the last of several bad ones in a row: freeze below the first.
          await this.#save(ledger, ruleBrokenEvidence(await this.#accused(ledger), entry.header.seq, entry.raw, predecessor!.raw), seq)
          return
        }
        predecessor = entry
      }
    }
    throw new LedgermeshError('STORE_DAMAGED', `no valid signature covers entry ${seq}`)
  }

  /** Our entry at that seq, and theirs. False: it proves nothing (a key that is retired in the chain we hold freezes nothing). */
  async #twoEntries (ledger: Mirror, theirs: Entry): Promise<boolean> {
    const { seq } = theirs.header
    const ours = await ledger.entry(seq)
    if (ours === null || ours.hash === theirs.hash) return false
    return await this.#save(ledger, sameSeqEvidence(await this.#accused(ledger), seq, ours.raw, theirs.raw))
  }

  async #save (ledger: Mirror, evidence: Evidence, below = Infinity): Promise<boolean> {
    const bytes = encodeEvidence(evidence)
    try {
      return await this.#freeze(ledger, await verifyEvidence(bytes, { verify: this.#init.verifier.verify, network: this.#init.network }), below)
    } catch (error) {
      if (!isCoded(error, 'BAD_EVIDENCE')) throw error
      this.#init.log.info({ ledger: ledger.id, reason: error.message }, 'a contradiction that proves nothing')
      return false
    }
  }

  /** False: it freezes nothing here (signed by a key that the chain we hold has retired), or we are frozen there or lower. One evidence per ledger travels. */
  async #freeze (ledger: Mirror, evidence: VerifiedEvidence, below = Infinity): Promise<boolean> {
    const held = await this.#keyHistory(ledger)
    const disputed = held === null ? null : disputedFrom(evidence, { keys: held.keys, size: ledger.size })
    if (disputed === null) return false
    const size = Math.min(disputed, below)
    if (!await ledger.freeze(size, evidence.bytes)) return false
    this.#init.log.error({ ledger: ledger.id, size, evidence: evidence.id, kind: evidence.kind }, 'the author of this ledger signed what cannot both be true: it is frozen')
    this.#init.onFrozen(ledger, size, evidence.bytes)
    return true
  }

  /** null: nothing of the ledger is held, so there is nothing to freeze. */
  async #keyHistory (ledger: Mirror): Promise<KeyHistory | null> {
    const entries = await ledger.keyEntries()
    return entries.length === 0 ? null : await verifyKeyEntries(ledger.id, entries.map((raw) => decodeEntry({ ...raw, payload: null })), this.#init.verifier.verify)
  }

  async #accused (ledger: Mirror): Promise<Accused> {
    return { network: this.#init.network, ledger: ledger.id, keyEntries: (await ledger.keyEntries()).map((raw) => ({ ...raw, seq: decodeEntry({ ...raw, payload: null }).header.seq })) }
  }
}
