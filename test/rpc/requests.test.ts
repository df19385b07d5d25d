import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_ANSWER_BYTES, MAX_BATCH } from '../../src/rpc/limits.js'
import { OWN } from './fake-node.js'
import { startRig, type Answer, type RawClient, type Rig } from './raw-client.js'

let rig: Rig
let client: RawClient
beforeAll(async () => {
  rig = await startRig()
  client = await rig.connect()
})
afterAll(() => rig.close())

async function ask(request: object | string): Promise<Answer> {
  return client.send(request).answer()
}

async function call(method: string, params?: unknown): Promise<Answer> {
  return ask({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) })
}

const HEAD = { jsonrpc: '2.0', method: 'ledger.head' }

describe('ids', () => {
  test.each([
    ['text', 'a'],
    ['empty text', ''],
    ['zero', 0],
    ['negative', -5],
    ['largest', Number.MAX_SAFE_INTEGER],
    ['null', null],
    ['beyond ASCII', 'ü😀\u2028']
  ])('%s is echoed', async (_name, id) => {
    expect(await ask({ ...HEAD, id })).toMatchObject({ id, result: { ledger: OWN } })
  })
  test.each(['1.5', '9007199254740992', '1e30', 'true', '{}', '[]'])('%s is no id: -32600 with id null', async (id) => {
    expect(await ask(`{"jsonrpc":"2.0","method":"ledger.head","id":${id}}`)).toMatchObject({
      id: null,
      error: { code: -32600 }
    })
  })
  test('no id, no reply: not even for errors', async () => {
    client
      .send(HEAD)
      .send({ ...HEAD, method: 'no.such' })
      .send({ ...HEAD, method: 'ledger.get', params: [1, 2, 3, 4, 5, 6] })
    expect(await ask({ ...HEAD, id: 'next' })).toMatchObject({ id: 'next' })
  })
  test('a notification is run', async () => {
    client.send({ jsonrpc: '2.0', method: 'ledger.append', params: { stream: 's', type: 't', id: 'notified' } })
    await expect.poll(() => rig.node.entries.some(({ id }) => id === 'notified')).toBe(true)
  })
})

describe('requests that are none', () => {
  test.each([
    ['another version', { jsonrpc: '1.0', id: 1, method: 'ledger.head' }, 1],
    ['no version', { id: 1, method: 'ledger.head' }, 1],
    ['a method that is no text', { jsonrpc: '2.0', id: 1, method: 5 }, 1],
    ['no method and no id', { jsonrpc: '2.0' }, null],
    ['params that are text', { jsonrpc: '2.0', id: 1, method: 'ledger.head', params: 'x' }, 1],
    ['params that are false', { jsonrpc: '2.0', id: 1, method: 'ledger.head', params: false }, 1],
    ['an empty object', {}, null],
    ['a number', '1\n', null],
    ['null', 'null\n', null],
    ['a text', '"x"\n', null],
    ['true', 'true\n', null]
  ])('%s', async (_name, request, id) => {
    expect(await ask(request)).toMatchObject({
      jsonrpc: '2.0',
      id,
      error: { code: -32600, data: { kind: 'INVALID_REQUEST', retryable: false } }
    })
  })
  test.each([
    'no.such',
    '',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'ledger',
    'LEDGER.HEAD',
    'ledger.entries_subscription',
    'x'.repeat(10_000)
  ])('unknown method %s', async (method) => {
    const { error } = await call(method)
    expect(error).toMatchObject({ code: -32601, data: { kind: 'METHOD_NOT_FOUND' } })
    expect(error!.message.length).toBeLessThan(200)
  })
})

describe('params', () => {
  test('by position and by name, absent and null alike', async () => {
    const calls = rig.node.calls
    for (const params of [
      ['s', 't', { n: 1 }, null, null, 'p-1'],
      { stream: 's', type: 't', payload: { n: 1 }, id: 'p-1' },
      {
        stream: 's',
        type: 't',
        payload: { n: 1 },
        id: 'p-1',
        issuer_oid: null,
        meta: null,
        references: null,
        timestamp: null,
        allowUnresolved: null
      }
    ]) {
      expect(await call('ledger.append', params)).toMatchObject({ result: { entry: { id: 'p-1', payload: { n: 1 } } } })
      expect(calls.at(-1)).toEqual({
        method: 'append',
        args: [{ stream: 's', type: 't', payload: { n: 1 }, id: 'p-1' }, {}]
      })
    }
    for (const params of [undefined, null, [], {}, [null]]) {
      expect(await call('ledger.query', params)).toMatchObject({ result: { hasMore: false } })
      expect(calls.at(-1)).toEqual({ method: 'query', args: [{}, undefined] })
    }
  })
  test.each([
    ['too many', 'ledger.unsubscribe', ['1', '2']],
    ['unknown name', 'ledger.head', { ledgr: OWN }],
    ['__proto__ as a name', 'ledger.head', JSON.parse('{"__proto__":{"ledger":"x"}}')],
    ['constructor as a name', 'ledger.head', { constructor: 1 }],
    ['required one missing', 'ledger.append', { stream: 's' }],
    ['required one null', 'ledger.append', ['s', null]],
    ['wrong type', 'ledger.append', { stream: 1, type: 't' }],
    ['empty name', 'ledger.append', { stream: '', type: 't' }],
    ['129 bytes', 'ledger.append', { stream: 'é'.repeat(64) + 'x', type: 't' }],
    ['control character', 'ledger.append', { stream: 'a\nb', type: 't' }],
    ['limit 0', 'ledger.query', { limit: 0 }],
    ['limit 1001', 'ledger.query', { limit: 1001 }],
    ['a ledger that is no name', 'ledger.head', ['x\u0001']],
    ['a second spelling of a ledger id', 'ledger.head', [OWN.slice(0, -1) + 'r']],
    ['* where one ledger is meant', 'ledger.head', ['*']],
    ['no pointer', 'ledger.get', {}],
    ['two pointers', 'ledger.get', { id: 'a', seq: 1 }],
    ['meta that is a list', 'ledger.append', { stream: 's', type: 't', meta: [] }],
    [
      '65 references',
      'ledger.append',
      {
        stream: 's',
        type: 't',
        references: Array.from({ length: 65 }, () => ({ ledgerId: OWN, entryId: 'a', referenceType: 'source' }))
      }
    ],
    ['unknown member in an entry', 'ledger.appendBatch', { entries: [{ stream: 's', type: 't', extra: 1 }] }],
    ['an empty appendBatch', 'ledger.appendBatch', [[]]]
  ])('%s: -32602', async (_name, method, params) => {
    expect(await call(method, params)).toMatchObject({
      id: 1,
      error: { code: -32602, data: { kind: 'INVALID_PARAMS', retryable: false } }
    })
  })
  test('128 bytes of name pass', async () => {
    expect(await call('ledger.append', { stream: 'é'.repeat(64), type: 't' })).toMatchObject({
      result: { existing: false }
    })
  })
})

describe('errors', () => {
  test('coded, with what to do next and facts for programs', async () => {
    const reference = { ledgerId: OWN, entryId: 'nowhere', referenceType: 'source' }
    expect(await call('ledger.append', { stream: 's', type: 't', references: [reference] })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: 2004,
        message: '1 references are not held',
        data: {
          kind: 'REFERENCE_UNRESOLVED',
          retryable: true,
          next: expect.any(String),
          details: { missing: [{ ledgerId: OWN, entryId: 'nowhere' }] }
        }
      }
    })
    expect(await call('ledger.get', { id: 'nowhere' })).toMatchObject({
      error: { code: 2001, data: { kind: 'NOT_FOUND' } }
    })
  })
  test('an unforeseen one says nothing of the inside', async () => {
    rig.node.failure = new Error('secret at /home/me/ledger.key')
    const answer = await call('node.health')
    rig.node.failure = undefined
    expect(answer).toMatchObject({ error: { code: -32603, message: 'internal error', data: { kind: 'INTERNAL' } } })
    expect(JSON.stringify(answer)).not.toMatch(/secret|\.js|at /)
  })
})

describe('batches', () => {
  test('answers in order, notifications left out, bad requests answered in their place', async () => {
    const answers = await client
      .send([{ ...HEAD, id: 1 }, HEAD, 7, { ...HEAD, id: 'x', method: 'no.such' }, [], { ...HEAD, id: null }])
      .answers()
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [null, -32600],
      ['x', -32601],
      [null, -32600],
      [null, undefined]
    ])
  })
  test('entries run side by side, so that they share one commit', async () => {
    const batch = Array.from({ length: 64 }, (_value, at) => ({
      jsonrpc: '2.0',
      id: at,
      method: 'ledger.append',
      params: ['s', 't', at]
    }))
    const answers = await client.send(batch).answers()
    expect(answers.map(({ id, result }) => [id, (result!.entry as { payload: number }).payload])).toEqual(
      batch.map(({ id }) => [id, id])
    )
    expect(rig.node.groups.at(-1)).toBe(64)
  })
  test('answers that would be too large: what was asked for first is answered, the rest is not run', async () => {
    const { node } = rig
    node.entries.length = 0
    await node.append({ stream: 's', type: 't', id: 'large', payload: 'x'.repeat(MAX_ANSWER_BYTES / 100) })
    const { length: before } = node.calls
    const answers = await client
      .send(
        Array.from({ length: 500 }, (_value, id) => ({ jsonrpc: '2.0', id, method: 'ledger.get', params: ['large'] }))
      )
      .answers()
    const run = answers.filter(({ result }) => result !== undefined)
    expect(run.length).toBe(node.calls.length - before)
    expect(run.length).toBeGreaterThan(90)
    expect(run.length).toBeLessThan(500)
    expect(answers.at(-1)).toMatchObject({ id: 499, error: { data: { kind: 'OVERLOADED', retryable: true } } })
    node.entries[0]!.payload = 'x'.repeat(MAX_ANSWER_BYTES)
    expect(await call('ledger.get', ['large'])).toMatchObject({ error: { data: { kind: 'TOO_LARGE' } } })
    node.entries.length = 0
  })
  test('only notifications: no reply', async () => {
    client.send([HEAD, HEAD])
    expect(await ask({ ...HEAD, id: 2 })).toMatchObject({ id: 2 })
  })
  test('empty: one -32600, not a list', async () => {
    expect(await ask('[]')).toMatchObject({ id: null, error: { code: -32600 } })
  })
  test('at the limit it runs; one past it: one -32600 and nothing is run', async () => {
    expect(
      await client.send(Array.from({ length: MAX_BATCH }, (_value, id) => ({ ...HEAD, id }))).answers()
    ).toHaveLength(MAX_BATCH)
    const before = rig.node.calls.length
    const batch = Array.from({ length: MAX_BATCH + 1 }, (_value, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'ledger.append',
      params: ['s', 't']
    }))
    expect(await ask(batch)).toMatchObject({ id: null, error: { code: -32600 } })
    expect(rig.node.calls.length).toBe(before)
  })
})

describe('output', () => {
  test('one line with one LF, ASCII only', async () => {
    client.send({
      jsonrpc: '2.0',
      id: 'ü',
      method: 'ledger.append',
      params: ['s', 't', { ключ: '😀\u2028\u007f\ud800' }, null, null, 'ascii']
    })
    const line = await client.line()
    // oxlint-disable-next-line no-control-regex
    expect(line).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(line!)).toMatchObject({
      id: 'ü',
      result: { entry: { payload: { ключ: '😀\u2028\u007f\ud800' } } }
    })
  })
})
