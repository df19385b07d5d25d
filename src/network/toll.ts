import type { Connection, Stream, StreamMiddleware } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { Clock, Log } from '../ports.js'
import type { Over, Payer } from './account.js'
import type { RateLimiter } from './rate-limiter.js'
import { hostOf, isLoopback } from './inbound.js'
import type { Load } from './load-monitor.js'
import { MessageScan } from './message-scan.js'
import type { Held } from './held.js'
import { UNIT_BYTES, type QuotaLimits } from './quota.js'
import { StreamCount } from './stream-count.js'
import type { ProtocolCost } from './costs.js'
import { Unfinished } from './unfinished.js'

/** Milliseconds that a peer is refused after it was repeatedly over its quota, or sent too large a message. */
const BAN_MS = 60_000
/** How often a peer may be refused: per second in the long run, and at once. Then it is disconnected. */
const PATIENCE: QuotaLimits = { unitsPerSecond: 2, burstUnits: 128 }
/** Units of a message that this node asked for. */
const ASKED_UNITS = 1 / 64
/** Extra units of an empty message: there is no reason to send one, and reading it takes as long as any other. */
const EMPTY_UNITS = 1

type Bytes = Uint8Array | Uint8ArrayList
/** Members of a libp2p stream that its type does not declare. */
interface OnBytes {
  onData: (data: Bytes) => void
  readonly readBuffer: Uint8ArrayList
}

export interface TollOptions {
  limiter: RateLimiter
  held: Held
  load: Load
  clock: Clock
  log: Log
  countLoopback: boolean
  drop: (peer: string, reason: string, banMs: number) => void
}

/**
 * Counts what remotes send on the streams of libp2p's own protocols before it is stored anywhere: streams, messages and
 * bytes, by peer and by host.
 */
export class Toll {
  readonly #options: TollOptions
  readonly #meters = new Map<string, (stream: Stream, connection: Connection) => void>()
  readonly #unfinished: Unfinished
  #served: () => readonly string[] = () => []

  constructor(options: TollOptions) {
    this.#options = options
    this.#unfinished = new Unfinished(options.clock, options.held)
  }

  /** One of libp2p's own protocols, with all its versions. */
  cover(cost: ProtocolCost): void {
    const count = new StreamCount(cost.streams)
    for (const protocol of cost.protocols)
      this.#meters.set(protocol, (stream, connection) => {
        this.#meter(cost, count, stream, this.payer(connection))
      })
  }

  /** One of our protocols: its streams charge themselves, frame by frame. */
  covered(protocol: string): void {
    this.#meters.set(protocol, () => {})
  }

  /**
   * The libp2p service: every stream passes here before its handler sees it, whichever side opened it. A protocol
   * without costs is not served. (`node.use` would be the way, but in libp2p 3.3.11 each inbound stream adds its
   * handler to the list that was given there, for all later streams, outbound ones too.)
   */
  service(): (components: {
    registrar: { getProtocols: () => string[]; getMiddleware: (protocol: string) => StreamMiddleware[] }
  }) => object {
    return ({ registrar }) => {
      this.#served = () => registrar.getProtocols()
      registrar.getMiddleware = (protocol) => [
        (stream, connection, next) => {
          const meter = this.#meters.get(protocol)
          if (meter === undefined) throw new Error(`no costs are defined for ${protocol}`)
          meter(stream, connection)
          next(stream, connection)
        }
      ]
      return {}
    }
  }

  /** Protocols without costs. */
  uncovered(protocols: readonly string[]): string[] {
    return protocols.filter((protocol) => !this.#meters.has(protocol))
  }

  /** Is it a protocol that this node serves now? */
  isServed(protocol: string): boolean {
    return this.#served().includes(protocol)
  }

  payer(connection: Pick<Connection, 'remotePeer' | 'remoteAddr'>): Payer {
    const host = hostOf(connection.remoteAddr.toString())
    return {
      peer: connection.remotePeer.toString(),
      host: host !== null && !this.#options.countLoopback && isLoopback(host) ? null : host
    }
  }

  /** Throws when the stream is refused: libp2p resets it then. */
  #meter(cost: ProtocolCost, count: StreamCount, stream: Stream, payer: Payer): void {
    if (!isOnBytes(stream)) throw new TypeError('a libp2p stream has no onData any more')
    // libp2p negotiates and writes to disk before this: a stream that ended meanwhile never says again that it closed,
    // so its place and its timer, and through that the whole lost connection, would not be given back.
    if (stream.status !== 'open' && stream.status !== 'closing') throw new Error(`${cost.name}: the stream has ended`)
    const theirs = stream.direction === 'inbound'
    if (theirs) {
      const over = this.#over(cost, payer, cost.streamUnits)
      if (over !== null) throw this.#refuse(cost, payer, 'too many streams', over)
      const leave = count.enter(payer)
      if (typeof leave === 'string') throw this.#refuse(cost, payer, 'too many streams at once', leave)
      stream.addEventListener('close', leave, { once: true })
    }
    if (cost.maxStreamMs !== Infinity) {
      const cancel = this.#options.clock.after(cost.maxStreamMs, () => {
        stream.abort(new Error('a stream that lived too long'))
      })
      stream.addEventListener('close', cancel, { once: true })
    }
    const admit = this.#gate(cost, stream, payer, theirs)
    const early = stream.readBuffer.byteLength === 0 ? null : admit(stream.readBuffer)
    if (early !== null) throw early
    const onData = stream.onData.bind(stream)
    stream.onData = (data) => {
      if (stream.readStatus === 'closed') return
      const refused = admit(data)
      if (refused === null) onData(data)
      else stream.abort(refused)
    }
  }

  /** Decides about each chunk that the remote sends on one stream: null accepts it. */
  #gate(cost: ProtocolCost, stream: Stream, payer: Payer, theirs: boolean): (data: Bytes) => Error | null {
    const scan = new MessageScan(cost.framing, cost.maxMessageBytes)
    const unfinished = this.#unfinished.watch(payer, stream)
    let left = theirs ? cost.maxStreamBytes.they : cost.maxStreamBytes.we
    return (data) => {
      left -= data.byteLength
      if (left < 0) return this.#refuse(cost, payer, 'more bytes than a stream may have', 'peer')
      const messages = scan.count(data)
      if (scan.oversize) return this.#gone(cost, payer, `a message of more than ${cost.maxMessageBytes} bytes`)
      if (theirs) {
        const over = this.#over(
          cost,
          payer,
          messages * cost.messageUnits + scan.empty * EMPTY_UNITS + data.byteLength / UNIT_BYTES
        )
        if (over !== null) return this.#refuse(cost, payer, 'over its quota', over)
      } else {
        this.#options.limiter.note(payer, cost.name, messages * ASKED_UNITS, cost.quota)
      }
      return unfinished(scan.unfinished, messages > 0)
        ? null
        : this.#refuse(cost, payer, 'too many unfinished messages', 'others')
    }
  }

  #over(cost: ProtocolCost, payer: Payer, units: number): Over | null {
    const factor = cost.over === 'reset' ? this.#options.load.costFactor : 1
    return this.#options.limiter.take(payer, cost.name, units * factor, cost.quota)
  }

  /**
   * Counted against the peer only if it alone is the cause: not other peers behind its address, and not this node's own
   * load.
   */
  #refuse(cost: ProtocolCost, payer: Payer, reason: string, cause: 'peer' | 'host' | 'others'): Error {
    const { limiter, load, log } = this.#options
    if (cause === 'peer') {
      if (cost.over === 'drop') return this.#gone(cost, payer, reason)
      if (load.level === 'normal' && limiter.take({ ...payer, host: null }, 'refused', 1, PATIENCE) !== null)
        return this.#gone(cost, payer, `${reason}, repeatedly`)
    }
    log.debug(
      { event: 'protocol.stream-refused', peer: payer.peer, protocol: cost.name, reason, cause },
      'a stream was refused'
    )
    return new Error(`${cost.name}: ${reason}`)
  }

  #gone(cost: ProtocolCost, { peer }: Payer, reason: string): Error {
    this.#options.drop(peer, `${cost.name}: ${reason}`, BAN_MS)
    return new Error(`${cost.name}: ${reason}`)
  }
}

function isOnBytes(stream: Stream): stream is Stream & OnBytes {
  return 'onData' in stream && 'readBuffer' in stream
}
