import type { FrameStream } from './frame-stream.js'

/** One protocol as the network serves it; `Source` provides its answers, as callbacks. */
export interface Protocol<Source> {
  readonly name: string
  readonly version: number
  readonly limits: ProtocolLimits
  /**
   * Serves one inbound stream and leaves it closed. Throws a WireError when the peer broke the protocol, was too slow
   * or left, and whatever the source threw that was no refusal; the peer has then got its code, or a reset.
   */
  serve: (stream: FrameStream, peer: string, source: Source, signal: AbortSignal) => Promise<void>
}

/** Streams are counted per connection and protocol. */
export interface ProtocolLimits {
  maxInboundStreams: number
  maxOutboundStreams: number
  maxFrameBytes: number
  /** Streams that are served at once, over all peers: others wait. Default: no limit but those per peer. */
  maxServed?: number
  /**
   * Quota of one peer, in units of 64 KiB: per second in the long run, and at once after a pause. Default: the host's.
   */
  quota?: { unitsPerSecond: number; burstUnits: number }
}

/** `/ledgermesh/<network>/<name>/<version>`; networks with different names cannot exchange data. */
export function protocolId(network: string, { name, version }: Pick<Protocol<never>, 'name' | 'version'>): string {
  return `/ledgermesh/${network}/${name}/${version}`
}
