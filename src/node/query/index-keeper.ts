/**
 * Keeps the index lmx1 of the own ledger (or of all that are held), and names it in entries of the own one. It works
 * behind the commits: no append waits for it. What it signs convicts whoever is wrong, so a root is tried first, the
 * index is built anew after an unclean stop, and a root that does not come out again is taken back.
 */
import { availableParallelism } from 'node:os'
import { isCoded } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { INDEX_STREAM, INDEX_TYPE, indexMeta, WITHDRAW_TYPE } from '../../core/lmx1/index-entry.js'
import type { Ledger } from '../../ledger/ledger.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import { auditIndex } from '../../ledger/lmx1/audit-index.js'
import { IndexThread } from '../../ledger/lmx1/index-thread.js'
import { AT_ONCE, StoredIndex, type Pace } from '../../ledger/lmx1/stored-index.js'
import type { Clock, Log, Random } from '../../ports.js'
import type { Store } from '../../store/store.js'
import { IndexCadence, PAUSE_MS } from './index-cadence.js'
import { IndexPace, REST_OF_THREAD } from './index-pace.js'
import { NamedIndexes, type NamedIndex } from './named-indexes.js'
import { tryIndex } from './try-index.js'

export interface IndexKeeperInit {
  store: Store
  ledgers: Ledgers
  /** `own`: of the own ledger; `all`: of mirrors, too, as far as their authors name theirs. */
  of: 'own' | 'all'
  clock: Clock
  random: Random
  log: Log
}

/** Time after which the whole index is compared with the entries again, ms. */
const AUDIT_MS = 7 * 24 * 60 * 60_000
/** Pause after something that went wrong, ms. */
const FAILED_MS = 10 * 60_000
/** New entries after which the own index grows, even if it is not named yet: so it never lags far behind. */
const BEHIND = 2048
/** With no more cores than this a thread of the index takes time from the appends. */
const FEW_CORES = 2
/** Indexes of mirrors in memory, of 5 MiB each. */
const MAX_MIRRORS = 8

/** An index that a ledger names, and that is here to be read. */
export interface UsableIndex extends NamedIndex {
  read: StoredIndex['read']
}

export class IndexKeeper {
  readonly #init: IndexKeeperInit
  readonly #speed: IndexPace
  readonly #thread: IndexThread | null
  readonly #named = new NamedIndexes()
  readonly #cadence: IndexCadence
  readonly #indexes = new Map<LedgerId, StoredIndex>()
  /** Ledgers whose rows are of no use any more: entries were cut, or nobody knows what was written. */
  readonly #stale = new Set<LedgerId>()
  readonly #waiting = new Set<LedgerId>()
  readonly #unsubscribe: (() => void)[]
  #running: Promise<void> | null = null
  #stopped = false
  #auditedAt = Number.NEGATIVE_INFINITY

  constructor(init: IndexKeeperInit) {
    this.#init = init
    const { ledgers, of, clock } = init
    this.#speed = new IndexPace(clock)
    this.#thread = IndexThread.beside(init.store)
    this.#cadence = new IndexCadence({
      clock,
      entries: () => ledgers.own.visible,
      wake: () => {
        this.wake(ledgers.own.id)
      }
    })
    this.#unsubscribe = [
      ledgers.on('stored', (ledger, { entries }) => {
        this.#named.came(ledger.id, entries)
        if (ledger.own) {
          this.#speed.grew()
          this.#cadence.schedule()
          if (this.#isBehind(ledger)) this.wake(ledger.id)
        } else if (of === 'all' && entries.some(({ header }) => header.type === INDEX_TYPE)) this.wake(ledger.id)
      }),
      ledgers.on('audited', (ledger) => {
        if (of === 'all' && !ledger.own) this.wake(ledger.id)
      }),
      ledgers.on('cut', ({ id }) => {
        this.#named.forget(id)
        this.#stale.add(id)
        this.wake(id)
      }),
      ledgers.on('removed', ({ id }) => {
        this.#named.forget(id)
        this.#indexes.delete(id)
        this.#stale.delete(id)
      })
    ]
  }

  /** Looks at all ledgers. To be called once. */
  start(): void {
    const { store } = this.#init
    for (const { id } of this.#kept()) {
      // What was written last may be gone, and what was written before it there (I8).
      if (!store.wasClean) this.#stale.add(id)
      this.wake(id)
    }
  }

  wake(ledger: LedgerId): void {
    if (this.#stopped) return
    this.#waiting.add(ledger)
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is left to be done now. */
  async caughtUp(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#cadence.stop()
    this.#speed.stop()
    await this.caughtUp()
    await this.#thread?.close()
  }

  /**
   * The newest index of entries below `size` that is named below it and can be read here; null: there is none.
   * `accused`: hashes of index entries that faults name.
   */
  async usable(ledger: LedgerReader, size: number, accused: readonly Hash[] = []): Promise<UsableIndex | null> {
    const index = this.#indexes.get(ledger.id)
    // One of too many mirrors: it is there for the next question.
    if (index === undefined && this.#kept().some(({ id }) => id === ledger.id)) this.wake(ledger.id)
    if (index === undefined || this.#stale.has(ledger.id)) return null
    const named = (await this.#named.of(ledger, size, accused)).find((one) => index.has(one))
    return named === undefined ? null : { ...named, read: index.read.bind(index) }
  }

  #kept(): Ledger[] {
    const { ledgers, of } = this.#init
    return of === 'all' ? ledgers.list() : ledgers.hasOwn ? [ledgers.own] : []
  }

  async #run(): Promise<void> {
    const { ledgers, log } = this.#init
    await Promise.resolve() // so that `#running` is set
    try {
      while (this.#waiting.size > 0 && !this.#stopped) {
        const [id] = this.#waiting
        this.#waiting.delete(id!)
        const ledger = ledgers.get(id!)
        if (ledger !== undefined && this.#kept().includes(ledger)) await this.#keep(ledger)
      }
    } catch (error) {
      if (!isCoded(error, 'CLOSED'))
        log.error({ event: 'query.index-failed', error }, 'an index could not be kept; tried again later')
      this.#cadence.putOff(FAILED_MS)
    } finally {
      this.#running = null
    }
  }

  async #keep(ledger: Ledger): Promise<void> {
    const { log } = this.#init
    try {
      await (ledger.own ? this.#keepOwn(ledger) : this.#keepMirror(ledger))
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      this.#stale.add(ledger.id)
      this.#cadence.putOff(FAILED_MS)
      log.error(
        { event: 'query.index-damaged', ledger: ledger.id, error },
        'the index of a ledger, or an entry of it, cannot be read: the index is built anew'
      )
    }
  }

  async #open(ledger: Ledger): Promise<StoredIndex> {
    const { store } = this.#init
    const { id, ledgerNumber, reader, visible } = ledger
    let index = this.#indexes.get(id)
    if (index === undefined)
      this.#indexes.set(id, (index = new StoredIndex({ store, ledgerNumber, reader, thread: this.#thread })))
    if (this.#stale.delete(id)) await index.drop()
    else await index.load(visible)
    return index
  }

  async #keepOwn(ledger: Ledger): Promise<void> {
    const cadence = this.#cadence
    const last = (await this.#named.of(ledger, ledger.visible))[0] ?? null
    cadence.found(last)
    const { isDue } = cadence
    if (last === null && !isDue) {
      cadence.schedule()
      return
    }
    const index = await this.#open(ledger)
    if (last !== null && index.size < last.size) {
      await index.advance(last.size, this.#pace(ledger))
      if (!this.#isOver(ledger) && !index.has(last)) await this.#takeBack(last)
    }
    if (isDue) {
      if (this.#init.ledgers.own.signer === 'ready') await this.#name(ledger, index, last)
      else cadence.putOff(PAUSE_MS)
    } else if (this.#isBehind(ledger)) await this.#advance(ledger, index, last)
    cadence.schedule()
  }

  /** Names the entries that are here now; later ones come into the next index. */
  async #name(ledger: Ledger, index: StoredIndex, last: NamedIndex | null): Promise<void> {
    const { own } = this.#init.ledgers
    await this.#advance(ledger, index, last)
    if (this.#isOver(ledger) || !(await this.#isRight(ledger, index)) || this.#isOver(ledger)) return
    const root = index.newest!
    await own.appendReserved([{ stream: INDEX_STREAM, type: INDEX_TYPE, meta: indexMeta(root) }])
    this.#cadence.named(root.size)
  }

  /** What was named last stays readable. */
  async #advance(ledger: Ledger, index: StoredIndex, last: NamedIndex | null): Promise<void> {
    if (last !== null && index.size === last.size) await index.pin()
    await index.advance(ledger.visible, this.#pace(ledger))
  }

  /** Only where growing costs the appends nothing. */
  #isBehind({ id, visible }: Ledger): boolean {
    const index = this.#thread === null ? undefined : this.#indexes.get(id)
    return index !== undefined && visible - index.size >= BEHIND
  }

  #pace(ledger: Ledger): Pace {
    const isOver = (): boolean => this.#isOver(ledger)
    if (this.#thread === null) return this.#speed.of(isOver)
    return availableParallelism() > FEW_CORES
      ? { ...AT_ONCE, isOver }
      : { ...this.#speed.of(isOver, REST_OF_THREAD), isBusy: () => false }
  }

  #isOver({ id, own }: Ledger): boolean {
    return this.#stopped || this.#stale.has(id) || (own && this.#init.ledgers.own.signer === 'restoring')
  }

  async #isRight(ledger: Ledger, index: StoredIndex): Promise<boolean> {
    const { clock, random, log } = this.#init
    const root = index.newest!
    const isAudited = clock.now() - this.#auditedAt < AUDIT_MS
    const wrong = (isAudited ? null : await this.#audit(ledger)) ?? (await tryIndex(ledger, index, root, random))
    if (wrong === null) {
      if (!isAudited) this.#auditedAt = clock.now()
      return true
    }
    this.#stale.add(ledger.id)
    this.#cadence.putOff(FAILED_MS)
    this.#auditedAt = Number.NEGATIVE_INFINITY
    log.error(
      { event: 'query.index-wrong', ledger: ledger.id, size: root.size, what: wrong },
      'the own index is wrong: it is not signed, and built anew'
    )
    return false
  }

  async #audit(ledger: Ledger): Promise<string | null> {
    const { ledgerNumber, reader } = ledger
    return this.#thread === null
      ? await auditIndex(this.#init.store, ledgerNumber, reader, this.#pace(ledger))
      : await this.#thread.audit(ledgerNumber)
  }

  /** Signed, and it does not come out again: nobody shall use it (ledger.index-withdraw). */
  async #takeBack({ hash, seq, size }: NamedIndex): Promise<void> {
    const { ledgers, log } = this.#init
    log.error(
      { event: 'query.index-withdrawn', ledger: ledgers.own.id, seq, size },
      'an index that this node signed is wrong: it is taken back'
    )
    await ledgers.own.appendReserved([{ stream: INDEX_STREAM, type: WITHDRAW_TYPE, meta: { v: 1, entries: [hash] } }])
  }

  /** The index that the author names is computed here, too. Another root is believed by nobody here, and told to nobody. */
  async #keepMirror(ledger: Ledger): Promise<void> {
    const { log } = this.#init
    if (this.#cadence.isPutOff) return
    const last = (await this.#named.of(ledger, Math.min(ledger.visible, ledger.audited)))[0]
    if (last === undefined) return
    const index = await this.#open(ledger)
    await this.#makeRoom(ledger.id)
    if (index.size >= last.size) return
    const named = await this.#named.of(ledger, ledger.visible)
    if (named.some((one) => one.size === index.size)) await index.pin()
    await index.advance(last.size, this.#pace(ledger))
    if (index.size === last.size && !index.has(last))
      log.warn(
        { event: 'query.index-differs', ledger: ledger.id, seq: last.seq, size: last.size },
        'the index that a ledger names is not the one of its entries: nothing is proved by it'
      )
  }

  async #makeRoom(keep: LedgerId): Promise<void> {
    const mirrors = [...this.#indexes.keys()].filter((id) => id !== keep && id !== this.#init.ledgers.own.id)
    for (const id of mirrors.slice(0, Math.max(mirrors.length + 1 - MAX_MIRRORS, 0))) {
      const index = this.#indexes.get(id)!
      this.#indexes.delete(id)
      await index.close()
    }
  }
}
