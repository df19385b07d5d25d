/**
 * A node's own idea of the time: off by so much, too fast or too slow, and set anew now and then. Its timers are not: a
 * timer measures, a clock is set.
 */
import { EPOCH, type World } from './world.js'

export class NodeClock {
  /** ms ahead of the world. */
  offset = 0
  /** 1: neither fast nor slow. */
  rate = 1
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** In whole ms since the epoch, like Date.now(). */
  now(): number {
    return Math.floor(EPOCH + (this.#world.now - EPOCH) * this.rate + this.offset)
  }

  /** What a timer is set to that is to end then. */
  until(at: number): number {
    return at - this.now()
  }
}
