/**
 * Asks a peer for its heads of several ledgers, part after part, and tells sync what it has answered. Apart from the
 * other effects, because one exchange goes on over several requests and must tell each ledger's outcome exactly once.
 */
import { LedgermeshError } from '../../core/errors.js'
import { MAX_KEPT_EVIDENCE } from '../../core/judge-evidence.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Clock, Log } from '../../ports.js'
import type { SyncEffect, SyncEvent } from '../../sync/types.js'
import { abortAfter } from '../runtime/deadline.js'
import { failureOf } from '../sessions/peer-fault.js'
import type { PeerRequests } from '../sessions/peer-requests.js'
import type { HeadCheck } from './head-check.js'

/** A whole exchange fails after this time. */
const HEADS_TIMEOUT_MS = 15_000

type HeadsEvent = Extract<SyncEvent, { type: 'heads' | 'heads-failed' }>

export interface HeadAskerInit {
  peerNetwork: Pick<PeerRequests, 'askHeads'>
  ledgers: { get: (ledger: LedgerId) => HeldLedger | undefined }
  heads: Pick<HeadCheck, 'check'>
  clock: Clock
  log: Log
  /** May the peer learn that the held ledger exists? */
  mayHear: (peer: string, ledger: LedgerId) => boolean
  /** The peer has shown that it has these ledgers. */
  onClaims: (ledgers: LedgerId[]) => void
  tell: (event: HeadsEvent) => void
}

export class HeadAsker {
  readonly #init: HeadAskerInit
  /** Head exchanges that wait for an answer about a ledger. */
  readonly #asked = new Map<LedgerId, number>()

  constructor(init: HeadAskerInit) {
    this.#init = init
  }

  /** Is a peer being asked for its head of the ledger? */
  isAsking(ledger: LedgerId): boolean {
    return this.#asked.has(ledger)
  }

  /** The outcome for each of these ledgers is told exactly once, also if the exchange fails. */
  async ask({ peer, ledgers }: Extract<SyncEffect, { type: 'fetch-head' }>): Promise<void> {
    // Disputed entries are not counted as held in requests: a peer with another history of that length would answer
    // `same`, and its rotation would never be seen.
    const open = new Map(
      ledgers.map(({ ledger, size }) => [ledger, Math.min(size, this.#init.ledgers.get(ledger)?.visible ?? size)])
    )
    for (const ledger of open.keys()) this.#asked.set(ledger, (this.#asked.get(ledger) ?? 0) + 1)
    const answered = (event: HeadsEvent, about: LedgerId[]): void => {
      for (const ledger of about) {
        open.delete(ledger)
        const others = this.#asked.get(ledger)! - 1
        if (others > 0) this.#asked.set(ledger, others)
        else this.#asked.delete(ledger)
      }
      this.#init.tell(event)
    }
    const abort = new AbortController()
    const cancel = abortAfter(this.#init.clock, HEADS_TIMEOUT_MS, abort)
    try {
      const hidden = this.#hiddenFrom(peer, [...open.keys()])
      if (hidden.length > 0) answered({ type: 'heads', peer, heads: [], none: hidden, denied: [] }, hidden)
      const { signal } = abort
      // Each part of the answer is processed before the next is requested, so that data of a peer does not accumulate
      // here.
      while (open.size > 0) {
        const { unanswered, ...answer } = await this.#init.peerNetwork.askHeads(
          peer,
          [...open].map(([ledger, size]) => ({ ledger, size })),
          signal
        )
        const { claims: heads, unchecked, accused } = await this.#init.heads.check(peer, answer.heads, signal)
        await this.#askMoreEvidence(peer, accused, signal)
        for (const ledger of answer.same) {
          // `same` is about the size that was asked with; ours may have grown since.
          const size = open.get(ledger) ?? 0
          const hash = size === 0 ? null : await this.#init.ledgers.get(ledger)?.hashAt(size - 1)
          if (hash != null) heads.push({ ledger, size, hash })
        }
        const told = [...open.keys()].filter((ledger) => !unanswered.includes(ledger) && !unchecked.includes(ledger))
        if (told.length === 0) throw new LedgermeshError('TIMEOUT', `${peer} answers nothing`)
        const claimed = new Set([...heads.map(({ ledger }) => ledger), ...answer.denied])
        // A head that is no claim does not count: for sync, that peer does not have the ledger.
        const none = told.filter((ledger) => !claimed.has(ledger))
        answered(
          { type: 'heads', peer, heads, none, denied: answer.denied.filter((ledger) => told.includes(ledger)) },
          told
        )
        this.#init.onClaims(heads.map(({ ledger }) => ledger))
      }
    } catch (error) {
      this.#init.log.debug(
        { event: 'sync.heads-failed', peer, error: (error as Error).message },
        'a head exchange failed'
      )
      const rest = [...open.keys()]
      answered({ type: 'heads-failed', peer, ledgers: rest, ...failureOf(error) }, rest)
    } finally {
      cancel()
    }
  }

  // SPEC hello §6: "An asker that got one it had not heard asks for that ledger again and names it too"
  async #askMoreEvidence(peer: string, accused: LedgerId[], signal: AbortSignal): Promise<void> {
    const { peerNetwork, heads, ledgers, log } = this.#init
    try {
      for (let round = 1, left = accused; left.length > 0 && round < MAX_KEPT_EVIDENCE; round++) {
        const answer = await peerNetwork.askHeads(
          peer,
          left.map((ledger) => ({ ledger, size: ledgers.get(ledger)?.visible ?? 0 })),
          signal
        )
        left = (await heads.check(peer, answer.heads, signal)).accused
      }
    } catch (error) {
      log.debug(
        { event: 'sync.evidence-failed', peer, ledgers: accused, error: (error as Error).message },
        'a peer did not return evidence'
      )
    }
  }

  /** Private ledgers, whose existence must not be revealed to this peer. */
  #hiddenFrom(peer: string, ledgers: LedgerId[]): LedgerId[] {
    const { ledgers: held, mayHear } = this.#init
    return ledgers.filter((id) => held.get(id) !== undefined && !mayHear(peer, id))
  }
}
