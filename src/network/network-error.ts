/**
 * What can go wrong below the protocols. BAD_ADDRESS: not one of ours, or our own. UNREACHABLE: no answer in time, or
 * no address is known. WRONG_PEER: another peer answered, or the pre-shared key differs. BANNED: dropped by this node
 * and not yet allowed again. UNSUPPORTED: the peer does not speak the protocol. LISTEN_FAILED: an address to listen on
 * is in use or not of this machine. CLOSED: this host is not running.
 */
export type NetworkErrorCode =
  | 'BAD_ADDRESS'
  | 'UNREACHABLE'
  | 'WRONG_PEER'
  | 'BANNED'
  | 'UNSUPPORTED'
  | 'BUSY'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'TOO_LARGE'
  | 'LISTEN_FAILED'
  | 'CLOSED'

/** The only error that src/network throws: `code` decides, `message` explains. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError'
  readonly code: NetworkErrorCode

  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  /** A peer answered, but its handshake does not decrypt: the pre-shared keys differ. */
  get noHandshake(): boolean {
    // libp2p wraps the error, also when another peer answers: only its text tells
    return this.#inner().some(({ message }) => /decryption/.test(message))
  }

  /** A peer answered, finished the handshake, and closed the connection at once. */
  get wasClosed(): boolean {
    return this.#inner().some(({ name }) => name === 'ConnectionClosedError')
  }

  /** The peer, or this machine, was too busy: the connection was there, or on its way, when the time was over. */
  get wasLate(): boolean {
    return this.#inner().some(
      (one) => one.name === 'TimeoutError' || (one instanceof NetworkError && one.code === 'TIMEOUT')
    )
  }

  #inner(): Error[] {
    return this.cause instanceof AggregateError ? this.cause.errors.map(asError) : [asError(this.cause)]
  }
}

const BY_NAME: Record<string, NetworkErrorCode> = {
  UnsupportedProtocolError: 'UNSUPPORTED',
  UnexpectedPeerError: 'WRONG_PEER',
  EncryptionFailedError: 'WRONG_PEER',
  InvalidCryptoExchangeError: 'WRONG_PEER',
  DialDeniedError: 'BANNED',
  ConnectionDeniedError: 'BANNED',
  ConnectionInterceptedError: 'BANNED',
  TooManyOutboundProtocolStreamsError: 'BUSY',
  TransportUnavailableError: 'BAD_ADDRESS',
  InvalidMultiaddrError: 'BAD_ADDRESS',
  UnsupportedListenAddressesError: 'LISTEN_FAILED',
  UnsupportedListenAddressError: 'LISTEN_FAILED',
  NotStartedError: 'CLOSED'
}

/**
 * libp2p also rejects with events that are no Errors (StreamResetEvent): the Error inside, or one made from the event.
 */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  if (typeof thrown === 'object' && thrown !== null && 'error' in thrown && thrown.error instanceof Error)
    return thrown.error
  return new Error(typeof thrown === 'string' ? thrown : `not an error: ${Object.prototype.toString.call(thrown)}`)
}

/** The code in a thrown value of ours (network/ or protocols/), or its name, for log lines. */
export function codeOf(thrown: unknown): string {
  const error = asError(thrown)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** Did another peer answer than the one that was dialled? */
export function isWrongPeer(thrown: unknown): boolean {
  return asError(thrown).name === 'UnexpectedPeerError'
}

/**
 * Any thrown value as a NetworkError; `otherwise` is the code when no other fits. A signal that fired decides first.
 */
export function toNetworkError(
  thrown: unknown,
  what: string,
  otherwise: NetworkErrorCode,
  signal?: AbortSignal
): NetworkError {
  if (thrown instanceof NetworkError) return thrown
  const error = asError(thrown)
  if (signal?.aborted === true) {
    const late = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
    return new NetworkError(
      late ? 'TIMEOUT' : 'ABORTED',
      `${what}: ${late ? 'no answer in time' : 'cancelled by the caller'}`,
      { cause: error }
    )
  }
  const inner = error instanceof AggregateError ? error.errors.map(asError) : [error]
  const code = inner.map((one) => BY_NAME[one.name]).find((known) => known !== undefined) ?? otherwise
  return new NetworkError(code, `${what}: ${inner.map((one) => one.message).join('; ')}`, { cause: error })
}

/**
 * The host did not start: for each address the system's own reason, without libp2p's advice about settings that do not
 * exist here.
 */
export function listenError(thrown: unknown): NetworkError {
  const coded = toNetworkError(thrown, 'starting the host', 'LISTEN_FAILED')
  if (coded.code !== 'LISTEN_FAILED') return coded
  const reasons = [...coded.message.matchAll(/^ {2}(\/\S+): (.+)$/gm)].map(([, addr, reason]) => `${addr!}: ${reason!}`)
  return reasons.length === 0 ? coded : new NetworkError('LISTEN_FAILED', reasons.join('; '), { cause: thrown })
}
