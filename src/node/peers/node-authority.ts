/**
 * Decides which nodes may represent the ledgers held here: the holder of the key in force, and the nodes that the chain
 * authorises.
 */
import {
  foldAuthorizedNodes,
  isAuthorizedNode,
  nodeStatement,
  restrictNodes,
  type AuthorizedNodes,
  type NodeStatement
} from '../../core/authorized-nodes.js'
import type { Entry } from '../../core/entry.js'
import { isCoded } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { setsKey } from '../../core/ledger-types.js'
import type { NodeRecord } from '../../core/node-record.js'
import { peerKeyOf } from '../../core/peer-key.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Log } from '../../ports.js'
import { Listeners } from '../../core/listeners.js'

const TYPES = ['ledger.authorize-node', 'ledger.revoke-node'] as const
/** Entries read per step when a ledger is folded. */
const PAGE = 1000

export class NodeAuthority {
  readonly #ledgers: Ledgers
  readonly #nodes = new Map<LedgerId, AuthorizedNodes>()
  /** Every key that was ever in force, hex. */
  readonly #keys = new Map<LedgerId, Set<string>>()

  readonly #changed: Listeners<[LedgerId]>
  readonly #log: Log
  /** Ledgers that are being read again; true: there was a change meanwhile, and they are read once more. */
  readonly #reading = new Map<LedgerId, boolean>()
  #caughtUp: Promise<void> = Promise.resolve()

  constructor(ledgers: Ledgers, log: Log) {
    this.#ledgers = ledgers
    this.#log = log
    this.#changed = new Listeners((error) => {
      log.error(
        { event: 'authority.listener-failed', error: (error as Error).message },
        'a listener for authorized nodes failed'
      )
    })
    ledgers.on('stored', (ledger, { entries }) => {
      this.#stored(ledger, entries)
    })
    // Evidence was judged, or a branch accepted: the fold starts over (R6).
    ledgers.on('frozen', (ledger) => {
      this.#anew(ledger)
    })
    ledgers.on('cut', (ledger) => {
      this.#anew(ledger)
    })
  }

  /** Reads the stored entries; later ones arrive as events. */
  async load(): Promise<void> {
    for (const ledger of this.#ledgers.list()) await this.#read(ledger)
  }

  /** Resolves when judgements before the call are applied here. */
  async caughtUp(): Promise<void> {
    await this.#caughtUp
  }

  /** Calls the listener when the keys or nodes that may represent a ledger have changed. */
  onChange(listener: (ledger: LedgerId) => void): () => void {
    return this.#changed.add(listener)
  }

  #anew(ledger: LedgerReader): void {
    if (this.#reading.has(ledger.id)) {
      this.#reading.set(ledger.id, true)
      return
    }
    this.#reading.set(ledger.id, false)
    const done = this.#readUntilSame(ledger).catch((error: Error) => {
      if (isCoded(error, 'CLOSED')) return // the node is stopping
      this.#log.error(
        { event: 'authority.unreadable', ledger: ledger.id, error: error.message },
        'the authorized nodes of a ledger cannot be loaded'
      )
    })
    this.#caughtUp = this.#caughtUp.then(() => done)
  }

  async #readUntilSame(ledger: LedgerReader): Promise<void> {
    try {
      do {
        this.#reading.set(ledger.id, false)
        await this.#read(ledger)
      } while (this.#reading.get(ledger.id) === true)
    } finally {
      this.#reading.delete(ledger.id)
    }
    this.#changed.emit(ledger.id)
  }

  /** Grants from below the freeze, restrictions from all held entries (R6). */
  async #read(ledger: LedgerReader): Promise<void> {
    const { believed } = ledger
    const statements = await statementsOf(ledger)
    const nodes = foldAuthorizedNodes(statements.filter(({ seq }) => seq < believed))
    this.#nodes.set(
      ledger.id,
      restrictNodes(
        statements.filter(({ seq }) => seq >= believed),
        nodes
      )
    )
    this.#keys.set(ledger.id, new Set((await ledger.heldChain())?.keys.map(({ key }) => key)))
  }

  /**
   * Does the held chain allow the signer of this record to represent the ledger? False also when the ledger is not
   * held.
   */
  isProven(record: NodeRecord, now: number): boolean {
    const ledger = this.#ledgers.get(record.ledger)
    if (ledger === undefined || ledger.chain === null) return false
    if (ledger.chain.key === record.key) return true
    const nodes = this.#nodes.get(record.ledger)
    return (
      nodes !== undefined &&
      record.key === peerKeyOf(record.peer_id) &&
      isAuthorizedNode(nodes, record.peer_id, now, ledger.believed)
    )
  }

  /** Was this key once in force and is no longer, by the chain that is held, or was held before it was forgotten? */
  isRetired(ledger: LedgerId, key: string): boolean {
    const keys = this.#keys.get(ledger)
    if (keys?.has(key) !== true) return false
    return key !== (this.#ledgers.get(ledger)?.chain?.key ?? [...keys].at(-1))
  }

  /**
   * Peers that may represent a held ledger beside the keyholder's; `expires` in ms since the epoch, null: until
   * revoked.
   */
  authorized(ledger: LedgerId): { peer: string; expires: number | null }[] {
    return [...(this.#nodes.get(ledger) ?? [])].map(([peer, { expires }]) => ({ peer, expires }))
  }

  #stored(ledger: LedgerReader, entries: Entry[]): void {
    // The read in progress may not include these entries.
    if (this.#reading.has(ledger.id)) this.#reading.set(ledger.id, true)
    const statements = entries.flatMap(({ header }) => nodeStatement(header) ?? [])
    // A mirror that starts over is folded from its beginning.
    const anew = entries[0]?.header.seq === 0
    const keys = anew ? new Set<string>() : (this.#keys.get(ledger.id) ?? new Set())
    for (const { header } of entries) if (setsKey(header)) keys.add(header.key)
    this.#keys.set(ledger.id, keys)
    const before = anew ? undefined : this.#nodes.get(ledger.id)
    const { believed } = ledger
    const nodes = foldAuthorizedNodes(
      statements.filter(({ seq }) => seq < believed),
      before
    )
    this.#nodes.set(
      ledger.id,
      restrictNodes(
        statements.filter(({ seq }) => seq >= believed),
        nodes
      )
    )
    if (anew || statements.length > 0 || entries.some(({ header }) => setsKey(header))) this.#changed.emit(ledger.id)
  }
}

/** Entries in chain order. Hooks of the own ledger do not run, because this is not a caller's query. */
async function statementsOf(ledger: LedgerReader): Promise<NodeStatement[]> {
  const statements: NodeStatement[] = []
  for (const type of TYPES) {
    for (let start: number | null | undefined; start !== null;) {
      const { entries, next } = await ledger.pageOfAll({ type, limit: PAGE }, start)
      statements.push(...entries.flatMap((entry) => nodeStatement(entry) ?? []))
      start = next
    }
  }
  return statements.sort((a, b) => a.seq - b.seq)
}
