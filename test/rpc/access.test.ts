/** Who may call what, and what of private ledgers shows: every method, every right, every kind of ledger. */
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/core/canonical.js'
import { LedgermeshError } from '../../src/core/errors.js'
import { nodeOf } from '../../src/node/daemon-node.js'
import type { TokenRights } from '../../src/node/api/tokens.js'
import { Actor } from '../../src/rpc/actor.js'
import { answerMessage } from '../../src/rpc/call.js'
import { handlesOf, type HandlePlace } from '../../src/rpc/handle-places.js'
import { ACCESS, method, type MethodAccess } from '../../src/rpc/method.js'
import { METHODS, type MethodName } from '../../src/rpc/methods/index.js'
import * as shape from '../../src/rpc/methods/shapes.js'
import { bearer, NEEDS, OWNER, reader, type Principal } from '../../src/rpc/principal.js'
import { fastClock, startNode } from '../helpers/test-node.js'
import { FakeNode, OTHER, OWN } from './fake-node.js'
import { silent, type Answer } from './raw-client.js'

const NAMES = Object.keys(METHODS) as MethodName[]
const UNKNOWN = `b${'a'.repeat(52)}`
const PRIVATE = OTHER

const withScopes = (...scopes: MethodAccess[]): Principal => ({
  scopes: new Set(scopes),
  privatePayloads: true,
  refusal: 'NOT_PERMITTED'
})

async function call(
  node: FakeNode | ReturnType<typeof nodeOf>,
  as: Principal,
  name: string,
  params: object = {}
): Promise<Answer> {
  const line = await answerMessage(
    { jsonrpc: '2.0', id: 1, method: name, params },
    {
      actor: new Actor(node, as),
      subscriptions: {
        add: (_notice, begin) => {
          begin(
            () => undefined,
            async () => undefined
          )()
          return '1'
        },
        remove: () => false
      },
      stop: () => undefined
    },
    silent
  )
  return JSON.parse(line!) as Answer
}

/** The example of a method with this ledger at each place that takes one; null: it takes none. */
function about(name: MethodName, ledger: string): JsonObject | null {
  const places = handlesOf(METHODS[name]).filter(({ kind }) => kind.startsWith('ledger'))
  if (places.length === 0) return null
  const params = structuredClone(METHODS[name].example.params) as JsonObject
  for (const { path } of places) put(params, path, ledger)
  return params
}

/** Not into what has another form; a list gets one member. */
function put(parent: JsonObject, [member, ...rest]: HandlePlace['path'], ledger: string): void {
  if (rest.length === 0) parent[member!] = ledger
  else if (rest.length === 1 && rest[0] === '[]') parent[member!] = [ledger]
  else if (rest[0] === '[]') {
    const list = (Array.isArray(parent[member!]) ? parent[member!] : [{}]) as JsonObject[]
    const [first = {}] = list
    if (member === 'references') Object.assign(first, { entryId: 'e', referenceType: 'related' })
    put(first, rest.slice(1), ledger)
    parent[member!] = [first] as Json
  }
}

const without = (answer: Answer, ...ids: string[]): string =>
  ids.reduce((text, id) => text.replaceAll(id, '<ledger>'), JSON.stringify(answer))

test('a method without access does not compile', () => {
  const rest = { summary: '', params: [], result: shape.hash, errors: [], example: { params: {}, result: {} } }
  // @ts-expect-error it names no class
  method(rest)
  // @ts-expect-error there is no such class
  method({ ...rest, access: 'write' })
  expect(method({ ...rest, access: 'read' }).access).toBe('read')
})

test('each method is in the class that it was given: a change is a decision', () => {
  const of = (access: MethodAccess): string[] => NAMES.filter((name) => METHODS[name].access === access).toSorted()
  expect(Object.fromEntries(ACCESS.map((access) => [access, of(access)]))).toMatchObject({
    read: [
      'evidence.list',
      'feed.read',
      'feed.snapshot',
      'feed.subscribe',
      'feed.unsubscribe',
      'ledger.access',
      'ledger.checkpoint',
      'ledger.consistency',
      'ledger.get',
      'ledger.head',
      'ledger.prove',
      'ledger.query',
      'ledger.subscribe',
      'ledger.unsubscribe',
      'ledger.verifyChain',
      'ledger.verifyEntry',
      'network.ledgers',
      'network.unsubscribe',
      'node.metrics',
      'rpc.discover',
      'rpc.ping',
      'sync.entries',
      'sync.status'
    ],
    decrypt: [],
    append: ['ledger.append', 'ledger.appendBatch'],
    push: ['sync.receive'],
    'ask-network': [
      'ledger.erasures',
      'network.count',
      'network.discover',
      'network.fetchReferences',
      'network.findLedgers',
      'network.getLedger',
      'network.query',
      'trust.find'
    ],
    'socket-only': [
      'keys.rotate',
      'ledger.erase',
      'ledger.override',
      'network.expel',
      'node.backup',
      'node.stop',
      'sync.invite',
      'sync.resolve',
      'tokens.create',
      'tokens.list',
      'tokens.revoke'
    ]
  })
})

/** What came of one method, about one ledger of each kind. */
async function outcome(name: MethodName, as: Principal): Promise<object> {
  const node = new FakeNode()
  node.private.add(PRIVATE)
  await node.append({ stream: 's', type: 't', id: 'order-1' })
  node.calls.length = 0
  const answers: Answer[] = []
  for (const ledger of [OWN, PRIVATE, UNKNOWN])
    answers.push(await call(node, as, name, about(name, ledger) ?? METHODS[name].example.params))
  const [ofPublic, ofPrivate, ofUnknown] = answers as [Answer, Answer, Answer]
  if (answers.every(({ error }) => error?.data.kind === 'NOT_PERMITTED'))
    return { refused: answers.map(({ error }) => error?.data.details), calls: node.calls.length }
  return as.scopes.has('private') || about(name, OWN) === null
    ? { kinds: answers.map(({ error }) => error?.data.kind === 'NOT_PERMITTED') }
    : {
        open: ofPublic.error?.data.kind !== 'NOT_FOUND',
        hidden: ofPrivate.error?.data.kind,
        same: without(ofPrivate, PRIVATE) === without(ofUnknown, UNKNOWN)
      }
}

function expected(name: MethodName, { scopes }: Principal): object {
  const needs = NEEDS[METHODS[name].access]
  if (needs.some((scope) => !scopes.has(scope))) return { refused: [{ needs }, { needs }, { needs }], calls: 0 }
  return scopes.has('private') || about(name, OWN) === null
    ? { kinds: [false, false, false] }
    : { open: true, hidden: 'NOT_FOUND', same: true }
}

test.each(ACCESS)(
  'every method × %s × public, private, unknown: refused before anything is looked at, or let in',
  async (scope) => {
    for (const as of [withScopes(scope), withScopes(...NEEDS[scope]), withScopes('read', 'append', scope)])
      expect(await Promise.all(NAMES.map(async (name) => ({ name, ...(await outcome(name, as)) })))).toEqual(
        NAMES.map((name) => ({ name, ...expected(name, as) }))
      )
  }
)

test('without access nothing is told of params either, and of a method that there is none', async () => {
  const node = new FakeNode()
  const kind = async (name: string, params: object): Promise<unknown> =>
    (await call(node, withScopes('read'), name, params)).error?.data.kind
  expect(await kind('ledger.append', { nonsense: 1 })).toBe('NOT_PERMITTED')
  expect(await kind('ledger.nothing', {})).toBe('METHOD_NOT_FOUND')
  expect((await call(node, reader(true), 'ledger.append')).error?.data).toMatchObject({
    kind: 'READING_ONLY',
    details: { needs: ['append'] }
  })
})

test.each([
  ['ledger.query', { ledger: OWN, withConflicts: true }, ['read']],
  ['ledger.query', { ledger: '*' }, ['read']],
  ['ledger.get', { id: 'e', ledger: '*' }, ['read']],
  ['ledger.subscribe', { ledger: '*' }, ['read']],
  ['ledger.append', { stream: 's', type: 't', replicas: 1 }, ['append']],
  ['ledger.append', { stream: 's', type: 't', expect: { rule: 'r', siblings: [] } }, ['append']]
] as const)('what looks at all that is held takes private: %s %j', async (name, params, scopes) => {
  const node = new FakeNode()
  expect((await call(node, withScopes(...scopes), name, params)).error?.data).toMatchObject({
    kind: 'NOT_PERMITTED',
    details: { needs: ['private'] }
  })
  expect(node.calls).toEqual([])
  expect((await call(node, withScopes(...scopes, 'private'), name, params)).error?.data.kind).not.toBe('NOT_PERMITTED')
})

test('short names tell nothing: neither an alias nor the beginning of an id is looked up', async () => {
  const node = new FakeNode()
  node.private.add(PRIVATE)
  await node.handles.setAlias('theirs', PRIVATE)
  const answers = await Promise.all(
    ['theirs', 'nobody', PRIVATE.slice(0, 12), OWN.slice(0, 12)].map((ledger) =>
      call(node, withScopes('read'), 'ledger.head', { ledger })
    )
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(answers[0]!.error?.data).toMatchObject({ kind: 'NO_SUCH_NAME' })
})

test('a reference to a private ledger is refused as one to an unknown: append tells nothing of what is held', async () => {
  const node = new FakeNode()
  node.private.add(PRIVATE)
  const answers: string[] = []
  for (const ledgerId of [PRIVATE, UNKNOWN]) {
    const crossLedgerRefs = [{ ledgerId, entryId: 'e', entryHash: null, referenceType: 'related' }]
    for (const more of [
      { references: [{ ledgerId, entryId: 'e', referenceType: 'related' }] },
      { meta: { crossLedgerRefs } }
    ])
      answers.push(
        without(
          await call(node, withScopes('append'), 'ledger.append', {
            stream: 's',
            type: 't',
            allowUnresolved: true,
            ...more
          }),
          ledgerId
        )
      )
  }
  expect(new Set(answers).size).toBe(1)
  expect(answers[0]).toContain('NOT_FOUND')
  expect(node.entries).toEqual([])
})

test('an entry hash that is held in a private ledger does not name that ledger', async () => {
  const node = new FakeNode()
  node.private.add(PRIVATE)
  node.append = async () => {
    const held = { ledgerId: PRIVATE, entryId: 'e', entryHash: 'ab'.repeat(32) }
    throw new LedgermeshError('REFERENCE_CONTRADICTED', 'reference 0: another entry', { reference: 0, held })
  }
  const refused = async (as: Principal): Promise<unknown> =>
    (await call(node, as, 'ledger.append', { stream: 's', type: 't' })).error?.data
  expect(await refused(withScopes('append'))).toMatchObject({
    kind: 'REFERENCE_CONTRADICTED',
    details: { reference: 0 }
  })
  expect(JSON.stringify(await refused(withScopes('append')))).not.toContain(PRIVATE)
  expect(JSON.stringify(await refused(OWNER))).toContain(PRIVATE)
})

test('a real node: whoever may only read learns nothing of its private ledger, whoever may only append gets a receipt', async () => {
  const started = await startNode({ access: 'private', name: 'hush-hush', clock: fastClock(20) })
  const { entry } = await started.ledger.append({ stream: 's', type: 't', id: 'secret', payload: 'payload-4711' })
  const node = nodeOf(started.ledger, Date.now(), { metrics: async () => 'ledgermesh_peers 0\n' })
  const own = entry.ledger
  const told = /hush-hush|payload-4711/
  for (const name of NAMES.filter((one) => METHODS[one].access === 'read')) {
    const { params } = METHODS[name].example
    const answers = await Promise.all([
      call(node, withScopes('read'), name, { ...params, ...about(name, own) }),
      call(node, withScopes('read'), name, { ...params, ...about(name, UNKNOWN) })
    ])
    const unasked = JSON.stringify(await call(node, withScopes('read'), name, name.startsWith('ledger.') ? params : {}))
    expect({ name, asked: without(answers[0], own), own: unasked.includes(own), told: told.test(unasked) }).toEqual({
      name,
      asked: without(answers[1], UNKNOWN),
      own: false,
      told: false
    })
  }
  const receipt = await call(node, withScopes('append'), 'ledger.append', {
    stream: 's',
    type: 't',
    id: 'secret',
    payload: 'payload-4711'
  })
  expect(receipt.result).toMatchObject({
    existing: true,
    entry: { id: 'secret', payload: null, payload_state: 'withheld' }
  })
  expect((await call(node, withScopes('read', 'private'), 'ledger.get', { id: 'secret' })).result).toMatchObject({
    entry: { payload: 'payload-4711' }
  })
})

test('a real node: of its public ledger whoever may read sees what the owner sees', async () => {
  const started = await startNode({ name: 'open', clock: fastClock(20) })
  const { entry } = await started.ledger.append({ stream: 's', type: 't', id: 'one', payload: 'told' })
  const node = nodeOf(started.ledger, Date.now())
  for (const [name, params] of [
    ['ledger.get', { id: 'one' }],
    ['ledger.query', {}],
    ['ledger.head', { ledger: entry.ledger }],
    ['ledger.verifyEntry', { id: 'one' }],
    ['ledger.verifyChain', {}],
    ['sync.status', {}],
    ['network.ledgers', {}],
    ['evidence.list', {}]
  ] as const) {
    const seen = await call(node, withScopes('read'), name, params)
    expect(seen).toEqual(await call(node, OWNER, name, params))
    expect(seen.error).toBeUndefined()
  }
})

const limited = (rights: Partial<TokenRights>): Principal =>
  bearer({ name: 'x', scopes: ['read', 'private', 'append'], ledgers: null, streams: null, ...rights })

test('a token for one ledger: every method about another answers as for an unknown one, and none shows the whole node', async () => {
  const node = new FakeNode()
  await node.append({ stream: 's', type: 't', id: 'order-1' })
  const as = limited({ ledgers: [OWN] })
  for (const name of NAMES.filter((one) => about(one, OWN) !== null && METHODS[one].access === 'read')) {
    const [mine, other, unknown] = (await Promise.all(
      [OWN, OTHER, UNKNOWN].map((ledger) => call(node, as, name, about(name, ledger)!))
    )) as [Answer, Answer, Answer]
    expect({ name, mine: mine.error?.data.kind }).not.toEqual({ name, mine: 'NOT_PERMITTED' })
    expect({ name, other: without(other, OTHER), kind: other.error?.data.kind }).toEqual({
      name,
      other: without(unknown, UNKNOWN),
      kind: 'NOT_FOUND'
    })
  }
  const broad = NAMES.filter((one) => !['read', 'append', 'push', 'socket-only'].includes(METHODS[one].access))
  const whole = { ...as, scopes: new Set(ACCESS) }
  for (const name of broad)
    expect({ name, kind: (await call(node, whole, name, METHODS[name].example.params)).error?.data.kind }).toEqual({
      name,
      kind: 'NOT_PERMITTED'
    })
  expect((await call(node, as, 'sync.status')).result).toEqual({ ledgers: [] })
  expect(JSON.stringify((await call(node, as, 'network.ledgers')).result)).not.toContain(OTHER)
  expect((await call(node, as, 'ledger.query', { withConflicts: true })).error?.data.kind).toBe('NOT_PERMITTED')
  expect(
    (await call(node, limited({ ledgers: [OTHER] }), 'ledger.append', { stream: 's', type: 't' })).error?.data.kind
  ).toBe('NOT_FOUND')
  expect(node.entries).toHaveLength(1)
})

test('a real node: a token for one stream sees, proves and appends nothing of another', async () => {
  const started = await startNode({ clock: fastClock(20) })
  await started.ledger.append({ stream: 'a', type: 't', id: 'seen', payload: 'told' })
  const { entry } = await started.ledger.append({ stream: 'b', type: 't', id: 'hidden', payload: 'payload-4711' })
  const node = nodeOf(started.ledger, Date.now())
  const as = limited({ streams: ['a'] })
  const kind = async (name: string, params: object): Promise<unknown> =>
    (await call(node, as, name, params)).error?.data.kind
  const nobody = await call(node, as, 'ledger.get', { id: 'nobody' })
  const hidden = await call(node, as, 'ledger.get', { id: 'hidden' })
  expect(JSON.stringify(hidden).replaceAll('hidden', 'nobody')).toBe(JSON.stringify(nobody))
  expect(await kind('ledger.get', { hash: entry.hash })).toBe('NOT_FOUND')
  expect(await kind('ledger.prove', { id: 'hidden' })).toBe('NOT_FOUND')
  expect(await kind('ledger.verifyEntry', { id: 'hidden' })).toBe('NOT_FOUND')
  expect(await kind('ledger.query', { stream: 'b' })).toBe('NOT_PERMITTED')
  expect(await kind('ledger.head', {})).toBe('NOT_PERMITTED')
  expect(await kind('ledger.append', { stream: 'b', type: 't' })).toBe('NOT_PERMITTED')
  expect(await kind('ledger.append', { stream: 'a', type: 't', id: 'mine' })).toBeUndefined()
  const brought = { entries: [], sourceLedgerId: entry.ledger, sourcePublicKey: '0'.repeat(64) }
  expect(
    (await call(node, limited({ streams: ['a'], scopes: ['push'] }), 'sync.receive', brought)).error?.data.kind
  ).toBe('NOT_PERMITTED')
  const told = JSON.stringify([
    await call(node, as, 'ledger.query'),
    await call(node, as, 'feed.snapshot'),
    await call(node, as, 'feed.read', {
      after: `${(await node.feed.snapshot()).position.split('.')[0]!}.0.${'0'.repeat(16)}`
    })
  ])
  expect(told).toContain('seen')
  expect(told).not.toMatch(/hidden|payload-4711/)
})
