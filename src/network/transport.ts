import type { Socket } from 'node:net'
import type { Transport, Upgrader } from '@libp2p/interface'
import { lookup, type LookupOptions } from 'node:dns'
import { tcp } from '@libp2p/tcp'
import { boundNegotiation } from './bound-negotiation.js'
import { NOISE } from './encryption.js'
import type { DialPolicy } from './dialling/dial-policy.js'
import { ReadingTurns, type OnSocket } from './reading-turns.js'

type MakeTransport = ReturnType<typeof tcp>
type Connection = Parameters<Upgrader['upgradeInbound']>[0]
/** Members of a TCP connection of libp2p that its type does not declare. */
interface Sending extends OnSocket {
  readonly socket: Socket
  sendData: (data: never) => unknown
}

/**
 * TCP that sends a packet in one system call. Noise passes on the two bytes of its length and the packet separately: as
 * separate system calls these take a tenth of the time of catching up. And TCP whose connections take turns. All dials of this node pass here, whatever
 * caused them: `policy` judges each (FAULTS S10).
 */
export function transport(policy: DialPolicy): MakeTransport {
  const make = tcp()
  const turns = new ReadingTurns()
  return (components) => {
    const made: Transport = make(components)
    const dial = made.dial.bind(made)
    const createListener = made.createListener.bind(made)
    made.dial = async (addr, options) => {
      const named = policy.isNamed(addr)
      const refusal = named ? null : policy.refusal(addr)
      if (refusal !== null) throw new RefusedAddressError(`${addr.toString()}: ${refusal}`)
      const ended = named ? () => {} : policy.begin(addr)
      try {
        // TCP passes options that are not its own to the socket.
        const connection = await dial(addr, {
          ...options,
          upgrader: gathering(options.upgrader, turns),
          ...(named ? {} : { lookup: checkedLookup(policy) })
        })
        ended()
        policy.reached(addr)
        return connection
      } catch (error) {
        ended()
        policy.failed(addr, error)
        throw error
      }
    }
    made.createListener = (options) => createListener({ ...options, upgrader: gathering(options.upgrader, turns) })
    return made
  }
}

/** The address is one that only the operator may name, or it failed too often. */
class RefusedAddressError extends Error {
  override readonly name = 'RefusedAddressError'
}

type Answer = (error: Error | null, address: string | { address: string; family: number }[], family?: number) => void

/** A name from an unknown peer may resolve to any address: those that may not be dialled are left out of the answer. */
function checkedLookup(policy: DialPolicy): (name: string, options: LookupOptions, answer: Answer) => void {
  return (name, options, answer) => {
    lookup(name, { ...options, all: true }, (error, found) => {
      const good = error === null ? found.filter(({ address }) => policy.mayDialIp(address)) : []
      if (error !== null) answer(error, [])
      else if (good.length === 0)
        answer(new RefusedAddressError(`${name} resolves to no address that others may choose`), [])
      else if (options.all === true) answer(null, good)
      else answer(null, good[0]!.address, good[0]!.family)
    })
  }
}

function gathering(upgrader: Upgrader, turns: ReadingTurns): Upgrader {
  return {
    upgradeInbound: async (connection, options) => {
      await upgrader.upgradeInbound(boundNegotiation(gathered(connection, turns), NOISE), options)
    },
    upgradeOutbound: async (connection, options) => upgrader.upgradeOutbound(gathered(connection, turns), options),
    createInboundAbortSignal: (signal) => upgrader.createInboundAbortSignal(signal),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
    getStreamMuxers: () => upgrader.getStreamMuxers()
  }
}

function gathered(connection: Connection, turns: ReadingTurns): Connection {
  if (!isOnSocket(connection)) throw new TypeError('a TCP connection has no socket, or no pause, any more')
  turns.add(connection)
  const { socket } = connection
  const send = connection.sendData.bind(connection)
  connection.sendData = (data) => {
    socket.cork()
    try {
      return send(data)
    } finally {
      // at once: if held until the end of the turn, an announcement would wait for the rest of its publishing
      socket.uncork()
    }
  }
  return connection
}

function isOnSocket(connection: Connection): connection is Connection & Sending {
  return ['socket', 'sendData', 'sendPause', 'sendResume'].every((part) => part in connection)
}
