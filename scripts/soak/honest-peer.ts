/** A peer with a ledger that the daemon follows: it asks, pulls, and publishes. */
import { fetchRange, pull } from '../../protocols/pull/index.js'
import { Author } from '../../test/core/author.js'
import { TestPeer } from '../../test/helpers/test-peer.js'
import { within } from '../../test/network/fixture.js'
import type { AbusedDaemon } from './abused-daemon.js'
import { waitedMs } from './waited.js'

/** ms after which it gives up. */
const PATIENCE_MS = 20_000
const SLOW_MS = 1_000
const PAUSE_MS = 50
/**
 * Requests between two looks at the daemon's memory, and looks at most; MiB that it may grow between two when it is
 * warm.
 */
const LOOK_EVERY = 25
const MAX_LOOKS = 20
const LEVEL_MIB = 1

/**
 * ms until it was served, and of these: how long it or the daemon waited for a core, of a machine that does other
 * things besides.
 */
export interface Served {
  ms: number
  queuedMs: number
}

export class HonestPeer {
  readonly #daemon: AbusedDaemon
  readonly #peer: TestPeer
  readonly #author: Author

  private constructor(daemon: AbusedDaemon, peer: TestPeer, author: Author) {
    this.#daemon = daemon
    this.#peer = peer
    this.#author = author
  }

  /**
   * Asks until the daemon's own memory is level, before the first attack: what it needs anyway is not counted as the
   * attacker's.
   */
  static async start(daemon: AbusedDaemon): Promise<HonestPeer> {
    const author = await Author.create()
    const peer = await TestPeer.start({ authors: [author] })
    await peer.connect(daemon.addr)
    await daemon.client.call('sync.follow', { ledger: author.ledger })
    const honest = new HonestPeer(daemon, peer, author)
    let before = 0
    for (let looks = 0; looks < MAX_LOOKS; looks++) {
      for (let asked = 0; asked < LOOK_EVERY; asked++) await honest.#serve()
      const now = await daemon.ownMiB()
      if (looks > 1 && now - before <= LEVEL_MIB) break
      before = now
    }
    return honest
  }

  /** A question, a pull, and a new entry that the daemon takes over. And then a pause. */
  async served(): Promise<Served> {
    const [own, daemons] = [await waitedMs('self'), await this.#daemon.waitedMs()]
    const ms = await this.#serve()
    // One of them may have waited while the other did: no more than the longer is taken off.
    const queuedMs = Math.max((await waitedMs('self')) - own, (await this.#daemon.waitedMs()) - daemons)
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS)
    })
    return { ms, queuedMs }
  }

  async #serve(): Promise<number> {
    const start = performance.now()
    const marks: number[] = []
    const signal = within(PATIENCE_MS)
    const { ledger, peerId } = this.#daemon
    const session = this.#peer.sessions.get(peerId)
    try {
      if (session === undefined) throw new Error('the honest peer is not connected any more')
      await session.askHeads([{ ledger, size: 0 }], { signal })
      marks.push(performance.now())
      const stream = await this.#peer.host.open(peerId, pull, signal)
      await fetchRange(stream, { ledger, from: 0, count: 1, want: 'full' }, { signal })
      marks.push(performance.now())
      await this.#author.append()
      session.tellHeads([this.#peer.head(this.#author.ledger)])
      for (let size = 0; size < this.#author.size;) {
        signal.throwIfAborted()
        size = (await this.#daemon.client.call('sync.status', { ledger: this.#author.ledger })).ledgers[0]!.size
        await new Promise((resolve) => {
          setTimeout(resolve, 10)
        })
      }
    } catch (error) {
      console.error(
        `the honest peer was not served after ${Math.round(performance.now() - start)} ms, marks ${marks.length}: ${(error as Error).stack}`
      )
      return Math.max(PATIENCE_MS, performance.now() - start)
    }
    const took = performance.now() - start
    if (took > SLOW_MS)
      console.error(
        `slow: asked ${Math.round(marks[0]! - start)} pulled ${Math.round(marks[1]! - start)} followed ${Math.round(took)}`
      )
    return took
  }
}
