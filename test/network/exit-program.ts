/** Run by exit.test.ts as a process of its own: it must end by itself, without process.exit. */
import { protocolHandler } from '../../src/network/host.js'
import { addrOf, echo, startHost, stopAll, within } from './fixture.js'

const a = await startHost({ protocols: [protocolHandler(echo, { served: 0 })] })
const b = await startHost({
  bootstrap: [addrOf(a), '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN']
})
for (const { host } of [a, b])
  host.subscribe(
    't',
    () => Promise.resolve('accept'),
    (bytes) => bytes
  )
const stream = await b.host.open(a.host.peerId, echo, within(5_000)).catch(async () => {
  await b.host.dial(addrOf(a), within(5_000))
  return await b.host.open(a.host.peerId, echo, within(5_000))
})
await stream.write(new Uint8Array(100))
if ((await stream.read({ timeoutMs: 5_000 }))?.byteLength === 100) process.stdout.write('talked\n')
await b.host.publish('t', new Uint8Array(10))
const search = b.host.provide('key', within(60_000))
await stopAll()
await search
process.stdout.write('stopped\n')
