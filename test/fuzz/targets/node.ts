/** What other nodes, web servers and name servers answer, and what callers of the socket send. */
import assert from 'node:assert/strict'
import { parsePeer, parsePeerAddress } from '../../../src/network/address.js'
import { NetworkError } from '../../../src/network/network-error.js'
import { checkRecord } from '../../../src/node/peers/check-record.js'
import { domainOf, readAnswers } from '../../../src/node/discovery/find-dns.js'
import { findManual } from '../../../src/node/discovery/find-manual.js'
import { readRegistryPage } from '../../../src/node/discovery/http-registry.js'
import { decodeCursor, encodeCursor } from '../../../src/ledger/read/cursor.js'
import type { Log } from '../../../src/ports.js'
import { answerMessage } from '../../../src/rpc/call.js'
import { Actor } from '../../../src/rpc/actor.js'
import { OWNER } from '../../../src/rpc/principal.js'
import { JsonStream, type StreamItem } from '../../../src/rpc/json-stream.js'
import { METHODS } from '../../../src/rpc/methods/index.js'
import { NETWORK } from '../../core/author.js'
import { FakeNode } from '../../rpc/fake-node.js'
import { ADDRESS, author, PEER, signedRecord } from '../samples.js'
import { decoder, json, text, type Target } from '../target.js'
import { codes } from './core.js'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const believe = (): boolean => true
const badAddress = (error: unknown): boolean => error instanceof NetworkError && error.code === 'BAD_ADDRESS'
const BINDING = 'fuzz'

/** Filters of a follow and of a query go through here as params of their methods. */
function requests(): Uint8Array[] {
  return [
    ...Object.entries(METHODS)
      .filter(([name]) => name !== 'node.stop')
      .map(([method, { example }]) => json({ jsonrpc: '2.0', id: 1, method, params: example.params })),
    json([
      {
        jsonrpc: '2.0',
        id: 'a',
        method: 'ledger.query',
        params: ['*', 'stream', 'type', 'a', 'b', 1, 2, 10, null, 'desc']
      },
      { jsonrpc: '2.0', method: 'node.status' }
    ])
  ]
}

export const nodeTargets: Target[] = [
  decoder({
    name: 'record-shown',
    coded: codes(
      'BAD_RECORD',
      'WRONG_NETWORK',
      'WRONG_LEDGER',
      'BAD_SIGNATURE',
      'KEY_NOT_IN_FORCE',
      'MALFORMED',
      'NOT_CANONICAL',
      'TOO_LARGE',
      'BAD_KEY',
      'PAYLOAD_MISMATCH'
    ),
    seeds: async () => {
      const { body, signature, keyEntries } = await signedRecord()
      return [
        json({
          body: Buffer.from(body).toString(),
          signature: hex(signature),
          keyEntries: keyEntries.map(({ header, signature: signed }) => ({
            header: Buffer.from(header).toString(),
            signature: hex(signed)
          }))
        })
      ]
    },
    decode: async (bytes) => {
      const [shown] = readRegistryPage(Buffer.concat([text('{"records":['), bytes, text(']}')]), 'the fuzzer')
      return shown === undefined ? null : await checkRecord(shown, { network: NETWORK, verify: believe })
    }
  }),
  decoder({
    name: 'registry-page',
    coded: codes('MALFORMED'),
    decode: (bytes) => readRegistryPage(bytes, 'https://registry.example/ledgers'),
    seeds: async () => {
      const { body, signature, keyEntries } = await signedRecord()
      return [
        json({ records: [] }),
        json({
          records: [
            {
              body: Buffer.from(body).toString(),
              signature: hex(signature),
              keyEntries: keyEntries.map(({ header, signature: signed }) => ({
                header: Buffer.from(header).toString(),
                signature: hex(signed)
              }))
            }
          ]
        })
      ]
    }
  }),
  {
    name: 'dns-answers',
    seeds: () => [
      text(`ledger=${author.ledger}\ndnsaddr=${ADDRESS}\ndnsaddr=/dns4/example.org/tcp/1/p2p/${PEER}\nv=spf1`)
    ],
    run: (bytes) => {
      const texts = Buffer.from(bytes).toString('latin1').split('\n')
      const { ledgers, found } = readAnswers('example.org', texts, texts, () => undefined)
      assert.ok(ledgers.length <= 16 && found.reduce((sum, { addrs }) => sum + addrs.length, 0) <= 16)
      return ledgers.length + found.length > 0
    }
  },
  decoder({
    name: 'domain',
    coded: codes('INVALID_PARAMS'),
    seeds: () => [text('Example.ORG.'), text('xn--bcher-kva.example')],
    decode: (bytes) => domainOf(Buffer.from(bytes).toString()),
    check: (domain) => {
      assert.equal(domainOf(domain), domain)
    }
  }),
  decoder({
    name: 'manual-address',
    coded: codes('BAD_ADDRESS'),
    seeds: () => [text(ADDRESS)],
    decode: (bytes) => findManual([Buffer.from(bytes).toString()])
  }),
  decoder({
    name: 'multiaddr',
    coded: badAddress,
    seeds: () => [text(ADDRESS), text(`/dns4/example.org/tcp/443/p2p/${PEER}`)],
    decode: (bytes) => parsePeerAddress(Buffer.from(bytes).toString()).addr.toString()
  }),
  decoder({
    name: 'peer-id',
    coded: badAddress,
    seeds: () => [text(PEER)],
    decode: (bytes) => parsePeer(Buffer.from(bytes).toString()).toString(),
    check: (peer) => {
      assert.equal(parsePeer(peer).toString(), peer)
    }
  }),
  decoder({
    name: 'cursor',
    coded: codes('CURSOR_INVALID'),
    seeds: () => [text(encodeCursor({ ledger: author.ledger, seq: 5 }, BINDING))],
    decode: (bytes) => decodeCursor(Buffer.from(bytes).toString('latin1'), BINDING),
    encode: (cursor) => text(encodeCursor(cursor, BINDING))
  }),
  {
    // The first byte: in chunks of how many bytes the rest arrives. What is read does not hang on it.
    name: 'json-stream',
    seeds: () => [
      Buffer.concat([Buffer.of(6), ...requests().slice(0, 5)]),
      Buffer.from('\x02 {"a":[1,"\\"}"]}\n[]{}\r\n{"b":"é"}')
    ],
    run: (bytes) => {
      const [rest, step] = [bytes.subarray(1), (bytes[0] ?? 0) + 1]
      const items = readJson(rest, step)
      assert.deepEqual(items, readJson(rest, rest.length + 1), 'the chunks decide what is read')
      for (const item of items)
        if (item.ok)
          assert.equal(
            JSON.stringify(readJson(json(item.value), 7).map((again) => again.ok && again.value)),
            JSON.stringify([item.value])
          )
      return items.some(({ ok }) => ok)
    }
  },
  { name: 'rpc-message', seeds: requests, run: answer }
]

function readJson(bytes: Uint8Array, step: number): StreamItem[] {
  const stream = new JsonStream({ maxBytes: 100_000, maxDepth: 96 })
  const items: StreamItem[] = []
  for (let at = 0; at < bytes.length; at += step) items.push(...stream.push(bytes.subarray(at, at + step)))
  return [...items, ...stream.end()]
}

/** Every message is answered, in JSON, and never as a failure that nobody foresaw. */
async function answer(bytes: Uint8Array): Promise<boolean> {
  let answered = false
  for (const item of readJson(bytes, bytes.length + 1)) {
    if (!item.ok) continue
    const unforeseen: unknown[] = []
    const ignore = (): void => undefined
    const log: Log = {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (fields) => {
        unforeseen.push(fields.error)
      }
    }
    const line = await answerMessage(
      item.value,
      {
        actor: new Actor(new FakeNode(), OWNER),
        subscriptions: { add: () => '1', remove: () => true },
        stop: ignore
      },
      log
    )
    assert.deepEqual(unforeseen, [])
    if (line === null) continue
    for (const one of [JSON.parse(line) as { jsonrpc: string; result?: object; error?: { code: number } }].flat()) {
      assert.equal(one.jsonrpc, '2.0')
      assert.notEqual(one.error?.code, -32603)
      // refused by the method itself: it was understood
      if (one.error === undefined || one.error.code > 0) answered = true
    }
  }
  return answered
}
