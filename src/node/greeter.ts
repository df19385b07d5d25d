/** Opens the hello stream to connected peers, again and again: a connection without hello is of no use. */
import { hello, openHello, type HelloSource } from '../../protocols/hello/index.js'
import { WireError } from '../../protocols/wire.js'
import { mount, NetworkError, type Host, type Mount } from '../network/host.js'
import type { Clock, Log, Random } from '../ports.js'

const HELLO_TIMEOUT_MS = 15_000
/** After a hello that did not come about, or ended while the connection lasts. */
const RETRY_MS = { first: 1_000, last: 60_000 }

const REFUSED = 'it is not of this network, or one side refuses the other'

/** The serving side of hello: whoever is refused is disconnected as well. */
export function helloMount (source: HelloSource, host: () => Host): Mount {
  const served = mount(hello, source)
  return {
    ...served,
    serve: async (stream, peer, signal) => {
      try {
        await served.serve(stream, peer, signal)
      } catch (error) {
        if (isRefusal(error)) host().drop(peer, REFUSED, 0)
        throw error
      }
    }
  }
}

function isRefusal (error: unknown): boolean {
  return error instanceof WireError && error.code === 'DENIED'
}

export interface GreeterInit {
  host: Host
  source: () => HelloSource
  /** Has the peer introduced itself? */
  isGreeted: (peer: string) => boolean
  clock: Clock
  random: Random
  log: Log
  stopping: AbortSignal
}

export class Greeter {
  readonly #init: GreeterInit
  /** Connected peers that this side greets, with the wait before the next attempt in ms; null: one is under way. */
  readonly #peers = new Map<string, number | null>()

  constructor (init: GreeterInit) {
    this.#init = init
  }

  /** The peer is connected, and it is for this side to speak first. */
  add (peer: string): void {
    this.#peers.set(peer, RETRY_MS.first)
    this.#greet(peer)
  }

  remove (peer: string): void {
    this.#peers.delete(peer)
  }

  /** A session ended; its connection may last. */
  again (peer: string): void {
    const wait = this.#peers.get(peer)
    if (wait == null) return
    this.#init.clock.after(wait * (0.5 + this.#init.random.next()), () => { this.#greet(peer) })
  }

  #greet (peer: string): void {
    const { isGreeted, stopping, log, host } = this.#init
    const wait = this.#peers.get(peer)
    if (wait == null || isGreeted(peer) || stopping.aborted) return
    this.#peers.set(peer, null)
    const settled = (nextMs: number): void => { if (this.#peers.get(peer) === null) this.#peers.set(peer, nextMs) }
    this.#open(peer).then(() => { settled(RETRY_MS.first) }, (error: Error) => {
      if (stopping.aborted) return
      log.debug({ peer, error: error.message }, 'a peer does not say hello')
      settled(Math.min(2 * wait, RETRY_MS.last))
      // Who does not even know the protocol belongs to another network.
      if (isRefusal(error) || (error instanceof NetworkError && error.code === 'UNSUPPORTED')) host.drop(peer, REFUSED, 0)
      else this.again(peer)
    })
  }

  async #open (peer: string): Promise<void> {
    const { host, source, stopping } = this.#init
    const stream = await host.open(peer, hello, AbortSignal.any([stopping, AbortSignal.timeout(HELLO_TIMEOUT_MS)]))
    await openHello(stream, source(), peer, stopping)
  }
}
