import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { fetchRegistry } from '../../src/node/discovery/http-registry.js'

// A self-signed certificate for localhost and its key: worth nothing anywhere else.
const cert = readFileSync('test/fixtures/localhost-only.crt', 'utf8')
const key = readFileSync('test/fixtures/localhost-only.key', 'utf8')

async function serve(answer: string): Promise<string> {
  const server = createServer({ cert, key }, (_, response) => {
    response.end(answer)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://localhost:${(server.address() as AddressInfo).port}`
}

const ANSWER = JSON.stringify({ records: [{ body: '{}', signature: 'ab'.repeat(64), keyEntries: [] }] })

test('a registry over TLS: a certificate that nobody vouches for is refused', async () => {
  const url = await serve(ANSWER)
  await expect(fetchRegistry(url, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'UNREACHABLE' })
})

// Older than 22.19, Node trusts another certificate only from its start on.
test.skipIf(typeof tls.setDefaultCACertificates !== 'function')('a trusted one is read', async () => {
  const url = await serve(ANSWER)
  const before = tls.getCACertificates('default')
  tls.setDefaultCACertificates([...before, cert])
  onTestFinished(() => {
    tls.setDefaultCACertificates(before)
  })
  const records = await fetchRegistry(url, AbortSignal.timeout(5_000))
  expect(records).toEqual([{ body: Buffer.from('{}'), signature: Buffer.alloc(64, 0xab), keyEntries: [] }])
})
