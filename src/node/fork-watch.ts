/** Turns contradictions into evidence, freezes the ledger, and spreads the proof to whoever may read it (I4). */
import { keyHash, keyInForce, verifyKeyEntries, type KeyHistory } from '../core/chain.js'
import { readCheckpoint } from '../core/checkpoint.js'
import { decodeEntry, verifyEntrySignature, type Entry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { encodeEvidence, evidenceId, notIncludedEvidence, ruleBrokenEvidence, sameSeqEvidence, sameSizeEvidence, type Accused, type Evidence } from '../core/evidence.js'
import type { LedgerId } from '../core/ledger-id.js'
import { partedEarlier } from '../core/parted-earlier.js'
import type { Verify } from '../core/signature.js'
import { disputedFrom, verifyEvidence, type VerifiedEvidence } from '../core/verify-evidence.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Log } from '../ports.js'
import { proveBranch } from './branch-proof.js'
import { BrokenRules } from './broken-rules.js'
import { isLie } from './failure.js'
import type { Mesh } from './mesh.js'
import { OtherHistory, type Fork } from './other-history.js'
import type { Verifier } from './verifier.js'

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
  /** For entries that break a rule, wherever they come from. */
  readonly rules: BrokenRules
  readonly #init: ForkWatchInit
  readonly #others: OtherHistory
  /** Ledgers with a conflict that is being looked into: what comes meanwhile would ask the same again. */
  readonly #conflicts = new Set<LedgerId>()
  /** Verified evidence about mirrors of which nothing is held yet: one each, until the genesis is here. */
  readonly #early = new WeakMap<Mirror, VerifiedEvidence>()

  constructor (init: ForkWatchInit) {
    this.#init = init
    this.rules = new BrokenRules({ ...init, accused: (ledger) => this.#accused(ledger), accuse: (ledger, evidence, verify) => this.#accuse(ledger, evidence, verify) })
    this.#others = new OtherHistory({ ...init, rules: this.rules })
  }

  /** A peer showed a well-signed entry of which we hold another one. True: it is evidence. */
  async conflict (peer: string, ledger: Mirror, theirs: Entry): Promise<boolean> {
    if (this.#conflicts.has(ledger.id)) return false
    this.#conflicts.add(ledger.id)
    try {
      return await this.#conflict(peer, ledger, theirs)
    } finally {
      this.#conflicts.delete(ledger.id)
    }
  }

  async #conflict (peer: string, ledger: Mirror, theirs: Entry): Promise<boolean> {
    try {
      // The histories may part earlier: look for the first difference, and settle for this one when the peer does not help.
      if (await this.search(peer, ledger, theirs.header.seq + 1)) return true
    } catch (error) {
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'the first difference could not be found')
    }
    return await this.#twoEntries(ledger, theirs)
  }

  /** The ledger is frozen, by evidence that names no first difference (the peer that showed the contradiction did not help to find it): this one may. */
  async older (peer: string, ledger: Mirror): Promise<void> {
    const evidence = await ledger.evidence()
    if (evidence === null || this.#conflicts.has(ledger.id) || !partedEarlier(evidence)) return
    this.#conflicts.add(ledger.id)
    try {
      await this.search(peer, ledger, ledger.visible)
    } catch (error) {
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'an older difference could not be found')
    } finally {
      this.#conflicts.delete(ledger.id)
    }
  }

  /** Finds the first entry below `before` that the peer has otherwise. True: it is evidence. Throws what proves that the peer made it up. */
  async search (peer: string, ledger: Mirror, before: number): Promise<boolean> {
    const fork = await this.#others.find(peer, ledger, before)
    if (fork === null) return false
    if (await this.#contradicts(peer, ledger, fork)) return true
    await this.#refuseForged(ledger, fork)
    return false
  }

  /** A peer showed a checkpoint, signed by `key` (hex), that our entries do not lead to. True: it is evidence. Throws what proves that the peer made it up. */
  async otherCheckpoint (peer: string, ledger: Mirror, key: string, note: string): Promise<boolean> {
    if (this.#conflicts.has(ledger.id)) throw new LedgermeshError('OVERLOADED', 'another conflict of this ledger is being looked into')
    this.#conflicts.add(ledger.id)
    try {
      const { size } = readCheckpoint(note, { network: this.#init.network, ledger: ledger.id })
      const fork = await this.#others.find(peer, ledger, size)
      if (fork === null) return false
      if (await this.#contradicts(peer, ledger, fork) || await this.#notIncluded(peer, ledger, fork, key, note, size)) return true
      await this.#refuseForged(ledger, fork)
      return false
    } finally {
      this.#conflicts.delete(ledger.id)
    }
  }

  /** True: what the peer has there, and what we have, is evidence. */
  async #contradicts (peer: string, ledger: Mirror, { theirs, signed }: Fork): Promise<boolean> {
    return signed ? await this.#twoEntries(ledger, theirs) : await this.#unsigned(peer, ledger, theirs)
  }

  /** An entry that its author did not sign, though a later signature covers it: nobody who hands it over in good faith can know. */
  async #unsigned (peer: string, ledger: Mirror, theirs: Entry): Promise<boolean> {
    const row = await this.#others.signedBehind(peer, ledger, theirs)
    return row !== null && await this.#save(ledger, ruleBrokenEvidence(await this.#accused(ledger), row.signed.header.seq, row.signed.raw, row.unsigned.raw), theirs.header.seq)
  }

  /** No signature covers the peer's entries but that of the checkpoint: our entry is not what it has there. */
  async #notIncluded (peer: string, ledger: Mirror, { theirs }: Fork, key: string, note: string, size: number): Promise<boolean> {
    const { seq } = theirs.header
    const ours = await ledger.entry(seq)
    const proof = ours === null ? null : await proveBranch(this.#init.mesh, peer, ledger, seq, size)
    return proof !== null && await this.#save(ledger, notIncludedEvidence(await this.#accused(ledger), key, ours!.raw, note, proof.leaf, proof.path))
  }

  /** Up to there the histories are the same, so whoever holds the other one knows what must follow. Throws BAD_SIGNATURE, BROKEN_LINK or KEY_NOT_IN_FORCE. */
  async #refuseForged (ledger: Mirror, { theirs: { header }, signed }: Fork): Promise<void> {
    if (!signed) throw new LedgermeshError('BAD_SIGNATURE', 'the peer answered with an unsigned entry')
    if (header.prev_hash !== await ledger.hashAt(header.seq - 1)) throw new LedgermeshError('BROKEN_LINK', 'the peer changes its story')
    const keys = await ledger.keyEntries(header.seq)
    const last = decodeEntry({ ...keys.at(-1)!, payload: null }).header
    const rotates = header.type === 'ledger.rotate-key'
    if (rotates ? keyHash(header.key) !== last.meta.next_key_hash : header.key !== last.key) throw new LedgermeshError('KEY_NOT_IN_FORCE', 'the other history is not the author\'s')
  }

  /** Evidence that a peer sent. True: it is new and holds; false: we have it, or do not hold the ledger. Throws BAD_EVIDENCE. */
  async evidence (peer: string, id: LedgerId, bytes: Uint8Array): Promise<boolean> {
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined) return false
    const known = await ledger.evidence()
    if (known !== null && evidenceId(known) === evidenceId(bytes)) return false
    const proven = await verifyEvidence(bytes, { verify: this.#init.verifier.forPeer(peer), network: this.#init.network })
    if (proven.ledger !== id) throw new LedgermeshError('BAD_EVIDENCE', 'the evidence is about another ledger')
    if (ledger.chain === null) this.#early.set(ledger, proven)
    return await this.#freeze(ledger, proven)
  }

  /** Evidence that a peer sent unasked: one that does not hold costs it the connection. */
  async told (peer: string, id: LedgerId, bytes: Uint8Array): Promise<void> {
    try {
      await this.evidence(peer, id, bytes)
    } catch (error) {
      if (isLie(error) || isCoded(error, 'WRONG_NETWORK')) this.#init.mesh.drop(peer, error.code)
      else if (!isCoded(error, 'UPGRADE_NEEDED') && !isCoded(error, 'OVERLOADED') && !isCoded(error, 'CLOSED')) throw error
    }
  }

  /** Entries are stored: evidence that came before them has its turn. */
  async stored (ledger: Mirror): Promise<void> {
    const evidence = this.#early.get(ledger)
    if (evidence !== undefined && this.#early.delete(ledger)) await this.#freeze(ledger, evidence)
  }

  /** Two notes of one size and other root, both signed by `key` (hex). */
  async twoCheckpoints (ledger: Mirror, key: string, one: string, other: string): Promise<boolean> {
    return await this.#save(ledger, sameSizeEvidence(await this.#accused(ledger), key, one, other))
  }

  /** Entry `seq` is not signed by its key, though a later signature covers it: the author's doing. */
  async auditFailed (ledger: Mirror, seq: number): Promise<void> {
    let predecessor = await ledger.entry(seq)
    for (let from = seq + 1, length = 1; from < ledger.size && length > 0; from += length) {
      // Also what other evidence disputes: it covers what is below it all the same.
      const range = await ledger.reader.range(from, ledger.size, { count: LOOK_AHEAD, bytes: LOOK_AHEAD_BYTES }, () => false)
      length = range.length
      for (const raw of range) {
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
    return await this.#save(ledger, sameSeqEvidence(await this.#accused(ledger), seq, ours.raw, theirs.raw)) || await this.#notInOurs(ledger, ours, theirs)
  }

  /** Ours may not be signed by itself, and only its checkpoint speak for it. */
  async #notInOurs (ledger: Mirror, ours: Entry, theirs: Entry): Promise<boolean> {
    const note = ledger.checkpoint()
    const { seq } = theirs.header
    if (note === null || await verifyEntrySignature(ours, this.#init.verifier.verify)) return false
    const { size } = readCheckpoint(note, { network: this.#init.network, ledger: ledger.id })
    if (size <= seq || size > ledger.visible) return false
    const key = keyInForce((await this.#keyHistory(ledger))!, size - 1)
    return await this.#save(ledger, notIncludedEvidence(await this.#accused(ledger), key, theirs.raw, note, ours.hash, await ledger.inclusionProof(seq, size)))
  }

  /** Whether it proves anything. What it means for what we hold is another matter. */
  async #accuse (ledger: Mirror, evidence: Evidence, verify: Verify): Promise<boolean> {
    let proven
    try {
      proven = await verifyEvidence(encodeEvidence(evidence), { verify, network: this.#init.network })
    } catch (error) {
      if (!isCoded(error, 'BAD_EVIDENCE') && !isCoded(error, 'TOO_LARGE')) throw error
      this.#init.log.debug({ ledger: ledger.id, reason: error.message }, 'an entry that proves nothing against its author')
      return false
    }
    if (ledger.chain === null) this.#early.set(ledger, proven)
    else await this.#freeze(ledger, proven)
    return true
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
    if (held !== null && disputed === null) await ledger.keepEvidence(evidence.bytes)
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
