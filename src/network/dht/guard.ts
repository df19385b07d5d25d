/**
 * Stands between kad-dht and its streams, in both directions (FAULTS S1): a message is cut before kad-dht decodes it,
 * and anything that is not a message of this network never reaches it. The Toll decides how much may arrive, how large
 * it may be, and who is charged.
 */
import type { Connection, Stream } from '@libp2p/interface'
import type { kadDHT } from '@libp2p/kad-dht'
import { FrameStream, WireError } from '../../../protocols/wire.js'
import type { Log } from '../../ports.js'
import { asError, codeOf } from '../network-error.js'
import { MAX_DHT_MESSAGE_BYTES } from '../costs.js'
import { cutMessage, type Side } from './cut-message.js'
import { streamPair } from './stream-pair.js'

/** The components of the host that kad-dht gets. */
export type Components = Parameters<ReturnType<typeof kadDHT>>[0]
type Handler = (stream: Stream, connection: Connection) => void | Promise<void>

/** Milliseconds for one message of a requesting peer to arrive. */
const MESSAGE_TIMEOUT_MS = 10_000

export class DhtGuard {
  readonly #protocol: string
  readonly #log: Log

  constructor(options: { protocol: string; log: Log }) {
    this.#protocol = options.protocol
    this.#log = options.log
  }

  /** The components for kad-dht: its streams go through the guard. */
  guard(components: Components): Components {
    const made: Partial<Components> = {}
    return new Proxy(components, {
      get: (target, name) => {
        if (name === 'registrar')
          return (made.registrar ??= override(target.registrar, 'handle', this.#handling(target.registrar)))
        if (name === 'connectionManager')
          return (made.connectionManager ??= override(
            target.connectionManager,
            'openStream',
            this.#opening(target.connectionManager)
          ))
        return Reflect.get(target, name)
      }
    })
  }

  #handling(registrar: Components['registrar']): Components['registrar']['handle'] {
    return async (protocol, handler, options) => {
      await registrar.handle(
        protocol,
        async (stream, connection) => {
          await this.#serve(stream, connection, handler)
        },
        options
      )
    }
  }

  #opening(manager: Components['connectionManager']): Components['connectionManager']['openStream'] {
    return async (peer, protocols, options) => {
      const stream = await manager.openStream(peer, protocols, options)
      const [ours, theirs] = streamPair(this.#protocol, stream.log)
      void this.#join(peer.toString(), framed(theirs), framed(stream), 'heard')
      return ours
    }
  }

  async #serve(stream: Stream, connection: Connection, handler: Handler): Promise<void> {
    const [ours, theirs] = streamPair(this.#protocol, stream.log)
    // kad-dht ends every stream with an exception, because it reads one message more than there are.
    const served = Promise.resolve(handler(ours, connection)).catch((error: unknown) => {
      ours.abort(asError(error))
    })
    await this.#join(connection.remotePeer.toString(), framed(theirs), framed(stream), 'asked')
    await served
  }

  /** Carries messages both ways until both sides are done. Never rejects. */
  async #join(peer: string, local: FrameStream, remote: FrameStream, side: Side): Promise<void> {
    const carryIn = async (): Promise<void> => {
      for (;;) {
        const message = await remote.read({
          signal: local.closed,
          ...(side === 'asked' ? { timeoutMs: MESSAGE_TIMEOUT_MS } : {})
        })
        if (message === null) break
        await local.write(cutMessage(message, side), { signal: local.closed })
      }
      await local.closeWrite()
    }
    const carryOut = async (): Promise<void> => {
      for (
        let message = await local.read({ signal: remote.closed });
        message !== null;
        message = await local.read({ signal: remote.closed })
      ) {
        await remote.write(cutMessage(message, 'told'), { signal: remote.closed })
      }
      if (remote.writable) await remote.closeWrite()
    }
    try {
      await Promise.all([carryOut(), carryIn()])
    } catch (error) {
      remote.abort(error)
      local.abort(error)
      const fields = { peer, protocol: this.#protocol, code: codeOf(error) }
      if (error instanceof WireError)
        this.#log.debug({ event: 'dht.stream-ended', ...fields, error: error.message }, 'a DHT stream ended early')
      else this.#log.error({ event: 'dht.stream-failed', ...fields, error }, 'a DHT stream failed')
    }
  }
}

function framed(stream: Stream): FrameStream {
  return new FrameStream(stream, MAX_DHT_MESSAGE_BYTES)
}

/** `target` with one other method. Methods of classes with private members need their own `this`. */
function override<T extends object, K extends keyof T>(target: T, key: K, method: T[K]): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name === key) return method
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    }
  })
}
