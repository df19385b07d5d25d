/** Push as a whole: the desk that receives offers, the pusher that makes them, and the remotes. */
import { push } from '../../../protocols/push/index.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { protocolHandler } from '../../network/host.js'
import type { Clock, Log, MetricLabels, Metrics, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import type { AcceptRule, Flow } from '../../sync/push/types.js'
import type { NetworkEvents } from '../events/network-events.js'
import type { Follows } from '../replication/follows.js'
import type { Replication } from '../replication/replication.js'
import type { PeerNetwork } from '../sessions/peer-network.js'
import type { TrustService } from '../trust/trust-service.js'
import type { PushFlow, PushReport, Replicas } from '../api/push.js'
import { ExceptionBook } from '../sync-state/exception-book.js'
import type { AdoptedEntries } from './adopted-runs.js'
import { AdoptOutcomes } from '../sync-state/adopt-outcomes.js'
import { Retries } from '../sync-state/retries.js'
import { inboundFlow, outboundFlow, type StateFlow } from '../sync-state/state-flow.js'
import type { FlowPlace } from '../../store/exception-rows.js'
import { ReplicaWatch, type AutoSync } from './auto-sync.js'
import { LetGo } from './let-go.js'
import { FAMILIES } from '../metrics/families.js'
import { FlowBook } from './flow-book.js'
import { isSettled, viewFlow } from './flow-view.js'
import { Inbox } from './inbox.js'
import { PushDesk } from './push-desk.js'
import { Receiver } from './receiver.js'
import { Pusher, type Wish } from './pusher.js'
import { RemoteDialer } from './remote-dialer.js'
import { Remotes } from './remotes.js'
import { Timekeeper } from './timekeeper.js'
import { Tokens } from './tokens.js'
import { JobBook } from '../schedule/job-book.js'
import type { Timetable } from '../schedule/timetable.js'
import { PUSH_SENTENCES } from '../../sync/push/codes.js'

/** A decision about an offer, here (in) or at a remote (out). */
interface OfferLabels extends MetricLabels {
  side: 'in' | 'out'
  decision: string
  reason: string
}

export interface PushServiceInit {
  /** Ledgers that are adopted or have copies here. */
  adoption: { sources: () => LedgerId[] } & AdoptedEntries
  store: Store
  ledgers: Ledgers
  peerNetwork: PeerNetwork
  follows: Follows
  trust: TrustService
  replication: Replication
  events: NetworkEvents
  accept: AcceptRule
  /** Retries pulled entries whose copies the own ledger refused. */
  pullAgain: (ledger: LedgerId) => void
  /** null: own entries are offered only on request. */
  autoSync: AutoSync | null
  timetable: Timetable
  clock: Clock
  random: Random
  metrics: Metrics
  log: Log
}

export class PushService {
  readonly remotes: Remotes
  readonly tokens: Tokens
  readonly inbox: Inbox
  readonly receiver: Receiver
  readonly pusher: Pusher
  readonly dialer: RemoteDialer
  readonly timekeeper: Timekeeper
  /** Exceptions of all flows, and the times of their retries. */
  readonly exceptions: ExceptionBook
  readonly retries: Retries
  /** The outcomes of adopting entries. */
  readonly adopted: AdoptOutcomes
  readonly #init: PushServiceInit
  readonly #offers: (labels: OfferLabels) => void
  readonly #replicated: (labels: { n: string }) => void
  readonly #book: FlowBook
  readonly #replicas: ReplicaWatch
  readonly #letGo: LetGo
  readonly #waiting = new Set<() => void>()
  readonly #ends: (() => void)[] = []

  private constructor(init: PushServiceInit, parts: { remotes: Remotes; tokens: Tokens; inbox: Inbox; jobs: JobBook }) {
    this.#init = init
    this.#offers = init.metrics.counter(FAMILIES.offers)
    this.#replicated = init.metrics.counter(FAMILIES.replicas)
    this.remotes = parts.remotes
    this.tokens = parts.tokens
    this.inbox = parts.inbox
    this.receiver = new Receiver({
      ...init,
      network: init.peerNetwork.network,
      verify: init.peerNetwork.verifier.verify,
      inbox: this.inbox,
      onOffer: (ledger, peer, name) => {
        init.events.publish({ kind: 'offer', ledger, peer, name })
      }
    })
    this.#book = new FlowBook(init)
    this.exceptions = new ExceptionBook({
      store: init.store,
      clock: init.clock,
      onDue: () => {
        this.retries.look()
      }
    })
    this.adopted = new AdoptOutcomes({ ...init, book: this.exceptions })
    this.retries = new Retries({
      ...init,
      book: this.exceptions,
      again: (flow) => {
        this.again(flow)
      }
    })
    this.dialer = new RemoteDialer({
      ...init,
      remotes: this.remotes,
      // Peers that can tell whether entries are missing here are asked outside of schedules, too (I2).
      isOpen: (remote) => init.timetable.gateOf(remote).open || this.#isOwnHeldBack()
    })
    this.pusher = new Pusher({
      ...init,
      remotes: this.remotes,
      book: this.#book,
      auto: init.autoSync !== null,
      isTrusted: (remote) => init.replication.control.rule.allows(remote, null),
      exceptions: this.exceptions,
      onDecided: (decision, reason) => {
        this.#offers({ side: 'out', decision, reason: reason ?? '' })
      },
      onConfirmed: init.metrics.histogram(FAMILIES.confirming),
      onDiffers: (peer, ledger, before) => {
        this.#findFork(peer, ledger, before)
      },
      onChange: () => {
        for (const look of this.#waiting) look()
        this.timekeeper.wake()
      }
    })
    this.#letGo = new LetGo({
      ...init,
      store: init.store,
      letGo: async (ledger) => {
        await init.replication.control.unfollow(ledger, true)
      }
    })
    this.#replicas = new ReplicaWatch({
      ...(init.autoSync ?? { replicas: 0, timeoutMs: 0 }),
      confirmed: async (seq, wanted, timeoutMs) => await this.replicas(seq, wanted, timeoutMs),
      newest: () => init.ledgers.own.visible - 1,
      log: init.log
    })
    this.timekeeper = new Timekeeper({ ...init, jobs: parts.jobs, pusher: this.pusher, dialer: this.dialer })
  }

  static async load(init: PushServiceInit): Promise<PushService> {
    const { store, clock, random, log } = init
    return new PushService(init, {
      remotes: await Remotes.load(store, log),
      tokens: await Tokens.load({ store, clock, random, log }),
      inbox: await Inbox.load({ store, clock, log }),
      jobs: await JobBook.load({ store, log })
    })
  }

  /** To be called before the network starts. */
  async start(): Promise<void> {
    const { peerNetwork, ledgers, replication, store, events } = this.#init
    peerNetwork.serve(
      protocolHandler(
        push,
        new PushDesk({
          ...this.#init,
          rule: replication.control.rule,
          room: replication.room,
          remotes: this.remotes,
          tokens: this.tokens,
          inbox: this.inbox,
          incarnation: store.incarnation,
          hostOf: (peer) => peerNetwork.host.hostOf(peer) ?? '',
          onDecided: (decision, reason) => {
            this.#offers({ side: 'in', decision, reason: reason ?? '' })
          },
          onOffer: (ledger, peer, name) => {
            events.publish({ kind: 'offer', ledger, peer, name })
          }
        })
      )
    )
    this.timekeeper.start()
    const flows = (await this.#book.load()).filter(({ remote }) => this.remotes.isPushed(remote))
    peerNetwork.use({
      onReady: () => {
        this.pusher.begin(flows)
        for (const [remote, row] of this.remotes.list()) if (row.push) this.pusher.keep(ledgers.own.id, remote)
        this.timekeeper.ready()
        this.retries.look()
        this.#letGo.start()
      },
      onPeer: (peer) => {
        this.#met(peer)
      },
      onRecord: (peer) => {
        this.#met(peer)
      },
      onPeerGone: (peer) => {
        this.pusher.onDisconnected(peer)
        this.dialer.look()
      }
    })
    this.#ends.push(
      events.subscribe(['signer'], () => {
        this.dialer.look()
      }),
      ledgers.on('stored', ({ own }) => {
        this.pusher.onGrown()
        if (own) this.#replicas.appended()
      }),
      this.#init.trust.onChange(() => {
        this.pusher.onTrust()
      }),
      ledgers.on('cut', () => {
        this.pusher.onGrown()
      }),
      ledgers.on('frozen', () => {
        this.pusher.onGrown()
      }),
      ledgers.on('removed', () => {
        this.exceptions.forgotten()
      })
    )
  }

  async stop(): Promise<void> {
    for (const end of this.#ends) end()
    this.dialer.stop()
    this.pusher.stop()
    await this.retries.stop()
    await this.adopted.idle()
    await this.#letGo.stop()
    await this.timekeeper.stop()
    for (const look of this.#waiting) look()
    await this.#replicas.stop()
    await this.#book.idle()
  }

  /** Offers ledgers to a remote now. `through`: wait up to this entry only. Throws NOT_FOUND, NOT_A_READER. */
  async push(
    remote: LedgerId,
    ledgers: LedgerId[],
    { waitMs, through = Infinity, ...wish }: { waitMs: number; through?: number } & Wish
  ): Promise<Omit<PushReport, 'entries'>> {
    const { own } = this.#init.ledgers
    if (remote === own.id) throw new LedgermeshError('INVALID_PARAMS', 'a ledger is not pushed to itself')
    for (const id of ledgers)
      if (this.#init.ledgers.get(id)?.head() == null)
        throw new LedgermeshError('NOT_FOUND', `nothing of ${id} is held here`)
    this.timekeeper.ask(remote)
    for (const id of ledgers) this.pusher.want(id, remote, wish)
    const mine = (): Flow[] => this.pusher.flows({ remote }).filter(({ ledger }) => ledgers.includes(ledger))
    await this.#until(() => mine().every((flow) => isSettled(flow) || flow.durable > through), waitMs)
    const flows = mine().map((flow) => this.view(flow))
    const barred = flows.find(({ code }) => code === 'NOT_A_READER')
    if (barred !== undefined)
      throw new LedgermeshError('NOT_A_READER', `${remote} may not read ${barred.ledger}, which is private`)
    return { remote, flows }
  }

  /** Retries the exceptions of this flow: pushed entries are offered, pulled ones are requested. */
  again({ ledgerNumber, direction, remote }: FlowPlace): void {
    const { ledgers, replication } = this.#init
    const ledger = ledgers.list().find((one) => one.ledgerNumber === ledgerNumber)
    const to = direction === 'outbound' ? this.remotes.byNumber(remote) : null
    if (ledger === undefined) return
    if (to !== null) this.pusher.retry(ledger.id, to)
    else if (direction === 'inbound') {
      replication.runtime.payloads.nudge(ledger)
      this.#init.pullAgain(ledger.id)
    }
  }

  /** The progress of a flow, and the time of its next try: for a remote without a connection, the next dial. */
  view(flow: Flow): PushFlow {
    const view = viewFlow(flow, this.pusher.sizeOf(flow.ledger))
    return view.code === 'NO_CONNECTION' ? { ...view, next: this.dialer.nextAt(flow.remote) } : view
  }

  /** Every ledger that is pulled from or pushed to a remote. */
  stateFlows(): StateFlow[] {
    const { ledgers, follows, replication } = this.#init
    const out = this.pusher.flows().flatMap((flow): StateFlow[] => {
      const ledgerNumber = ledgers.get(flow.ledger)?.ledgerNumber
      const view = this.view(flow)
      return ledgerNumber === undefined
        ? []
        : [outboundFlow(view, ledgerNumber, this.remotes.get(flow.remote)?.number ?? 0)]
    })
    const into = follows.list().flatMap((id): StateFlow[] => {
      const ledger = ledgers.get(id)
      if (ledger === undefined) return []
      const status = replication.runtime.status(ledger)
      const { ledgerNumber, size, visible, audited } = ledger
      return [
        inboundFlow({
          ledger: id,
          ledgerNumber,
          size,
          visible,
          audited,
          next: status.status === 'stalled' ? status.next : null
        })
      ]
    })
    return [...out, ...into]
  }

  /** The remotes that have confirmed own entry `seq`: waits until this many have, or for `timeoutMs`. */
  async replicas(seq: number, wanted: number, timeoutMs: number): Promise<Replicas> {
    const { own } = this.#init.ledgers
    const flows = (): Flow[] =>
      this.pusher.flows({ ledger: own.id }).filter(({ remote }) => this.remotes.isPushed(remote))
    await this.#until(() => flows().filter(({ durable }) => durable > seq).length >= wanted, timeoutMs)
    const confirmed = flows()
      .filter(({ durable }) => durable > seq)
      .map(({ remote }) => remote)
    this.#replicated({ n: String(Math.min(9, confirmed.length)) })
    return {
      confirmed,
      waiting: flows()
        .filter(({ durable }) => durable <= seq)
        .map(({ remote, code }) => ({
          ledger: remote,
          code: code ?? 'QUEUED',
          explanation: PUSH_SENTENCES[code ?? 'QUEUED']
        }))
    }
  }

  /** Evidence freezes the ledger and is sent on; without evidence, a different branch is only the remote's claim. */
  #findFork(peer: string, id: LedgerId, before: number): void {
    const { ledgers, replication, log } = this.#init
    const ledger = ledgers.get(id)
    if (ledger === undefined) return
    replication.runtime.forks.findFork(peer, ledger, before).catch((error: Error) => {
      log.info(
        { event: 'push.fork-search-failed', peer, ledger: id, error: error.message },
        "where a remote's history differs could not be found"
      )
    })
  }

  #isOwnHeldBack(): boolean {
    const { replication, ledgers } = this.#init
    return replication.runtime.status(ledgers.own).status === 'stalled'
  }

  #met(peer: string): void {
    this.pusher.met(peer)
    this.dialer.look()
  }

  async #until(isDone: () => boolean, timeoutMs: number): Promise<void> {
    if (isDone() || timeoutMs <= 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = (): void => {
      if (isDone() || this.#init.peerNetwork.stopping.aborted) resolve()
    }
    this.#waiting.add(look)
    const cancel = this.#init.clock.after(timeoutMs, resolve)
    await promise
    cancel()
    this.#waiting.delete(look)
  }
}
