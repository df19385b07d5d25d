import type { Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'

/**
 * Bytes that one connection, and all of them together, may hand over in one turn of the event loop; then a connection
 * that has handed over something waits for the next turn. libuv alone reads up to 2 MiB from a socket before it looks
 * at the next one, and every message in it is handled at once: with four peers that flood, an honest one's question
 * waited half a second for each of its round trips.
 */
const TURN_BYTES = 256 * 1024
const TURN_BYTES_IN_ALL = 512 * 1024

/** Members of a TCP connection of libp2p that its type does not declare. */
export interface OnSocket {
  readonly socket: Pick<Socket, 'on' | 'pause' | 'resume'>
  sendPause: () => void
  sendResume: () => void
}

/** Lets all connections have their turn, however much there is to be read from some. */
export class ReadingTurns {
  readonly #nextTurn: (call: () => void) => void
  readonly #waiting = new Set<() => void>()
  readonly #bytes = new Map<object, number>()
  #sum = 0

  /** `nextTurn`: calls back when the event loop has looked at all sockets; the system's own by default. */
  constructor(nextTurn: (call: () => void) => void = setImmediate) {
    this.#nextTurn = nextTurn
  }

  /** To be called when the connection has its own listener for data. */
  add(connection: MultiaddrConnection & OnSocket): void {
    const { socket } = connection
    const [pause, resume] = [connection.sendPause.bind(connection), connection.sendResume.bind(connection)]
    let isPaused = false
    let isWaiting = false
    connection.sendPause = () => {
      isPaused = true
      pause()
    }
    connection.sendResume = () => {
      isPaused = false
      if (!isWaiting) resume()
    }
    socket.on('data', ({ byteLength }: Buffer) => {
      if (!this.#isOver(connection, byteLength) || isWaiting) return
      isWaiting = true
      socket.pause()
      this.#waiting.add(() => {
        isWaiting = false
        if (!isPaused) socket.resume()
      })
    })
  }

  #isOver(connection: object, byteLength: number): boolean {
    if (this.#sum === 0)
      this.#nextTurn(() => {
        this.#begin()
      })
    const bytes = (this.#bytes.get(connection) ?? 0) + byteLength
    this.#bytes.set(connection, bytes)
    this.#sum += byteLength
    return bytes >= TURN_BYTES || this.#sum >= TURN_BYTES_IN_ALL
  }

  #begin(): void {
    this.#sum = 0
    this.#bytes.clear()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const goOn of waiting) goOn()
  }
}
