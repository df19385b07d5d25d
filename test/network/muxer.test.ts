import { multiaddrConnectionPair } from '@libp2p/utils'
import { expect, test } from 'vitest'
import { RateLimiter } from '../../src/network/rate-limiter.js'
import { Held } from '../../src/network/held.js'
import { muxer } from '../../src/network/muxer.js'
import { clock } from './fixture.js'

// With yamux as it is, this test ends in an uncaught StreamStateError.
test('a stream that is opened while its connection closes is aborted, and nothing is thrown where nobody can catch it', async () => {
  const [connection] = multiaddrConnectionPair()
  const made = muxer({
    limiter: new RateLimiter({
      limits: { unitsPerSecond: 1, burstUnits: 1 },
      clock,
      stopped: new AbortController().signal
    }),
    held: new Held(),
    payerOn: () => ({ peer: 'p', host: null }),
    drop: () => {},
    clock,
    isServed: () => false
  })().createStreamMuxer(Object.assign(connection, { stream: connection }))
  const opening = made.createStream()
  const closing = connection.close() // the write side closes at once, the close event comes later
  const stream = await opening
  await expect.poll(() => stream.status).not.toBe('open')
  expect(stream.writeStatus).toBe('closed')
  await closing
})
