import { isViolation } from '../codes.js'
import { introduce } from './client.js'
import { DEADLINES } from './deadlines.js'
import {
  MAX_FRAME_BYTES,
  MAX_INBOUND_STREAMS,
  MAX_OUTBOUND_STREAMS,
  QUOTA_BURST_UNITS,
  QUOTA_UNITS_PER_SECOND
} from './limits.js'
import type { Protocol } from '../protocol.js'
import type { HelloDeadlines } from './contract.js'
import type { HelloSource } from './source.js'

/**
 * One hello protocol to mount; the deadlines that are not given are those of limits.ts. `serve` lasts as long as the
 * session.
 */
export function helloProtocol(deadlines: Partial<HelloDeadlines> = {}): Protocol<HelloSource> {
  const times = { ...DEADLINES, ...deadlines }
  return {
    name: 'hello',
    version: 1,
    limits: {
      maxInboundStreams: MAX_INBOUND_STREAMS,
      maxOutboundStreams: MAX_OUTBOUND_STREAMS,
      maxFrameBytes: MAX_FRAME_BYTES,
      quota: { unitsPerSecond: QUOTA_UNITS_PER_SECOND, burstUnits: QUOTA_BURST_UNITS }
    },
    serve: async (stream, peer, source, signal) => {
      const session = await introduce(stream, source, peer, signal, times)
      await session.run(signal)
      if (isViolation(session.error)) throw session.error
    }
  }
}

export const hello = helloProtocol()
