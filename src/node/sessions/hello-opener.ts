/** Opens the hello stream to connected peers, with retries: a connection without hello is of no use. */
import { Backoff } from '../../core/backoff.js'
import { hello, openHello, type HelloSource } from '../../../protocols/hello/index.js'
import { WireError } from '../../../protocols/wire.js'
import { protocolHandler, NetworkError, type Host, type ProtocolHandler } from '../../network/host.js'
import type { Clock, Log, Random } from '../../ports.js'
import { deadline } from '../runtime/deadline.js'

const HELLO_TIMEOUT_MS = 15_000
/** Delays after a failed hello, or one that ended while the connection lasts. */
const RETRY_MS = { first: 1_000, last: 60_000 }

const REFUSED = 'it is not of this network, or one side refuses the other'

/** The serving side of hello: a refused peer is also disconnected. */
export function helloHandler(source: HelloSource, host: () => Host): ProtocolHandler {
  const served = protocolHandler(hello, source)
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

function isRefusal(error: unknown): boolean {
  return error instanceof WireError && error.code === 'DENIED'
}

export interface HelloOpenerInit {
  host: Host
  source: () => HelloSource
  /** Has the peer introduced itself? */
  isGreeted: (peer: string) => boolean
  clock: Clock
  random: Random
  log: Log
  stopping: AbortSignal
}

/** `opening`: an attempt is under way. */
interface Greeted {
  readonly backoff: Backoff
  opening: boolean
}

export class HelloOpener {
  readonly #init: HelloOpenerInit
  /** Connected peers to which this side opens the hello stream. */
  readonly #peers = new Map<string, Greeted>()

  constructor(init: HelloOpenerInit) {
    this.#init = init
  }

  /** The peer is connected, and this side has to speak first. */
  add(peer: string): void {
    this.#peers.set(peer, { backoff: new Backoff(RETRY_MS, this.#init.random), opening: false })
    this.#greet(peer)
  }

  /** One more connection with the peer: a hello stream is opened on it, too. */
  also(peer: string, connection: string): void {
    const { stopping, log } = this.#init
    this.#openOn(peer, connection).catch((error: Error) => {
      if (!stopping.aborted)
        log.debug(
          { event: 'hello.extra-failed', peer, connection, error: error.message },
          'no hello on an additional connection'
        )
    })
  }

  remove(peer: string): void {
    this.#peers.delete(peer)
  }

  /** A session ended; its connection may last. */
  again(peer: string): void {
    const greeted = this.#peers.get(peer)
    if (greeted === undefined || greeted.opening) return
    this.#init.clock.after(greeted.backoff.next(), () => {
      this.#greet(peer)
    })
  }

  #greet(peer: string): void {
    const { isGreeted, stopping, log, host } = this.#init
    const greeted = this.#peers.get(peer)
    if (greeted === undefined || greeted.opening || isGreeted(peer) || stopping.aborted) return
    greeted.opening = true
    this.#open(peer)
      .then(() => {
        greeted.backoff.reset()
      })
      .catch((error: Error) => {
        if (stopping.aborted) return
        log.debug({ event: 'hello.failed', peer, error: error.message }, 'the hello exchange failed')
        greeted.opening = false
        // A peer that does not know the protocol belongs to another network.
        if (isRefusal(error) || (error instanceof NetworkError && error.code === 'UNSUPPORTED'))
          host.drop(peer, REFUSED, 0)
        else this.again(peer)
      })
      .finally(() => {
        greeted.opening = false
      })
  }

  async #openOn(peer: string, connection: string): Promise<void> {
    const { host, source, clock, stopping } = this.#init
    const stream = await host.openOn(peer, connection, hello, deadline(clock, HELLO_TIMEOUT_MS, stopping))
    await openHello(stream, source(), peer, stopping)
  }

  async #open(peer: string): Promise<void> {
    const { host, source, clock, stopping } = this.#init
    const stream = await host.open(peer, hello, deadline(clock, HELLO_TIMEOUT_MS, stopping))
    await openHello(stream, source(), peer, stopping)
  }
}
