/** Branches of a ledger whose keys are in several hands, and nodes that hand them over. */
import type { WireHead, WireKeyEntry } from '../../protocols/wire.js'
import { keyHash } from '../../src/core/chain.js'
import { ledgerOf, type Entry } from '../../src/core/entry.js'
import { sha256 } from '../../src/core/hash.js'
import { signingKeyFromSeed, type SigningKey } from '../../src/core/keys.js'
import { NETWORK, signEntry } from './histories.js'
import { SimNode, type Served } from './sim-node.js'
import type { World } from './world.js'

export const KEYS = Array.from({ length: 5 }, (_, n) =>
  signingKeyFromSeed(Buffer.from(sha256(Buffer.from(`thieves key ${n}`)), 'hex'))
)

/** Who may read, as these say: R6's rights. */
export interface Says {
  grants?: readonly number[]
  revokes?: readonly number[]
  reader: string
}

/**
 * `says`: at these seqs it lets a reader in, and takes the right away. `keys`: from the key that is in force at the end
 * of `start` on; it rotates at these seqs.
 */
export async function extend(
  start: readonly Entry[],
  length: number,
  name: string,
  keys: readonly SigningKey[],
  rotations: readonly number[],
  { grants = [], revokes = [], reader }: Says = { reader: '' }
): Promise<Entry[]> {
  const entries = [...start]
  let [key, next] = keys as [SigningKey, SigningKey]
  let used = 1
  while (entries.length < length) {
    const seq = entries.length
    const rotates = rotations.includes(seq)
    if (rotates) {
      key = next
      next = keys[++used] ?? KEYS[4]!
    }
    const access = grants.includes(seq) || revokes.includes(seq)
    const type = seq === 0 ? 'ledger.genesis' : rotates ? 'ledger.rotate-key' : access ? 'ledger.access' : 'note'
    const committed = { next_key_hash: keyHash(next.publicKey) }
    const meta = {
      ...(seq === 0 && { network: NETWORK, name: 'robbed', access: 'public' }),
      ...((seq === 0 || rotates) && committed),
      ...(access && {
        grant: grants.includes(seq) ? [{ ledger: reader, scope: 'full' }] : [],
        revoke: revokes.includes(seq) ? [reader] : [],
        trust_milli: null
      })
    }
    entries.push(
      await signEntry(key, {
        ledger: seq === 0 ? null : ledgerOf(entries[0]!),
        seq,
        prev: entries.at(-1)?.hash ?? null,
        id: `${name} ${seq}`,
        type,
        meta
      })
    )
  }
  return entries
}

/** Serves a history that it did not make, and tells this evidence with every head. */
export class Holder extends SimNode {
  readonly #entries: readonly Entry[]
  readonly #evidence: Uint8Array | null
  readonly #shown: readonly Entry[] | null

  /** `shown`: key entries, other than those of the history. */
  constructor(
    world: World,
    id: string,
    entries: readonly Entry[],
    { evidence = null, shown = null }: { evidence?: Uint8Array | null; shown?: readonly Entry[] | null } = {}
  ) {
    super(world, id, [])
    this.#entries = entries
    this.#evidence = evidence
    this.#shown = shown
  }

  protected override serves(_peer: string, ledger: string): Served {
    return ledger === ledgerOf(this.#entries[0]!)
      ? { entries: this.#entries, size: this.#entries.length }
      : { entries: [], size: 0 }
  }

  override async head(...asked: Parameters<SimNode['head']>): Promise<WireHead | null> {
    const head = await super.head(...asked)
    return head === null ? null : { ...head, evidence: this.#evidence }
  }

  override keyEntries(peer: string, ledger: string): WireKeyEntry[] {
    return this.#shown === null ? super.keyEntries(peer, ledger) : this.#shown.map(({ raw }) => raw)
  }

  /** Unasked, to whoever comes. */
  override connected(peer: string): void {
    if (this.#evidence !== null)
      this.world.send(this.id, peer, (node) => {
        node.told(this.id, ledgerOf(this.#entries[0]!), this.#evidence!)
      })
  }
}
