/** Who may speak for the ledgers that are held here: the holder of the key in force, and the nodes that the chain authorises. */
import { foldAuthorizedNodes, isAuthorizedNode, isNodeStatement, type AuthorizedNodes, type NodeStatement } from '../core/authorized-nodes.js'
import type { Entry } from '../core/entry.js'
import { decodeHeader } from '../core/header.js'
import type { LedgerId } from '../core/ledger-id.js'
import { setsKey } from '../core/ledger-types.js'
import type { NodeRecord } from '../core/node-record.js'
import { peerKeyOf } from '../core/peer-key.js'
import type { Ledger } from '../ledger/ledger.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Feed } from './feed.js'

const TYPES = ['ledger.authorize-node', 'ledger.revoke-node'] as const
/** Entries read at once when a ledger is folded. */
const PAGE = 1000

export class NodeAuthority {
  readonly #ledgers: Ledgers
  readonly #nodes = new Map<LedgerId, AuthorizedNodes>()
  /** Every key that was ever in force, hex. */
  readonly #keys = new Map<LedgerId, Set<string>>()

  constructor (ledgers: Ledgers, feed: Feed) {
    this.#ledgers = ledgers
    feed.tap((ledger, entries) => { this.#stored(ledger, entries) })
  }

  /** Reads what is stored; later entries come by the feed. */
  async load (): Promise<void> {
    for (const ledger of this.#ledgers.list()) {
      this.#nodes.set(ledger.id, foldAuthorizedNodes(await statementsOf(ledger)))
      this.#keys.set(ledger.id, new Set((await ledger.keyEntries()).map(({ header }) => decodeHeader(header).key)))
    }
  }

  /** Does the chain that we hold let the signer of this record speak for the ledger? False also when we do not hold it. */
  isProven (record: NodeRecord, now: number): boolean {
    const ledger = this.#ledgers.get(record.ledger)
    if (ledger === undefined || ledger.chain === null) return false
    if (ledger.chain.key === record.key) return true
    const nodes = this.#nodes.get(record.ledger)
    return nodes !== undefined && record.key === peerKeyOf(record.peer_id) && isAuthorizedNode(nodes, record.peer_id, now, ledger.visible)
  }

  /** Was this key in force once, and is not any more, as far as we hold the ledger? */
  isRetired (ledger: LedgerId, key: string): boolean {
    return this.#ledgers.get(ledger)?.chain?.key !== key && this.#keys.get(ledger)?.has(key) === true
  }

  /** Peers that may speak for a held ledger beside the keyholder's; `expires` in ms since the epoch, null: until revoked. */
  authorized (ledger: LedgerId): { peer: string, expires: number | null }[] {
    return [...this.#nodes.get(ledger) ?? []].map(([peer, { expires }]) => ({ peer, expires }))
  }

  #stored (ledger: Ledger, entries: Entry[]): void {
    const statements = entries.filter(({ header }) => isNodeStatement(header)).map(({ header }) => ({ type: header.type, seq: header.seq, meta: header.meta } as unknown as NodeStatement))
    // A mirror that starts anew tells its own story from the beginning.
    const anew = entries[0]?.header.seq === 0
    const keys = anew ? new Set<string>() : this.#keys.get(ledger.id) ?? new Set()
    for (const { header } of entries) if (setsKey(header)) keys.add(header.key)
    this.#keys.set(ledger.id, keys)
    this.#nodes.set(ledger.id, foldAuthorizedNodes(statements, anew ? undefined : this.#nodes.get(ledger.id)))
  }
}

/** In chain order. Past the hooks of the own ledger: what a node may do is no caller's query. */
async function statementsOf (ledger: Ledger): Promise<NodeStatement[]> {
  const statements: NodeStatement[] = []
  for (const type of TYPES) {
    for (let start: number | null | undefined; start !== null;) {
      const { entries, next } = await ledger.page({ type, limit: PAGE }, start)
      for (const { seq, meta } of entries) statements.push({ type, seq, meta } as unknown as NodeStatement)
      start = next
    }
  }
  return statements.sort((a, b) => a.seq - b.seq)
}
