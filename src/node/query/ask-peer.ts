/** Queries one peer about one ledger, verifies the reply, and remembers the checkpoint. */
import { askGet, askSelect, query, type QueryReply } from '../../../protocols/query/index.js'
import { WireError, type FrameStream } from '../../../protocols/wire.js'
import type { VerifiedBasis } from '../../core/answer-page.js'
import type { Entry } from '../../core/entry.js'
import { fromHex, type Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { withdrawnBy } from '../../core/lmx1/index-entry.js'
import { verifyIndexFault } from '../../core/lmx1/verify-index-fault.js'
import { weighFault } from '../../core/lmx1/weigh-fault.js'
import { isCoded, LedgermeshError, type ErrorCode } from '../../core/errors.js'
import { NetworkError } from '../../network/host.js'
import type { AskOutcome, Page, PageRequest } from '../../query/types.js'
import { disputedFrom } from '../../core/judge-evidence.js'
import { verifyEvidence, type VerifiedEvidence } from '../../core/verify-evidence.js'
import type { Clock } from '../../ports.js'
import type { Directory } from '../peers/peer-directory.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import { failureOf } from '../sessions/peer-fault.js'
import type { Verifier } from '../signatures/verifier.js'
import { quotedBy } from './quoted-by.js'
import { FaultFinder, type Contradiction } from './fault-finder.js'
import type { IndexFaults } from './index-faults.js'
import type { LightBook } from './light-book.js'
import { makeFault } from './make-fault.js'
import type { PeerStats } from './peer-stats.js'
import { verifyReply, type Asked, type VerifiedReply } from './verify-reply.js'
import { toWire } from './wire-filter.js'

export interface AskPeerInit {
  peerNetwork: Pick<PeerNetwork, 'host' | 'requests' | 'directory' | 'stopping'>
  verifier: Pick<Verifier, 'forPeer' | 'verify'>
  light: LightBook
  stats: PeerStats
  faults: IndexFaults
  clock: Clock
  /** Two answers that cannot both be honest: to be judged where the ledger is held. */
  onEvidence: (peer: string, ledger: LedgerId, file: Uint8Array) => Promise<void>
}

export type Answered =
  | { kind: 'reply'; reply: VerifiedReply }
  | { kind: 'failed'; outcome: Exclude<AskOutcome, 'answered' | 'slow'>; retryMs?: number }

/** Single entries of a ledger. */
export interface AskedEntries {
  network: string
  ledger: LedgerId
  wanted: { hashes: readonly Hash[] } | { ids: readonly string[] }
}

export class AskPeer {
  readonly #init: AskPeerInit
  readonly #finder = new FaultFinder()
  /** Entries that are asked for because an index lacks them. */
  readonly #accusing = new Map<LedgerId, Promise<void>>()

  constructor(init: AskPeerInit) {
    this.#init = init
  }

  /** Throws nothing that a peer could cause. */
  async ask(peer: string, asked: Asked, signal: AbortSignal): Promise<Answered> {
    const { known, ...wanted } = asked.request
    const { filter, order } = asked.question
    const answered = await this.#answered(
      peer,
      asked,
      signal,
      async (stream) =>
        await askSelect(
          stream,
          {
            ...wanted,
            ledger: asked.ledger,
            filter: toWire(filter),
            order,
            want: 'full',
            knownSize: known?.size ?? null
          },
          { signal }
        )
    )
    return answered.kind === 'reply'
      ? { kind: 'reply', reply: await this.#weigh(peer, asked, answered.reply) }
      : answered
  }

  /** Resolves when nobody is being accused. */
  async judged(): Promise<void> {
    await Promise.all(this.#accusing.values())
  }

  /** An index that is known to be wrong proves nothing; one that contradicts what was shown is found out. */
  async #weigh(peer: string, { network, ledger }: Asked, reply: VerifiedReply): Promise<VerifiedReply> {
    const { believed, page } = reply
    if (page === null || page.linked === false || page.frozen) return reply
    const found = this.#finder.note(ledger, believed, reply.entries)[0]
    const { offeredFault: offered } = reply
    if (found !== undefined) this.#start(ledger, () => this.#accuse(peer, { network, ledger }, found))
    else if (offered !== null && !(await this.#init.faults.isKnown(ledger, offered)))
      this.#start(ledger, () => this.#hear(peer, { network, ledger }, offered))
    for (const { header } of reply.entries) {
      const hashes = withdrawnBy(header)
      if (hashes !== null) await this.#init.faults.withdrawn(ledger, header.seq, hashes)
    }
    const fault = await this.#init.faults.striking(ledger, believed?.index.seq ?? -1)
    if (believed === null || fault === null) return reply
    return { ...reply, indexFault: fault, page: { ...page, all: false, byAuthor: false } }
  }

  #start(ledger: LedgerId, work: () => Promise<void>): void {
    if (!this.#accusing.has(ledger))
      this.#accusing.set(
        ledger,
        work().finally(() => this.#accusing.delete(ledger))
      )
  }

  /** A fault that somebody shows counts if all that it quotes is in the tree that is believed here. */
  async #hear(peer: string, of: { network: string; ledger: LedgerId }, bytes: Uint8Array): Promise<void> {
    const { faults, verifier, peerNetwork } = this.#init
    let verified
    try {
      verified = await verifyIndexFault(bytes, { verify: verifier.forPeer(peer) })
      if (verified.ledger !== of.ledger || verified.network !== of.network)
        throw new LedgermeshError('BAD_PROOF', 'an index fault of another ledger')
    } catch (error) {
      this.#failed(peer, error)
      return
    }
    const quoted = quotedBy(bytes)
    const answered = await this.get(peer, { ...of, wanted: { hashes: quoted } }, peerNetwork.stopping)
    if (answered.kind === 'failed') return
    const { basis, page, entries } = answered.reply
    if (basis === null || page?.linked === false || page?.frozen === true) return
    const isWhole = quoted.every((hash) => entries.some((entry) => entry.hash === hash))
    const branch = { keys: basis.keys, shared: isWhole ? basis.size : 0, frozen: null }
    if (weighFault(verified, branch) === 'counts') await faults.add(verified, bytes)
  }

  /** Both entries under one checkpoint, from whoever showed one of them. */
  async #accuse(peer: string, of: { network: string; ledger: LedgerId }, found: Contradiction): Promise<void> {
    const { faults, verifier, peerNetwork } = this.#init
    const wanted = { hashes: [found.page.index.hash, found.missing.hash] }
    const answered = await this.get(peer, { ...of, wanted }, peerNetwork.stopping)
    if (answered.kind === 'failed' || answered.reply.page?.linked === false) return
    const made = await makeFault(found, answered.reply, verifier.verify)
    if (made !== null) await faults.add(made.verified, made.bytes)
  }

  /** Single entries; only those that the peer has. Never throws because of the peer. */
  async get(peer: string, { network, ledger, wanted }: AskedEntries, signal: AbortSignal): Promise<Answered> {
    await this.#init.light.load()
    const known = this.#init.light.of(ledger)
    const request: PageRequest = { from: 0, to: null, limit: 1, maxBytes: 1, show: 'matches', treeSize: null, known }
    const asked: Asked = { network, ledger, question: { filter: {}, order: 'asc' }, request }
    return await this.#answered(
      peer,
      asked,
      signal,
      async (stream) => {
        const list = 'ids' in wanted ? { ids: [...wanted.ids] } : { hashes: wanted.hashes.map(fromHex) }
        return await askGet(stream, { ledger, wanted: list, want: 'full', knownSize: known?.size ?? null }, { signal })
      },
      ({ header, hash }) => ('ids' in wanted ? wanted.ids.includes(header.id) : wanted.hashes.includes(hash))
    )
  }

  async #answered(
    peer: string,
    asked: Asked,
    signal: AbortSignal,
    exchange: (stream: FrameStream) => Promise<QueryReply>,
    isWanted: (entry: Entry) => boolean = () => true
  ): Promise<Answered> {
    const { clock, stats } = this.#init
    const started = clock.now()
    try {
      const reply = await this.#ask(peer, asked, signal, exchange)
      if (!reply.entries.every(isWanted)) throw new LedgermeshError('BAD_PROOF', 'entries that were not asked for')
      stats.note(peer, true, clock.now() - started)
      return { kind: 'reply', reply }
    } catch (error) {
      if (signal.aborted) return { kind: 'failed', outcome: 'cancelled' }
      stats.note(peer, false, clock.now() - started)
      return this.#failed(peer, error)
    }
  }

  async #ask(
    peer: string,
    asked: Asked,
    signal: AbortSignal,
    exchange: (stream: FrameStream) => Promise<QueryReply>
  ): Promise<VerifiedReply> {
    const { peerNetwork, verifier } = this.#init
    const reply = await exchange(await peerNetwork.host.open(peer, query, signal))
    return await this.#learn(peer, await verifyReply(reply, asked, verifier.forPeer(peer)))
  }

  /** Two contradicting checkpoints are evidence, whichever peers showed them. */
  async #learn(peer: string, verified: VerifiedReply): Promise<VerifiedReply> {
    const { light, peerNetwork } = this.#init
    const { basis, checkpoint, keyEntries, page } = verified
    if (basis === null || checkpoint === null || page === null) return verified
    // A retired key convicts nobody, and vouches for nothing.
    if (light.isRetired(basis)) return { ...verified, page: { ...page, linked: false } }
    const file = light.contradiction(basis, checkpoint, keyEntries)
    if (file !== null) {
      await light.convict(basis.ledger, file)
      await this.#init.onEvidence(peer, basis.ledger, file)
      return { ...verified, evidence: await this.#proven(basis, file), page: { ...page, frozen: true } }
    }
    const known = light.of(basis.ledger)
    const linked = known === null || known.size > basis.size ? null : known.size === basis.size || page.linked === true
    await light.note(basis, checkpoint, { peer, isOwner: isOwner(peerNetwork.directory, peer, basis.ledger) }, linked)
    return await this.#convicted(basis, verified, page)
  }

  /** What was found out about the author once counts in every answer, whoever gives it. */
  async #convicted(basis: VerifiedBasis, verified: VerifiedReply, page: Page): Promise<VerifiedReply> {
    const { light } = this.#init
    if (verified.evidence !== null) {
      if (page.frozen) await light.convict(basis.ledger, verified.evidence.bytes)
      return verified
    }
    const kept = light.of(basis.ledger)?.evidence ?? null
    if (kept === null) return verified
    const evidence = await this.#proven(basis, Buffer.from(kept))
    return { ...verified, evidence, page: { ...page, frozen: disputedFrom(evidence, basis) !== null } }
  }

  async #proven({ network }: VerifiedBasis, file: Uint8Array): Promise<VerifiedEvidence> {
    return await verifyEvidence(file, { verify: this.#init.verifier.verify, network })
  }

  #failed(peer: string, error: unknown): Answered {
    if (error instanceof NetworkError && error.code === 'UNSUPPORTED') return { kind: 'failed', outcome: 'unknown' }
    if (!(error instanceof LedgermeshError) && !(error instanceof WireError) && !(error instanceof NetworkError))
      throw error
    // Under the author's checkpoint, but not signed: the author's fault, not the peer's.
    if (isCoded(error, 'BAD_SIGNATURE')) return { kind: 'failed', outcome: 'unsigned' }
    const { code, fault, retryMs } = failureOf(error)
    if (fault === 'peer') {
      this.#init.peerNetwork.requests.drop(peer, code)
      return { kind: 'failed', outcome: 'lied' }
    }
    return { kind: 'failed', outcome: OUTCOMES[code] ?? 'unreachable', ...(retryMs === undefined ? {} : { retryMs }) }
  }
}

const OUTCOMES: Partial<Record<ErrorCode, Exclude<AskOutcome, 'answered' | 'slow'>>> = {
  OVERLOADED: 'busy',
  REFUSED: 'denied',
  NOT_FOUND: 'unknown',
  WRONG_NETWORK: 'unknown',
  TIMEOUT: 'timeout',
  UPGRADE_NEEDED: 'upgrade_needed'
}

/** Is the peer a node of the ledger itself, by the key entries that it showed? */
export function isOwner(directory: Pick<Directory, 'get'>, peer: string, ledger: string): boolean {
  const node = directory.get(peer)
  return node?.record.ledger === ledger && node.proof !== 'claimed'
}
