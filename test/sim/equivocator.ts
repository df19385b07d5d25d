/** An author with two histories, which shows each half of the network another one. */
import type { Entry } from '../../src/core/entry.js'
import { AuthorNode, type AuthorInit } from './author.js'
import type { Served } from './sim-node.js'
import type { World } from './world.js'

export class Equivocator extends AuthorNode {
  #forkAt: number | null = null
  #branch: Entry[] = []

  static override async create(world: World, init: AuthorInit): Promise<Equivocator> {
    return (await super.create(world, init)) as Equivocator
  }

  /** Null also while the two histories are still the same. */
  override get forkAt(): number | null {
    return this.own.size > (this.#forkAt ?? Infinity) ? this.#forkAt : null
  }

  /** The last `depth` entries become one of two histories. */
  async fork(depth: number): Promise<void> {
    this.#forkAt = Math.max(1, this.own.size - depth)
    this.#branch = this.own.entries.slice(0, this.#forkAt)
    while (this.#branch.length < this.own.size) this.#branch.push(await this.sign(this.#branch, 'b'))
    await this.append()
  }

  /** It does not want to know of evidence, nor of what it forgot. */
  override holds(ledger: string): boolean {
    return ledger !== this.ledger && super.holds(ledger)
  }

  /** To each half of the network its own story. */
  override async append(count = 1): Promise<void> {
    if (!this.alive) return
    for (let n = 0; n < count; n++) {
      await this.write()
      if (this.#forkAt !== null) this.#branch.push(await this.sign(this.#branch, 'b'))
    }
    for (const peer of this.world.linksOf(this.id)) {
      const { raw } = this.serves(peer, this.ledger).entries[this.own.size - 1]!
      this.world.send(this.id, peer, (node) => {
        node.announced(this.id, this.ledger, raw)
      })
    }
  }

  protected override serves(peer: string, ledger: string): Served {
    if (ledger !== this.ledger || this.#forkAt === null) return super.serves(peer, ledger)
    return { entries: Number(peer.slice(1)) % 2 === 0 ? this.own.entries : this.#branch, size: this.own.size }
  }
}
