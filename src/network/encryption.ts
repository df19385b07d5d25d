import { noise } from '@libp2p/noise'
import { boundNegotiation } from './bound-negotiation.js'

/** The names in multistream-select. */
export const NOISE = '/noise'
const YAMUX = '/yamux/1.0.0'

/**
 * Noise. A peer that does not name its multiplexer in the handshake negotiates it afterwards: that negotiation is
 * bounded. `prologue`: bytes that both sides must share, or the handshake fails.
 */
export function encryption(prologue: Uint8Array | undefined): ReturnType<typeof noise> {
  const make = noise(prologue === undefined ? {} : { prologueBytes: prologue })
  return (components) => {
    const made = make(components)
    const secure = made.secureInbound.bind(made)
    made.secureInbound = async (connection, options) => {
      const secured = await secure(connection, options)
      return secured.streamMuxer === undefined
        ? { ...secured, connection: boundNegotiation(secured.connection, YAMUX) }
        : secured
    }
    return made
  }
}
