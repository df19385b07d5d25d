/** A ledger that entries are copied into: a mirror of another's ledger, or the own one while it is restored. */
import { extendChain, startChain, type ChainState } from '../core/chain.js'
import type { Entry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { Header } from '../core/header.js'
import { setsKey } from '../core/ledger-types.js'
import { MAX_KEY_ENTRIES } from '../core/limits.js'
import { checkPayload } from '../core/payload.js'
import { seqKey } from '../store/keys.js'
import type { Op } from '../store/store.js'
import { batchClaims } from './claims/batch-claims.js'
import { endedRights, fact, runs, shownOf } from './feed/facts.js'
import { indexChunk } from './claims/index-chunk.js'
import type { StoredRule } from './claims/rule-book.js'
import { CuttableLedger } from './cuttable-ledger.js'
import { bytesOf, charge } from './write/allowance.js'
import type { CommitOptions, IngestOptions } from './write/commit-options.js'
import { decisionRows } from './write/decision-rows.js'
import { entryOps, type PayloadStates } from './write/entry-ops.js'
import { rebuildDerived } from './write/rebuild.js'
import { wantChunk } from './write/want-payloads.js'
import { shownEntries } from './read/shown-entries.js'
import type { LedgerState } from './read/records.js'
import { standingOp, type Decision, type StandingRow } from './read/standing-row.js'
import { BranchSwitch } from './write/branch-switch.js'
import { Quarantine, type Turn } from './write/quarantine.js'

/** Bytes after which a mirror's writes are synced at the latest. */
const SYNC_BYTES = 4 * 1024 * 1024

const ALL_WANTED: PayloadStates = () => 'missing'

export class Ledger extends CuttableLedger {
  /** Holds a branch that may replace the disputed entries. */
  readonly quarantine = new Quarantine(this.context.store, this.ledgerNumber, (run) => this.exclusive(run))
  readonly #branches = new BranchSwitch({
    ...this.context,
    ledger: this,
    truncate: (size) => this.truncate(size, 'voided'),
    append: async (entries, payloadStates, last) => {
      await this.commit(entries, this.follow(entries), {
        payloadStates,
        sync: last !== null,
        audited: this.audited,
        ...last
      })
    }
  })

  /**
   * Stores entries that follow what is stored, in one batch. The caller has checked that the range chains and ends in a
   * valid signature (`verifyRange`); here it must also continue this ledger by keys in force. Throws WRONG_LEDGER,
   * WRONG_NETWORK, BROKEN_LINK, KEY_NOT_IN_FORCE, FROZEN, TOO_MANY_KEYS (`seq` of the first that is too many), QUOTA or
   * STORE_FAILED; nothing is stored then.
   */
  async ingest(entries: Entry[], { payloadStates = ALL_WANTED, decision }: IngestOptions = {}): Promise<ChainState> {
    return await this.exclusive(async () => {
      const { frozen } = this
      const chain = await this.takeIn(entries, payloadStates, decision)
      if (this.frozen !== frozen) this.emit({ type: 'frozen', was: frozen })
      const shown = entries.filter(({ header }) => header.seq < this.visible)
      if (shown.length > 0) this.emit({ type: 'stored', entries: shown, signed: false })
      return chain
    })
  }

  protected async takeIn(entries: Entry[], payloadStates: PayloadStates, decision?: Decision): Promise<ChainState> {
    // Entries below the evidence are not disputed, and still wanted.
    const frozen = this.frozenAt
    if (frozen !== null && this.size + entries.length > frozen)
      throw new LedgermeshError('FROZEN', `there is evidence against ${this.id}`)
    if (entries.length === 0) throw new LedgermeshError('MALFORMED', 'an empty range')
    const chain = this.follow(entries)
    // A local limit, not a rule of validity: a ledger with more key entries cannot be proven, and evidence against it
    // cannot be made (R1).
    const tooMany = entries.filter(({ header }) => setsKey(header))[MAX_KEY_ENTRIES - this.keyCount]
    if (tooMany !== undefined)
      throw new LedgermeshError('TOO_MANY_KEYS', `${this.id} has more than ${MAX_KEY_ENTRIES} key entries`, {
        seq: tooMany.header.seq
      })
    if (chain.network !== this.context.network)
      throw new LedgermeshError('WRONG_NETWORK', `${this.id} is a ledger of network ${chain.network}`)
    const taken = charge(this.allowance, this.id, this.state?.taken, bytesOf(entries))
    const judged =
      decision === undefined
        ? {}
        : { frozen: decision.frozen, ...(await decisionRows(this.context.store, this.ledgerNumber, decision)) }
    await this.commit(entries, chain, {
      payloadStates,
      sync: decision !== undefined,
      audited: this.audited,
      taken,
      ...judged
    })
    if (decision !== undefined) await this.load()
    return chain
  }

  /** The chain state after these entries. */
  protected follow(entries: Entry[]): ChainState {
    let chain = this.chain
    for (const entry of entries) chain = chain === null ? startChain(this.id, entry) : extendChain(chain, entry)
    return chain!
  }

  /**
   * One batch: entries, indexes, tree nodes, state. `chain` is the state after them. The entries cannot be read before
   * `beforeShown` resolves; when it throws they are stored, but not shown.
   */
  protected async commit(
    entries: Entry[],
    chain: ChainState,
    {
      payloadStates,
      sync,
      audited,
      beforeShown,
      frozen = this.state?.frozen ?? null,
      taken = this.state?.taken,
      ops: more = [],
      facts = []
    }: CommitOptions
  ): Promise<void> {
    const { store, compactor, own } = this.context
    await this.tree.load(this.size)
    try {
      const { ops, bytes, erased } = await entryOps(this.reader, this.tree, entries, this.size, payloadStates)
      this.unsynced += bytes
      const synced = sync || this.unsynced >= SYNC_BYTES
      const state: LedgerState = {
        chain,
        audited,
        durable: synced ? chain.size : (this.state?.durable ?? 0),
        frozen,
        ...(taken !== undefined && { taken })
      }
      ops.push(this.stateOp(state), ...more, ...(frozen === this.frozen ? [] : this.#recheckOps(frozen, this.standing)))
      for (const op of await batchClaims(this.context, this, this.reader, entries, erased)) ops.push(op)
      const { visible } = shownOf(state)
      const arrived = this.arrived(state, synced, {
        more: [
          ...facts,
          ...runs(
            'payload-erased',
            erased.filter((seq) => seq < visible)
          ),
          ...(this.own ? [] : endedRights(entries, own()))
        ]
      })
      for (const op of arrived.ops) ops.push(op)
      await store.write(ops, { sync: synced })
      if (synced) this.unsynced = 0
      await beforeShown?.()
      this.state = state
      this.keyCount += entries.filter(({ header }) => setsKey(header)).length
      if (this.visible === this.size) {
        this.setHead(entries.at(-1)!)
        this.noteAccess(entries)
      }
      if (erased.length > 0) compactor.request(this.ledgerNumber, Math.min(...erased), Math.max(...erased) + 1)
      arrived.shown()
    } catch (error) {
      this.tree.reset()
      throw error
    }
  }

  /** Marks which absent payloads are wanted, after the follow's filters have changed. */
  async wantPayloads(wants: (header: Header) => boolean): Promise<void> {
    for (let from = 0; from < this.size;) {
      from = await this.exclusive(async () => await wantChunk(this.context.store, this.reader, from, this.size, wants))
    }
  }

  /**
   * Stores a payload that was absent. Throws NOT_FOUND, PAYLOAD_MISMATCH, QUOTA; false: it was erased, and is not
   * accepted.
   */
  async putPayload(seq: number, bytes: Uint8Array): Promise<boolean> {
    return await this.exclusive(async () => {
      const entry = seq < this.size ? await this.reader.one(seq) : null
      if (entry === null) throw new LedgermeshError('NOT_FOUND', `entry ${seq} is not held`)
      checkPayload(entry.header, bytes)
      const { store, conflicts } = this.context
      if ((await store.get(seqKey('erased', this.ledgerNumber, seq))) !== undefined) return false
      const taken = charge(this.allowance, this.id, this.state?.taken, bytes.length)
      const state = taken === undefined || this.state === null ? null : { ...this.state, taken }
      const more = seq < this.visible ? [fact('payload-filled', seq)] : []
      const arrived = this.arrived(this.state, false, { more })
      await store.write(
        [
          { type: 'put', key: seqKey('payload', this.ledgerNumber, seq), value: bytes },
          { type: 'del', key: seqKey('missing', this.ledgerNumber, seq) },
          ...conflicts.touchOps(this.ledgerNumber, [entry]),
          ...(state === null ? [] : [this.stateOp(state)]),
          ...arrived.ops
        ],
        { sync: false }
      )
      if (state !== null) this.state = state
      arrived.shown()
      this.emit({ type: 'filled', seq })
      return true
    })
  }

  /**
   * Stores a judgement of evidence; durable when it resolves. Only the entries below `frozen.size` are served from now
   * on. Throws NOT_FOUND for a freeze when no entry of the ledger is held.
   */
  async decide(decision: Decision): Promise<void> {
    await this.exclusive(async () => {
      const { visible, frozen: was } = this
      if (this.state === null && decision.frozen !== null)
        throw new LedgermeshError('NOT_FOUND', `nothing of ${this.id} is held`)
      const state = this.state === null ? null : { ...this.state, frozen: decision.frozen }
      const { store } = this.context
      const { ops, facts } = await decisionRows(store, this.ledgerNumber, decision)
      if (state !== null) ops.push(this.stateOp(state))
      ops.push(...this.#recheckOps(decision.frozen, decision.row))
      const arrived = this.arrived(state, true, { more: facts })
      await store.write([...ops, ...arrived.ops], { sync: true })
      this.state = state
      await this.load()
      arrived.shown()
      if (state !== null) await this.#judged(was, visible)
    })
  }

  /** Stores facts of the standing that changed without new evidence. */
  async putStanding(row: StandingRow): Promise<void> {
    await this.exclusive(async () => {
      const { believed } = this
      await this.context.store.write([standingOp(this.ledgerNumber, row), ...this.#recheckOps(this.frozen, row)], {
        sync: false
      })
      this.standing = row
      if (this.believed === believed) return
      await this.load()
      await this.#judged(this.frozen, this.visible)
    })
  }

  /** From the lowest of these ends on, other entries may count in conflicts than before. */
  #recheckOps(frozen: LedgerState['frozen'], row: StandingRow): Op[] {
    const ends = [frozen?.size, row.facts.doubtedFrom, this.frozen?.size, this.standing.facts.doubtedFrom]
    return this.context.conflicts.recheckOps(
      this.ledgerNumber,
      ends.filter((end) => end != null)
    )
  }

  /**
   * Stores the claims of existing entries, from `from` on, under a new rule. Resolves with the seq to continue at, null
   * at the end.
   */
  async indexClaims(rule: StoredRule, from: number): Promise<number | null> {
    return await this.exclusive(
      async () => await indexChunk(this.context.store, this.reader, this, rule, from, this.size)
    )
  }

  /** `visible`: how many entries were shown before and are unchanged. */
  async #judged(was: LedgerState['frozen'], visible: number): Promise<void> {
    this.emit({ type: 'frozen', was })
    // Entries of the own ledger were shown when they were signed.
    if (this.own) return
    try {
      for await (const entries of shownEntries(this, visible)) this.emit({ type: 'stored', entries, signed: false })
    } catch (error) {
      if (!isCoded(error, 'STORE_DAMAGED')) throw error
      // The decision is stored all the same.
      this.context.log.error(
        { event: 'ledger.thawed-unreadable', ledger: this.id, error: error.message },
        'entries visible again after a thaw cannot be read'
      )
    }
  }

  /**
   * Replaces the held entries by the branch in quarantine, from its first seq on (I4, R1). The voided entries stay
   * stored. `frozen` and `row`: what the evidence means for the ledger from then on. If interrupted, nothing has
   * changed, or the next open finishes it. Throws FROZEN (the ledger is not frozen, or the branch starts beyond the
   * held entries), OVERLOADED (another branch is in quarantine now), BROKEN_LINK or KEY_NOT_IN_FORCE; nothing is
   * changed then.
   */
  async acceptBranch(turn: Turn, frozen: LedgerState['frozen'], row: StandingRow): Promise<ChainState> {
    return await this.exclusive(async () => {
      const { frozen: was, visible } = this
      const { from } = turn
      this.quarantine.assert(turn)
      if (was === null || from > this.size || from < 1)
        throw new LedgermeshError('FROZEN', `the branch does not start in what is disputed of ${this.id}`)
      const chain = await this.#branches.accept({ from, evidence: was.evidence, frozen, row })
      await this.load()
      await this.#judged(was, Math.min(visible, from))
      return chain
    })
  }

  /** At open: finishes a branch switch that an earlier run accepted and did not finish. */
  async finishBranch(): Promise<void> {
    if (this.state !== null && (await this.#branches.finish())) await this.load()
  }

  /** Rebuilds indexes and tree from the entries (I8). Throws STORE_DAMAGED when an entry is damaged: `rewind` first. */
  async rebuild(): Promise<void> {
    await this.exclusive(async () => {
      this.tree.reset()
      await rebuildDerived(this.context.store, this.reader, this.size)
    })
  }
}
