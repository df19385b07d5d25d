/**
 * An author that leaves an entry unsigned and goes on: whoever passes it on in good faith cannot know (I4: the author's
 * fault, never the peer's).
 */
import { Equivocator } from './equivocator.js'
import type { AuthorInit } from './author.js'
import type { World } from './world.js'

export class Sloppy extends Equivocator {
  #unsignedAt: number | null = null

  static override async create(world: World, init: AuthorInit): Promise<Sloppy> {
    return (await super.create(world, init)) as Sloppy
  }

  override get forkAt(): number | null {
    return this.#unsignedAt
  }

  /** One that is not signed, and one behind it that is: at once, for nobody would take the first one alone. */
  async leaveUnsigned(): Promise<void> {
    if (this.#unsignedAt !== null || !this.alive) return
    const at = this.own.size
    const bad = await this.sign(this.own.entries, 'u', true)
    const good = await this.sign([...this.own.entries, bad], 'a')
    // Something else was added meanwhile.
    if (this.own.size !== at) return await this.leaveUnsigned()
    this.commit([bad, good])
    this.#unsignedAt = at
    await this.append()
  }
}
