/**
 * A node with a ledger of its own, which it signs as it goes: whatever it forgot that it signed, it would sign anew, as
 * a fork.
 */
import { strict as assert } from 'node:assert'
import { ledgerOf, type Entry } from '../../src/core/entry.js'
import { keyHash } from '../../src/core/chain.js'
import { sha256, type Hash } from '../../src/core/hash.js'
import type { OwnVerdict } from '../../src/core/own-word.js'
import type { OwnHeads } from '../../src/node/replication/head-check.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
import { NETWORK, signEntry, type Draft } from './histories.js'
import { SimNode } from './sim-node.js'
import type { SimLedger } from './sim-ledger.js'
import type { World } from './world.js'

export class AuthorNode extends SimNode {
  readonly ledger: string
  /** All that it ever signed. */
  readonly signed: Set<Hash>
  /** Seq of the entry that puts the second key in force; -1: none does. */
  readonly rotateAt: number
  readonly #payloads: boolean
  /** The signer's mark (I2). */
  #mark: { seq: number; hash: Hash }
  #restoring: { seq: number; hash: Hash } | null = null
  /** What it writes is another thing after each disaster. */
  #life = 0
  refused = 0
  restores = 0

  protected constructor(world: World, { id, follows, genesis, rotateAt, payloads }: AuthorInit & { genesis: Entry }) {
    super(world, id, follows)
    this.ledger = ledgerOf(genesis)
    this.rotateAt = rotateAt ?? -1
    this.#payloads = payloads === true
    this.signed = new Set([genesis.hash])
    this.#mark = { seq: 0, hash: genesis.hash }
    this.own.add([genesis])
    this.own.sync()
  }

  static async create(world: World, init: AuthorInit): Promise<AuthorNode> {
    return new this(world, { ...init, genesis: await genesisOf(init.id) })
  }

  get own(): SimLedger {
    return this.store(this.ledger)
  }

  get entries(): readonly Entry[] {
    return this.own.entries
  }

  /** Of the undisputed history. */
  get forkAt(): number | null {
    return null
  }

  get restoring(): boolean {
    return this.#restoring !== null
  }

  /** The entry it waits for. */
  get target(): { seq: number; hash: Hash } | null {
    return this.#restoring
  }

  override holds(ledger: string): boolean {
    return ledger === this.ledger || super.holds(ledger)
  }

  override start(): void {
    if (this.alive) return
    super.start()
    if (this.own.entries[this.#mark.seq]?.hash !== this.#mark.hash) this.#restore(this.#mark)
  }

  /** Every peer is asked whether it has more of the own ledger than this node. */
  override connected(peer: string): void {
    super.connected(peer)
    this.runner.look(peer, [this.ledger])
  }

  /** Durable and marked before anybody hears of it. Refused while entries that it signed are not here. */
  async append(count = 1): Promise<void> {
    for (let n = 0; n < count; n++) {
      if (!this.alive || this.restoring) {
        this.refused++
        return
      }
      await this.write()
    }
    this.gossip(this.ledger, this.own.head!.raw)
  }

  protected async write(): Promise<void> {
    const entry = await this.sign(this.own.entries, 'a')
    this.commit([entry])
    this.#mark = { seq: entry.header.seq, hash: entry.hash }
  }

  /** Audited when it was signed. */
  protected commit(entries: readonly Entry[]): void {
    this.own.add(entries)
    this.own.sync()
    this.own.audited = this.own.size
  }

  protected async sign(after: readonly Entry[], branch: string, unsigned = false): Promise<Entry> {
    const seq = after.length
    const { keys } = keysOf(this.id)
    const rotates = seq === this.rotateAt
    const entry = await signed(keys[this.rotateAt >= 0 && seq >= this.rotateAt ? 1 : 0]!, {
      ledger: this.ledger,
      seq,
      prev: after.at(-1)!.hash,
      id: `${branch}${seq}.${this.#life}${this.#payloads ? 'p' : ''}`,
      payload: this.#payloads,
      unsigned,
      ...(rotates ? { type: 'ledger.rotate-key', meta: { next_key_hash: null } } : {})
    })
    this.signed.add(entry.hash)
    return entry
  }

  /**
   * The disk is lost, and the folder comes back from a copy of the time when `size` own entries were there; the mark is
   * the newest.
   */
  restoreCopy(size: number): void {
    this.stop()
    const share = size / this.own.size
    for (const store of this.stores.values()) store.restore(store === this.own ? size : Math.floor(store.size * share))
    this.#life++
    this.restores++
  }

  /** The operator's word: what is here is all that was signed. */
  override(): void {
    this.#mark = { seq: this.own.size - 1, hash: this.own.head!.hash }
    this.#end()
  }

  protected override isOwn(ledger: string): boolean {
    return ledger === this.ledger
  }

  override get ownHeads(): OwnHeads {
    const { own } = this
    const isKnown = (key: string): boolean => keysOf(this.id).public.has(key)
    const signer = (): 'restoring' | 'ready' => (this.restoring ? 'restoring' : 'ready')
    return {
      id: own.id,
      get chain() {
        return own.chain
      },
      get signer() {
        return signer()
      },
      keys: { isKnown: (key) => Promise.resolve(isKnown(key)) },
      sawOwnEntry: ({ header, hash }) => Promise.resolve(isKnown(header.key) ? this.#saw(header.seq, hash) : 'unknown')
    }
  }

  /** A well-signed own entry that somebody shows (I2). */
  #saw(seq: number, hash: Hash): OwnVerdict {
    if (this.own.entries[seq]?.hash === hash) return 'known'
    assert(this.signed.has(hash), `${this.id} is shown an own entry that it never signed`)
    if (this.#restoring === null || this.#restoring.seq < seq) {
      this.#mark = { seq, hash }
      this.#restore(this.#mark)
    }
    return 'restoring'
  }

  override stored(ledger: string, entries: Entry[]): void {
    super.stored(ledger, entries)
    if (
      ledger === this.ledger &&
      this.#restoring !== null &&
      this.own.entries[this.#restoring.seq]?.hash === this.#restoring.hash
    )
      this.#end()
  }

  #restore(target: { seq: number; hash: Hash }): void {
    this.#restoring = target
    if (this.runner.sync.list().includes(this.ledger)) return
    this.runner.dispatch({
      type: 'followed',
      ledger: this.ledger,
      size: this.own.size,
      headHash: this.own.chain!.headHash,
      stall: 'RESTORING'
    })
  }

  #end(): void {
    this.#restoring = null
    this.runner.dispatch({ type: 'unfollowed', ledger: this.ledger })
  }
}

export interface AuthorInit {
  id: string
  follows: string[]
  rotateAt?: number
  payloads?: boolean
}

export async function ledgerOfAuthor(id: string): Promise<string> {
  return ledgerOf(await genesisOf(id))
}

interface Keys {
  keys: SigningKey[]
  public: Set<string>
}
const allKeys = new Map<string, Keys>()

function keysOf(id: string): Keys {
  let made = allKeys.get(id)
  if (made === undefined) {
    const keys = [0, 1].map((n) => signingKeyFromSeed(Buffer.from(sha256(Buffer.from(`author ${id} key ${n}`)), 'hex')))
    allKeys.set(id, (made = { keys, public: new Set(keys.map(({ publicKey }) => publicKey)) }))
  }
  return made
}

async function genesisOf(id: string): Promise<Entry> {
  const { keys } = keysOf(id)
  const meta = { network: NETWORK, name: id, access: 'public', next_key_hash: keyHash(keys[1]!.publicKey) }
  return await signed(keys[0]!, { ledger: null, seq: 0, prev: null, id: `genesis ${id}`, type: 'ledger.genesis', meta })
}

const known = new Map<string, Entry>()

/** The same entry is signed once, whichever run asks for it. */
async function signed(key: SigningKey, draft: Draft): Promise<Entry> {
  const id = `${key.publicKey} ${draft.prev} ${draft.id}`
  let entry = known.get(id)
  if (entry === undefined) known.set(id, (entry = await signEntry(key, draft)))
  return entry
}
