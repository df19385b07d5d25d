import { noise } from '@libp2p/noise'
import { boundNegotiation } from './bound-negotiation.js'

/** As multistream-select names them. */
export const NOISE = '/noise'
const YAMUX = '/yamux/1.0.0'

/**
 * Noise. Whoever does not say in the handshake which multiplexer it speaks negotiates it afterwards: what it says then
 * is bounded. `prologue`: what both sides have to know, or there is no handshake.
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
