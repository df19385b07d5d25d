import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_MESSAGE_BYTES, MAX_PENDING } from '../../src/rpc/limits.js'
import { holdCalls } from './held-calls.js'
import { startRig, type Answer, type Rig } from './raw-client.js'

/** ms of a server that soon gives up a message that does not go on: only for tests of that. */
const SHORT_IDLE_MS = 80
/** Bytes, more than the socket's own buffers hold: so much stays with a client whom the server does not read. */
const HELD_BACK_BYTES = 2_000_000

let rig: Rig
let impatient: Rig
beforeAll(async () => {
  rig = await startRig()
  impatient = await startRig({ incompleteIdleMs: SHORT_IDLE_MS })
})
afterAll(async () => {
  await rig.close()
  await impatient.close()
})

const head = (id: number | string): object => ({ jsonrpc: '2.0', id, method: 'ledger.head' })
const PARSE = { id: null, error: { code: -32700, data: { kind: 'PARSE_ERROR' } } }

describe('the wire habits of real clients', () => {
  test('ethers, viem, web3: objects back to back, no newline', async () => {
    const client = await rig.connect()
    client.send(JSON.stringify(head(1)) + JSON.stringify(head(2)))
    expect(new Set([(await client.answer()).id, (await client.answer()).id])).toEqual(new Set([1, 2]))
  })
  test('jayson, python: a line each; pretty-printed; CRLF', async () => {
    const client = await rig.connect()
    expect(await client.send(`${JSON.stringify(head(1))}\n`).answer()).toMatchObject({ id: 1 })
    expect(
      await client.send(`${JSON.stringify(head(2), null, 2).replaceAll('\n', '\r\n')}\r\n`).answer()
    ).toMatchObject({ id: 2 })
  })
  test('vscode-jsonrpc: header lines before a message, and before its answer; in any pieces', async () => {
    const framed = (message: unknown): string =>
      `Content-Length: ${Buffer.byteLength(JSON.stringify(message))}\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n${JSON.stringify(message)}`
    const both = framed(head(3)) + framed({ ...head('ü'), params: {} })
    for (const pieces of [
      [both],
      both.match(/[^]{1,20}/g)!,
      [both.slice(0, 30), both.slice(30, 170), both.slice(170)]
    ]) {
      const client = await rig.connect()
      for (const piece of pieces) {
        client.send(Buffer.from(piece))
        if (pieces.length > 3) await new Promise(setImmediate)
      }
      const answers = readFramed(await client.fin().rest())
      expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([3, 'ü']))
      for (const answer of answers) expect(answer).toMatchObject({ result: {} })
    }
  })
  test('header lines that cannot be right: told once, in a frame; a message too large is skipped', async () => {
    const broken = (await rig.connect())
      .send('Content-Type: text/plain\r\n\r\n{}')
      .send(`Content-Length: 2\r\n\r\n{}`)
      .fin()
    expect(readFramed(await broken.rest())).toMatchObject([{ id: null, error: { code: -32700 } }])
    const endless = (await rig.connect()).send('C'.repeat(3000)).fin()
    expect(readFramed(await endless.rest())).toMatchObject([{ id: null, error: { code: -32700 } }])
    const text = JSON.stringify(head(4))
    const large = (await rig.connect())
      .send(
        `Content-Length: ${9 * 1024 * 1024}\r\n\r\n${' '.repeat(9 * 1024 * 1024)}Content-Length: ${text.length}\r\n\r\n${text}Content-Length: 3\r\n\r\n[1]`
      )
      .fin()
    expect(readFramed(await large.rest()).map(({ id, error }) => [id, error?.data.kind])).toEqual([
      [null, 'TOO_LARGE'],
      [4, undefined],
      [null, 'INVALID_REQUEST']
    ])
  })
  test('nc, socat: FIN right behind the request; everything pending is answered, then the server ends', async () => {
    const held = holdCalls(rig.node)
    const client = await rig.connect()
    client.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'node.status' }) + JSON.stringify(head(2))).fin()
    expect(await client.answer()).toMatchObject({ id: 2 })
    held.open()
    expect(await client.answer()).toMatchObject({ id: 1 })
    expect(await client.rest()).toBe('')
  })
  test('a byte at a time', async () => {
    const client = await rig.connect()
    for (const char of JSON.stringify(head(9))) {
      client.send(char)
      await new Promise(setImmediate)
    }
    expect(await client.answer()).toMatchObject({ id: 9 })
  })
  test('FIN without a word ends at once', async () => {
    expect(await (await rig.connect()).fin().rest()).toBe('')
  })
})

describe('broken input', () => {
  test.each([
    ['a control character in a string', '{"a":"\u0001'],
    ['a byte that starts no message', 'GET / HTTP/1.1'],
    ['a wrong closing bracket', '{"a":]']
  ])('%s: -32700 at once, the rest of the line is discarded', async (_name, text) => {
    const client = await rig.connect()
    expect(await client.send(text).answer()).toMatchObject(PARSE)
    client.send(`${JSON.stringify(head(1))}\n${JSON.stringify(head(2))}`)
    expect(await client.answer()).toMatchObject({ id: 2 })
  })
  test('incomplete at FIN: -32700, close', async () => {
    const client = await rig.connect()
    client.send(`${JSON.stringify(head(1))}{"jsonrpc":`).fin()
    const answers = [await client.answer(), await client.answer()].sort((a, b) => Number(a.id) - Number(b.id))
    expect(answers).toMatchObject([PARSE, { id: 1 }])
    expect(await client.rest()).toBe('')
  })
  test('incomplete and idle: -32700, close', async () => {
    const client = await impatient.connect()
    expect(await client.send('{"jsonrpc":"2.0"\n').answer()).toMatchObject(PARSE)
    expect(await client.rest()).toBe('')
  })
  test('idle within discarded input: told once, then closed', async () => {
    const client = await impatient.connect()
    expect(await client.send('hello').answer()).toMatchObject(PARSE)
    expect(await client.rest()).toBe('')
  })
  test('idle between messages is fine', async () => {
    const client = await impatient.connect()
    await client.send(head(1)).answer()
    // The time itself is tested: after it an incomplete message would have ended the connection.
    await new Promise((resolve) => setTimeout(resolve, 2 * SHORT_IDLE_MS))
    expect(await client.send(head(2)).answer()).toMatchObject({ id: 2 })
  })
  test('a process that was held up reads what came meanwhile before it calls a message incomplete', async () => {
    const client = await impatient.connect()
    const [start, end] = ['{"jsonrpc":"2.0","id":2,', '"method":"ledger.head"}']
    expect(await client.send(JSON.stringify(head(1)) + start).answer()).toMatchObject({ id: 1 })
    client.send(end)
    for (const until = performance.now() + 2 * SHORT_IDLE_MS; performance.now() < until;);
    expect(await client.answer()).toMatchObject({ id: 2 })
  })
  test('larger than the limit: -32700, and the next message is answered', async () => {
    const client = await rig.connect()
    client.send(`["${'x'.repeat(MAX_MESSAGE_BYTES)}"]`).send(head(5))
    expect(await client.answer()).toMatchObject({ ...PARSE, error: { message: expect.stringContaining('larger') } })
    expect(await client.answer()).toMatchObject({ id: 5 })
  })
  test('the largest message is answered', async () => {
    const client = await rig.connect()
    const frame = { jsonrpc: '2.0', id: 6, method: 'ledger.append', params: ['s', 't', ''] }
    frame.params[2] = 'x'.repeat(MAX_MESSAGE_BYTES - JSON.stringify(frame).length)
    expect((await client.send(frame).answer()).result).toMatchObject({ existing: false })
    rig.node.entries.length = 0
  })
  test('deep nesting: -32700, and the next message is answered', async () => {
    const client = await rig.connect()
    client.send('['.repeat(100_000) + ']'.repeat(100_000)).send(head(7))
    expect(await client.answer()).toMatchObject({ ...PARSE, error: { message: expect.stringContaining('deeper') } })
    expect(await client.answer()).toMatchObject({ id: 7 })
  })
  test('random bytes are answered with JSON or nothing, the server ends, the process stays up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc
            .string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', ' ', '\n', '1', 'a') })
            .map((text) => Buffer.from(text))
        ),
        async (bytes) => {
          const client = await rig.connect()
          const text = await client.send(bytes).fin().rest()
          // What begins as a header line does is answered with header lines.
          const answers = text.startsWith('Content-Length: ')
            ? readFramed(text)
            : text
                .split('\n')
                .slice(0, -1)
                .flatMap((line) => JSON.parse(line) as unknown)
          for (const answer of answers) expect(answer).toMatchObject({ jsonrpc: '2.0' })
        }
      ),
      { numRuns: 200 }
    )
    expect(await (await rig.connect()).send(head(1)).answer()).toMatchObject({ id: 1 })
  })
})

describe('bounds', () => {
  test('a flood of requests that wait is not read further, and all are answered in the end', async () => {
    const held = holdCalls(rig.node)
    const client = await rig.connect()
    for (let id = 0; id < 3000; id++) client.send({ jsonrpc: '2.0', id, method: 'node.status', params: [] })
    client.fin()
    await expect.poll(() => held.count).toBe(MAX_PENDING)
    expect(await (await rig.connect()).send(head(1)).answer()).toMatchObject({ id: 1 })
    expect(held.count).toBe(MAX_PENDING)
    held.open()
    const ids = new Set(
      (await client.rest())
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: number }).id)
    )
    expect(ids.size).toBe(3000)
  })
  test('a client that sends and never reads is held back', async () => {
    const client = await rig.connect()
    client.socket.pause()
    const requests = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc.discover' }).repeat(100)
    for (let sent = 0; sent < 2_000 && client.socket.writableLength < HELD_BACK_BYTES; sent++) {
      client.send(requests)
      await new Promise(setImmediate)
    }
    expect(client.socket.writableLength).toBeGreaterThanOrEqual(HELD_BACK_BYTES)
    client.socket.destroy()
    expect(await (await rig.connect()).send(head(1)).answer()).toMatchObject({ id: 1 })
  })
  test('answers to a client that went away do not hurt', async () => {
    const held = holdCalls(rig.node)
    const client = await rig.connect()
    client.send({ jsonrpc: '2.0', id: 1, method: 'node.status' })
    await expect.poll(() => held.count).toBe(1)
    client.socket.destroy()
    held.open()
    expect(await (await rig.connect()).send(head(1)).answer()).toMatchObject({ id: 1 })
  })
})

/** Answers with a Content-Length each, and nothing between them. */
function readFramed(text: string): Answer[] {
  const answers: Answer[] = []
  for (let at = 0; at < text.length;) {
    const [header, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(text.slice(at)) ?? ['', 'no header']
    at += header.length + Number(length)
    const answer = JSON.parse(text.slice(at - Number(length), at)) as Answer | Answer[]
    answers.push(...[answer].flat())
  }
  return answers
}
