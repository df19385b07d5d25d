import type { Entry } from '../../core/entry.js'
import { ledgerRange, seqOf, tileKey } from '../../store/keys.js'
import { STORED_LEVELS, Tree } from '../read/tree.js'
import type { Checked } from './checked.js'

interface Expected {
  level: number
  index: number
  value: Uint8Array
}

/** Stands for an entry that cannot be read: nodes above it are not compared. */
const UNKNOWN = '00'.repeat(32)

/** Checks the stored tree nodes against those computed from the entries. */
export class TreeCheck {
  readonly #ledger: Checked
  readonly #tree: Tree
  /** Ranges of level-8 nodes that hold an unreadable entry. */
  readonly #blind = new Set<number>()
  #expected: Expected[] = []
  #size = 0
  #loaded = false

  constructor(ledger: Checked) {
    this.#ledger = ledger
    this.#tree = new Tree(ledger.store, ledger.reader)
  }

  take(seq: number, entry: Entry | null): void {
    if (!this.#loaded) this.#tree.start()
    this.#loaded = true
    for (; this.#size < seq; this.#size++) this.#push(this.#size, null)
    this.#push(seq, entry)
    this.#size = seq + 1
  }

  #push(seq: number, entry: Entry | null): void {
    if (entry === null) this.#blind.add(Math.floor(seq / 2 ** STORED_LEVELS[0]))
    for (const op of this.#tree.push(entry?.hash ?? UNKNOWN, seq, entry?.header.timestamp ?? 0)) {
      if (op.type !== 'put') continue
      const level = op.key[5]!
      this.#expected.push({ level, index: Math.floor(seq / 2 ** level), value: op.value })
    }
  }

  /** Compares the nodes that were completed since the last call. */
  async compare(): Promise<void> {
    const { store, ledgerNumber, id, damage } = this.#ledger
    const expected = this.#expected
    this.#expected = []
    const found = await store.getMany(expected.map(({ level, index }) => tileKey(ledgerNumber, level, index)))
    for (const [i, { level, index, value }] of expected.entries()) {
      const seq = (index + 1) * 2 ** level - 1
      const stored = found[i]
      if (stored === undefined)
        damage.add('missing-tree-node', id, seq, `tree node ${index} of level ${level} is missing`)
      else if (!this.#isBlind(level, index) && !stored.equals(value))
        damage.add('wrong-tree-node', id, seq, `tree node ${index} of level ${level} is not the one over its entries`)
    }
  }

  /** Nodes that no entries are below. */
  async finish(end: number): Promise<void> {
    const { store, ledgerNumber, id, damage } = this.#ledger
    for (const key of await store.keys(ledgerRange('tile', ledgerNumber))) {
      const level = key.length === 12 ? key[5]! : -1
      const index = level < 0 ? 0 : seqOf(key)
      const known = (STORED_LEVELS as readonly number[]).includes(level)
      if (!known || (index + 1) * 2 ** level > end)
        damage.add('wrong-tree-node', id, null, `tree node ${index} of level ${level} belongs to no entries`)
    }
  }

  #isBlind(level: number, index: number): boolean {
    const width = 2 ** (level - STORED_LEVELS[0])
    for (const blind of this.#blind) if (Math.floor(blind / width) === index) return true
    return false
  }
}
