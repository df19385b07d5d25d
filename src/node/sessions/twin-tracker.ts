/**
 * Two connections of one peer id (FAULTS R4): a node that reconnected before its old connection was detected as dead,
 * or two nodes with one peer key. Each side is sent the other's record (a node recognises its own), and their heads are
 * compared: two histories of one ledger are evidence.
 */
import type { HelloIntro, HelloSession } from '../../../protocols/hello/index.js'
import type { SignedRecord, WireHead } from '../../../protocols/wire.js'
import { decodeNodeRecord } from '../../core/node-record.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import type { ReadingRights } from '../access/read-access.js'
import { deadline } from '../runtime/deadline.js'

/** The feature of nodes that understand a record of their own peer id that is not their own. */
export const TWINS = 'twins'

/** Time in which the old connection of a reconnected node is mostly detected as dead. */
const GRACE_MS = 3_000
/** Between two comparisons of the heads, and for one, ms. */
const COMPARE_MS = 5_000
/** Most ledgers that are compared. */
const MAX_COMPARED = 64
/** Records of one session that the others are shown. */
const MAX_SHOWN = 64

export interface TwinTrackerInit {
  ledgers: Ledgers
  rights: ReadingRights
  onHeads: (peer: string, heads: WireHead[]) => Promise<void>
  clock: Clock
  log: Log
}

interface Side {
  record: SignedRecord | null
  told: Set<string>
}

export class TwinTracker {
  readonly #init: TwinTrackerInit
  readonly #peers = new Map<string, Map<HelloSession, Side>>()
  #cancel: (() => void) | null = null

  constructor(init: TwinTrackerInit) {
    this.#init = init
  }

  /** A session begins; `record`: checked, null: none was shown. */
  joined(session: HelloSession, record: SignedRecord | null): void {
    const sides = this.#peers.get(session.peer) ?? new Map<HelloSession, Side>()
    this.#peers.set(session.peer, sides)
    sides.set(session, { record, told: new Set() })
    if (sides.size > 1)
      this.#cancel ??= this.#init.clock.after(GRACE_MS, () => {
        this.#lookAtAll()
      })
  }

  left(session: HelloSession): void {
    const sides = this.#peers.get(session.peer)
    if (sides?.delete(session) === true && sides.size === 0) this.#peers.delete(session.peer)
  }

  /** Another record was shown on the session with this Intro. */
  showed(peer: string, intro: HelloIntro, record: SignedRecord): void {
    const sides = this.#peers.get(peer)
    const [, side] = [...(sides ?? [])].find(([session]) => session.intro === intro) ?? []
    if (sides === undefined || side === undefined) return
    side.record = record
    // At the first time the old connection gets a moment to end.
    if ([...sides.values()].some(({ told }) => told.size > 0)) this.#introduce(sides)
  }

  /** The newest of the other sessions with the peer; undefined: there is none. */
  another(session: HelloSession): HelloSession | undefined {
    return [...(this.#peers.get(session.peer)?.keys() ?? [])].findLast((other) => other !== session)
  }

  /** Does an earlier session with this peer show the same record? Then the same node has two connections. */
  isKnown({ peer }: HelloSession, record: SignedRecord | null): boolean {
    return (
      record !== null &&
      [...(this.#peers.get(peer)?.values() ?? [])].some(
        (side) => side.record !== null && Buffer.compare(side.record.body, record.body) === 0
      )
    )
  }

  stop(): void {
    this.#cancel?.()
  }

  #introduce(sides: Map<HelloSession, Side>): void {
    for (const [session, { told, record: own }] of sides) {
      if (!session.intro.features.includes(TWINS)) continue
      for (const { record } of sides.values()) {
        if (record === null || (own !== null && Buffer.compare(own.body, record.body) === 0)) continue
        const key = Buffer.from(record.signature).toString('base64')
        if (told.has(key) || told.size >= MAX_SHOWN) continue
        told.add(key)
        session.tellRecord(record)
      }
    }
  }

  #lookAtAll(): void {
    this.#cancel = null
    const doubled = [...this.#peers.values()].filter(({ size }) => size > 1)
    if (doubled.length === 0) return
    for (const sides of doubled) {
      this.#introduce(sides)
      const ledgers = this.#ledgersOf(sides)
      for (const session of sides.keys()) {
        this.#compare(session, ledgers).catch((error: Error) => {
          this.#init.log.debug(
            { event: 'twin.heads-failed', peer: session.peer, error: error.message },
            'heads could not be requested on an additional connection'
          )
        })
      }
    }
    this.#cancel = this.#init.clock.after(COMPARE_MS, () => {
      this.#lookAtAll()
    })
  }

  async #compare(session: HelloSession, ledgers: string[]): Promise<void> {
    const { rights, onHeads, clock, ledgers: held } = this.#init
    const wanted = ledgers
      .filter((id) => rights.mayHear(session.peer, held.get(id)!))
      .map((ledger) => ({ ledger, size: 0 }))
    if (wanted.length === 0) return
    const { heads } = await session.askHeads(wanted, { signal: deadline(clock, COMPARE_MS) })
    await onHeads(session.peer, heads)
  }

  /** The ledgers that the sides represent, if held here, otherwise the held ones. */
  #ledgersOf(sides: Map<HelloSession, Side>): string[] {
    const { ledgers } = this.#init
    const spoken = [...sides.values()]
      .map(({ record }) => (record === null ? null : decodeNodeRecord(record.body).ledger))
      .filter((id) => id !== null && ledgers.get(id) !== undefined) as string[]
    return spoken.length > 0
      ? [...new Set(spoken)]
      : ledgers
          .list()
          .slice(0, MAX_COMPARED)
          .map(({ id }) => id)
  }
}
