/** Turns contradictions into evidence, freezes the ledger, and sends the proof to all peers that may read it (I4). */
import { keyHash, keyInForce } from '../../core/chain.js'
import { readCheckpoint } from '../../core/checkpoint.js'
import { decodeSigned, verifyEntrySignature, type Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import {
  evidenceId,
  notIncludedEvidence,
  ruleBrokenEvidence,
  sameSeqEvidence,
  sameSizeEvidence
} from '../../core/evidence.js'
import type { Header } from '../../core/header.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { partedEarlier } from '../../core/parted-earlier.js'
import { verifyEvidence } from '../../core/verify-evidence.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock, Log } from '../../ports.js'
import { Accusations } from './accusations.js'
import { acceptRotation } from './accept-rotation.js'
import { answerFailed } from './answer-failed.js'
import { proveBranch } from './branch-proof.js'
import { BrokenRules, type BrokenRulesInit } from './broken-rules.js'
import type { EvidenceCourt } from './evidence-court.js'
import { LookBehind } from './look-behind.js'
import { judged } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import { OtherHistory, type Fork } from './other-history.js'
import type { Verifier } from '../signatures/verifier.js'

/** Limit of peers queued to show entries beyond a freeze; the others come again with their next head. */
const MAX_WAITING = 64

export interface ForkTrackerInit {
  network: string
  peerNetwork: Pick<PeerRequests, 'fetchRange' | 'fetchKeyEntries' | 'drop'>
  ledgers: BrokenRulesInit['ledgers'] & { get: (ledger: LedgerId) => HeldLedger | undefined }
  verifier: Pick<Verifier, 'verify' | 'forPeer'>
  court: EvidenceCourt
  clock: Clock
  log: Log
  /** Connected peers that may know of the ledger. */
  peersFor: (ledger: LedgerId) => string[]
  wants: (ledger: HeldLedger, header: Header) => boolean
}

export class ForkTracker {
  /** For entries that break a rule, from any source. */
  readonly rules: BrokenRules
  readonly #init: ForkTrackerInit
  readonly #accusations: Accusations
  readonly #others: OtherHistory
  /** Ledgers with a contradiction under investigation: reports meanwhile would cause the same requests again. */
  readonly #conflicts = new Set<LedgerId>()
  /** Queued peers that may know of an earlier difference in them. */
  readonly #waiting = new Map<LedgerId, Set<string>>()
  readonly #behind: LookBehind
  /** Ledgers for which a peer's entries beyond the freeze are being examined, and the queued peers. */
  readonly #looking = new Map<LedgerId, Set<string>>()

  constructor(init: ForkTrackerInit) {
    this.#init = init
    this.#accusations = new Accusations(init)
    this.rules = new BrokenRules({ ...init, accusations: this.#accusations })
    this.#others = new OtherHistory({ ...init, rules: this.rules })
    this.#behind = new LookBehind(init)
  }

  /** A peer showed a validly signed entry where we hold a different one. True: it is evidence. */
  async conflict(peer: string, ledger: HeldLedger, theirs: Entry): Promise<boolean> {
    if (this.#conflicts.has(ledger.id)) return false
    this.#conflicts.add(ledger.id)
    try {
      return await this.#conflict(peer, ledger, theirs)
    } finally {
      this.#lookedInto(ledger)
    }
  }

  async #conflict(peer: string, ledger: HeldLedger, theirs: Entry): Promise<boolean> {
    try {
      // The histories may diverge earlier: search for the first difference, and use this one when the peer does not
      // help.
      if (await this.findFork(peer, ledger, theirs.header.seq + 1)) return true
    } catch (error) {
      answerFailed(this.#init, peer, ledger, error, 'fork')
    }
    return await this.#twoEntries(ledger, theirs)
  }

  /**
   * The ledger is frozen by evidence without the first difference (the peer that showed the contradiction did not help
   * to find it): this peer may help.
   */
  async findEarlierFork(peer: string, ledger: HeldLedger): Promise<void> {
    const evidence = await ledger.evidence()
    if (ledger.frozen === null || evidence === null || !partedEarlier(evidence)) return
    if (this.#conflicts.has(ledger.id)) {
      const waiting = this.#waiting.get(ledger.id) ?? new Set()
      if (waiting.size < MAX_WAITING) this.#waiting.set(ledger.id, waiting.add(peer))
      return
    }
    this.#conflicts.add(ledger.id)
    try {
      await this.findFork(peer, ledger, ledger.visible)
    } catch (error) {
      answerFailed(this.#init, peer, ledger, error, 'earlier fork')
    } finally {
      this.#lookedInto(ledger)
    }
  }

  /** Peers that came meanwhile get their turn now: with the next head exchange it would be a minute later. */
  #lookedInto(ledger: HeldLedger): void {
    this.#conflicts.delete(ledger.id)
    const waiting = this.#waiting.get(ledger.id)
    const [peer] = waiting ?? []
    if (peer === undefined) return
    waiting!.delete(peer)
    if (waiting!.size === 0) this.#waiting.delete(ledger.id)
    this.findEarlierFork(peer, ledger).catch((error: Error) => {
      this.#init.log.error(
        { event: 'fork.search-failed', peer, ledger: ledger.id, error: error.message },
        'an earlier fork could not be searched for'
      )
    })
  }

  /**
   * A peer has more of a frozen ledger than the undisputed entries. If its key entries show a rotation that retires the
   * accused key, the headers up to it are pulled, and the ledger continues without the operator (R1). One peer at a
   * time; others are queued.
   */
  async behind(peer: string, ledger: HeldLedger): Promise<void> {
    const waiting = this.#looking.get(ledger.id)
    if (waiting !== undefined) {
      if (waiting.size < MAX_WAITING) waiting.add(peer)
      return
    }
    const peers = new Set([peer])
    this.#looking.set(ledger.id, peers)
    try {
      // A live set: it may grow during the iteration.
      for (const one of peers) {
        await this.#lookBehind(one, ledger)
        peers.delete(one)
      }
    } finally {
      this.#looking.delete(ledger.id)
    }
  }

  async #lookBehind(peer: string, ledger: HeldLedger): Promise<void> {
    if (ledger.frozen === null || ledger.own) return
    const { court, log } = this.#init
    try {
      const standing = court.standing(ledger)
      const target = await this.#behind.target(peer, ledger, standing)
      if (target === null) return
      const {
        rotation: { from, hash }
      } = target
      const pinned = ledger.frozen.keyFork === true
      // Only the operator may give up entries that are settled here.
      if (target.from < ledger.size && !pinned && !standing.mayReplace) return
      const voided = await this.#behind.take(peer, ledger, target, pinned ? { pin: standing.facts.pin } : null)
      log.warn(
        { event: 'fork.thawed', peer, ledger: ledger.id, rotation: hash, seq: from, voided, frozenAt: ledger.frozenAt },
        'a rotation retired the accused key; the ledger continues with the new key'
      )
    } catch (error) {
      answerFailed(this.#init, peer, ledger, error, 'entries behind the freeze')
    }
  }

  /**
   * The operator accepts the branch of a rotation, or the one of the key that is pinned. Returns the number of voided
   * entries. Throws READ_ONLY, NOT_FROZEN, NO_ROTATION.
   */
  async resolve(ledger: HeldLedger, pin: string | null): Promise<number> {
    return await acceptRotation({ ...this.#init, behind: this.#behind }, ledger, pin)
  }

  /**
   * Finds the first entry below `before` that differs at the peer. True: it is evidence. Throws an error that proves
   * that the peer made it up.
   */
  async findFork(peer: string, ledger: HeldLedger, before: number): Promise<boolean> {
    const { cuts } = ledger
    const fork = await this.#others.find(peer, ledger, before)
    if (fork === null) return false
    if (await this.#contradicts(peer, ledger, fork)) return true
    await this.#refuseForged(ledger, fork, cuts)
    return false
  }

  /**
   * A peer showed a checkpoint, signed by `key` (hex), that our entries do not lead to. True: it is evidence. Throws an
   * error that proves that the peer made it up.
   */
  async otherCheckpoint(peer: string, ledger: HeldLedger, key: string, note: string): Promise<boolean> {
    if (this.#conflicts.has(ledger.id))
      throw new LedgermeshError('OVERLOADED', 'another conflict of this ledger is being looked into')
    this.#conflicts.add(ledger.id)
    try {
      const { size } = readCheckpoint(note, { network: this.#init.network, ledger: ledger.id })
      const { cuts } = ledger
      const fork = await this.#others.find(peer, ledger, size)
      if (fork === null) return false
      if (
        (await this.#contradicts(peer, ledger, fork)) ||
        (await this.#notIncluded(peer, ledger, fork, key, note, size))
      )
        return true
      await this.#refuseForged(ledger, fork, cuts)
      return false
    } finally {
      this.#lookedInto(ledger)
    }
  }

  /** True: the peer's entry and ours are evidence together. */
  async #contradicts(peer: string, ledger: HeldLedger, { theirs, signed }: Fork): Promise<boolean> {
    return signed ? await this.#twoEntries(ledger, theirs) : await this.#unsigned(peer, ledger, theirs)
  }

  /**
   * An entry that its author did not sign, although a later signature covers it: a peer that sends it in good faith
   * cannot know.
   */
  async #unsigned(peer: string, ledger: HeldLedger, theirs: Entry): Promise<boolean> {
    const row = await this.#others.signedBehind(peer, ledger, theirs)
    return (
      row !== null &&
      (await this.#accusations.save(
        ledger,
        ruleBrokenEvidence(
          await this.#accusations.accused(ledger),
          row.signed.header.seq,
          row.signed.raw,
          row.unsigned.raw
        ),
        theirs.header.seq
      ))
    )
  }

  /** Only the checkpoint's signature covers the peer's entries: the checkpoint does not contain our entry. */
  async #notIncluded(
    peer: string,
    ledger: HeldLedger,
    { theirs }: Fork,
    key: string,
    note: string,
    size: number
  ): Promise<boolean> {
    const { seq } = theirs.header
    const ours = await ledger.storedEntry(seq)
    const proof = ours === null ? null : await proveBranch(this.#init, peer, ledger, seq, size)
    return (
      proof !== null &&
      (await this.#accusations.save(
        ledger,
        notIncludedEvidence(await this.#accusations.accused(ledger), key, ours!.raw, note, proof.leaf, proof.path)
      ))
    )
  }

  /**
   * Up to there the histories are equal, so a peer with the other history knows what must follow. Throws an error that
   * proves a lie; OVERLOADED when the held branch is no longer the one at `cuts`.
   */
  async #refuseForged(ledger: HeldLedger, { theirs: { header }, signed }: Fork, cuts: number): Promise<void> {
    if (ledger.cuts !== cuts)
      throw new LedgermeshError('OVERLOADED', `another branch of ${ledger.id} was accepted meanwhile`)
    if (!signed) throw new LedgermeshError('BAD_SIGNATURE', 'the peer answered with an unsigned entry')
    if (header.prev_hash !== (await ledger.storedEntry(header.seq - 1))?.hash)
      throw new LedgermeshError('BROKEN_LINK', 'the peer contradicts itself')
    const keys = await ledger.keyEntries(header.seq)
    const last = decodeSigned(keys.at(-1)!).header
    const rotates = header.type === 'ledger.rotate-key'
    if (rotates ? keyHash(header.key) !== last.meta.next_key_hash : header.key !== last.key)
      throw new LedgermeshError('KEY_NOT_IN_FORCE', "the other history is not the author's")
  }

  /**
   * Takes evidence that a peer sent. `known`: it was received before, or is about a ledger that is not held; `lower`:
   * it freezes the ledger, or freezes it lower than before. Throws BAD_EVIDENCE.
   */
  async evidence(peer: string, id: LedgerId, bytes: Uint8Array): Promise<'known' | 'new' | 'lower'> {
    const ledger = this.#init.ledgers.get(id)
    if (ledger === undefined || (await ledger.heardEvidence.ids()).includes(evidenceId(bytes))) return 'known'
    const proven = await verifyEvidence(bytes, {
      verify: this.#init.verifier.forPeer(peer),
      network: this.#init.network
    })
    if (proven.ledger !== id) throw new LedgermeshError('BAD_EVIDENCE', 'the evidence is about another ledger')
    return (await this.#init.court.hear(ledger, proven)) ? 'lower' : 'new'
  }

  /** Takes evidence that a peer sent unasked: invalid evidence costs the peer its connection. */
  async onEvidence(peer: string, id: LedgerId, bytes: Uint8Array): Promise<void> {
    try {
      await this.evidence(peer, id, bytes)
    } catch (error) {
      const { verdict, code } = judged(error, 'told')
      if (verdict === 'ours') throw error
      if (verdict === 'drop') this.#init.peerNetwork.drop(peer, code)
    }
  }

  /**
   * Entries were stored: evidence that arrived before them is judged now, and a rotation in them may retire an accused
   * key.
   */
  async onStored(ledger: HeldLedger): Promise<void> {
    await this.#init.court.review(ledger)
  }

  /** Two notes of one size and other root, both signed by `key` (hex). */
  async twoCheckpoints(ledger: HeldLedger, key: string, one: string, other: string): Promise<boolean> {
    return await this.#accusations.save(
      ledger,
      sameSizeEvidence(await this.#accusations.accused(ledger), key, one, other)
    )
  }

  /** Entry `seq` is not signed by its key, although a later signature covers it: the author's fault. */
  async auditFailed(ledger: HeldLedger, seq: number): Promise<void> {
    let predecessor = await ledger.storedEntry(seq)
    // Disputed entries too: a signature on them still covers the entries below.
    for (let index = seq + 1; index < ledger.size; index++) {
      const entry = await ledger.storedEntry(index)
      if (entry === null) break
      if (await verifyEntrySignature(entry, this.#init.verifier.verify)) {
        // The evidence names the last of several bad ones in a row: freeze below the first.
        await this.#accusations.save(
          ledger,
          ruleBrokenEvidence(await this.#accusations.accused(ledger), index, entry.raw, predecessor!.raw),
          seq
        )
        return
      }
      predecessor = entry
    }
    throw new LedgermeshError('STORE_DAMAGED', `no valid signature covers entry ${seq}`)
  }

  /**
   * Makes evidence of our entry at that seq and theirs. False: it proves nothing (a key that the held chain has retired
   * freezes nothing).
   */
  async #twoEntries(ledger: HeldLedger, theirs: Entry): Promise<boolean> {
    const { seq } = theirs.header
    const ours = await ledger.storedEntry(seq)
    if (ours === null || ours.hash === theirs.hash) return false
    return (
      (await this.#accusations.save(
        ledger,
        sameSeqEvidence(await this.#accusations.accused(ledger), seq, ours.raw, theirs.raw)
      )) || (await this.#notInOurs(ledger, ours, theirs))
    )
  }

  /** Our entry may be unsigned, and only our checkpoint cover it. */
  async #notInOurs(ledger: HeldLedger, ours: Entry, theirs: Entry): Promise<boolean> {
    const note = ledger.checkpoint()
    const { seq } = theirs.header
    if (note === null || (await verifyEntrySignature(ours, this.#init.verifier.verify))) return false
    const { size } = readCheckpoint(note, { network: this.#init.network, ledger: ledger.id })
    if (size <= seq) return false
    const key = keyInForce((await ledger.heldChain())!, size - 1)
    const accused = await this.#accusations.accused(ledger)
    // Checked last: evidence may have arrived meanwhile, and no proofs are made for disputed entries.
    if (size > ledger.visible) return false
    return await this.#accusations.save(
      ledger,
      notIncludedEvidence(accused, key, theirs.raw, note, ours.hash, await ledger.inclusionProof(seq, size))
    )
  }
}
