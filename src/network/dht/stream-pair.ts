/** Two ends of a stream inside this process: what is sent on one arrives on the other, a microtask later. */
import type { Logger } from '@libp2p/interface'
import { AbstractStream } from '@libp2p/utils'
import type { Uint8ArrayList } from 'uint8arraylist'

interface SendResult {
  sentBytes: number
  canSendMore: boolean
}

class End extends AbstractStream {
  #other: End | undefined

  /**
   * Parted when this end is closed: kad-dht keeps its end for ten seconds more, by a signal that it does not let go,
   * and through the other end that would be the stream and its whole connection.
   */
  join(other: End): void {
    this.#other = other
    this.addEventListener('close', () => {
      this.#other = undefined
    })
  }

  override sendData(data: Uint8ArrayList): SendResult {
    const bytes = data.slice() // the sender goes on using its list
    this.#later((other) => {
      other.onData(bytes)
    })
    return { sentBytes: bytes.byteLength, canSendMore: true }
  }

  override sendReset(): void {
    this.#later((other) => {
      other.onRemoteReset()
    })
  }

  override async sendCloseWrite(): Promise<void> {
    this.#later((other) => {
      other.onRemoteCloseWrite()
    })
    await Promise.resolve()
  }

  override async sendCloseRead(): Promise<void> {
    await Promise.resolve()
  }

  /** Neither side pauses: each has one message in flight at a time. */
  override sendPause(): void {}
  override sendResume(): void {}

  #later(call: (other: End) => void): void {
    const other = this.#other
    if (other === undefined) return
    queueMicrotask(() => {
      if (other.status === 'open' || other.status === 'closing') call(other)
    })
  }
}

export function streamPair(protocol: string, log: Logger): [AbstractStream, AbstractStream] {
  const near = new End({ id: 'near', direction: 'outbound', protocol, log })
  const far = new End({ id: 'far', direction: 'inbound', protocol, log })
  near.join(far)
  far.join(near)
  return [near, far]
}
