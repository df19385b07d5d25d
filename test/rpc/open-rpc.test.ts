import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ERRORS, type ErrorCode } from '../../src/core/errors.js'
import { METHODS, openRpcDocument } from '../../src/rpc/index.js'
import { startNode } from '../helpers/test-node.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { startRig } from './raw-client.js'
import { NodeSocket } from './real-node.js'

type Schema = Record<string, unknown>
interface Described {
  name: string
  tags: { name: string }[]
  params: { name: string; required: boolean; schema: Schema }[]
  result: { schema: Schema }
  'x-notification'?: { method: string; params: Schema }
  errors: { code: number; message: string }[]
  examples: { params: { name: string; value: unknown }[]; result: { value: unknown } }[]
}

// Their types are those of documents; what they export is the schemas.
const require = createRequire(import.meta.url)
const { openrpcDocument: metaSchema } = require('@open-rpc/meta-schema') as { openrpcDocument: Schema }
const { jsonSchema } = require('@json-schema-tools/meta-schema') as { jsonSchema: Schema }

const document = JSON.parse(JSON.stringify(openRpcDocument('0.1.0'))) as {
  methods: Described[]
  components: { schemas: Record<string, Schema> }
}
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })

function compile(schema: Schema): ValidateFunction {
  return ajv.compile({ ...schema, components: document.components })
}

/** What is wrong with the params or the result of one call; empty: nothing. */
function problems({ params, result }: Described, given: Record<string, unknown>, answered: unknown): string[] {
  const found = params.flatMap(({ name, required, schema }) =>
    given[name] === undefined ? (required ? [`${name} is missing`] : []) : told(compile(schema), given[name], name)
  )
  const unknown = Object.keys(given)
    .filter((name) => !params.some((param) => param.name === name))
    .map((name) => `${name} is no param`)
  return [...found, ...unknown, ...told(compile(result.schema), answered, 'result')]
}

function told(validate: ValidateFunction, value: unknown, what: string): string[] {
  return validate(value)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${what}${instancePath} ${message ?? ''}`)
}

test('the document is valid against the meta-schema of OpenRPC', () => {
  const meta = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  // It is named in both ways, and is its own meta-schema.
  meta.addMetaSchema(jsonSchema, undefined, false)
  meta.addSchema({ ...jsonSchema, $id: 'https://meta.json-schema.tools' }, undefined, undefined, false)
  const validate = meta.compile(metaSchema)
  expect(told(validate, document, 'document')).toEqual([])
  expect(
    told(validate, { ...document, methods: [{ ...document.methods[0], params: 'none' }] }, 'document')
  ).not.toEqual([])
})

test('every method of the table is in it, and nothing else; no name comes twice', () => {
  expect(document.methods.map(({ name }) => name)).toEqual(Object.keys(METHODS))
  for (const { params } of document.methods) expect(new Set(params.map(({ name }) => name)).size).toBe(params.length)
})

test('shapes that several methods share have one name, and every result has one; each reference leads to one', () => {
  const { schemas } = document.components
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name]) => name!
  )
  expect(new Set(refs)).toEqual(new Set(Object.keys(schemas)))
  expect(refs.length).toBe(JSON.stringify(document).split('"$ref"').length - 1)
  for (const { result } of document.methods) expect(Object.keys(result.schema)).toEqual(['$ref'])
  const texts = Object.values(schemas).map((schema) => JSON.stringify(schema))
  expect(schemas.Entry).toMatchObject({
    type: 'object',
    properties: { ledger: { $ref: '#/components/schemas/LedgerId' } }
  })
  expect(texts.filter((text) => text === JSON.stringify(schemas.Entry))).toHaveLength(1)
})

test('what a subscription sends is described, and so is what is sent', async () => {
  const rig = await startRig()
  onTestFinished(() => rig.close())
  const client = await rig.connect()
  const { after } = METHODS['feed.read'].example.params as { after: string }
  const { events } = METHODS['feed.read'].example.result as unknown as { events: never[] }
  const subscribing = document.methods.filter(({ name }) => name.endsWith('.subscribe'))
  expect(subscribing.map(({ name }) => name)).toEqual(['ledger.subscribe', 'feed.subscribe', 'network.subscribe'])
  for (const { name, 'x-notification': told } of subscribing) {
    const params = name === 'feed.subscribe' ? { after } : {}
    await client.send({ jsonrpc: '2.0', id: 1, method: name, params }).answer()
    if (name === 'ledger.subscribe') await rig.node.append({ stream: 's', type: 't' })
    if (name === 'feed.subscribe') void rig.node.feed.tell({ events, last: after })
    if (name === 'network.subscribe') rig.node.happen({ kind: 'disconnected', at: 1, peer: 'p', ledger: null })
    const sent = await client.answer()
    const check = compile(told!.params)
    expect([sent.method, check(sent.params), check.errors]).toEqual([told!.method, true, null])
    expect(check({ subscription: '1', result: {} })).toBe(false)
  }
})

test('each method has the tag of its family', () => {
  expect(document.methods.map(({ name, tags }) => [name, tags.map((tag) => `${tag.name}.`)])).toEqual(
    document.methods.map(({ name }) => [name, [name.slice(0, name.indexOf('.') + 1)]])
  )
})

describe.each(document.methods)('$name', (method) => {
  test('its examples are valid against its own schemas, which refuse what is not', () => {
    expect(method.examples).not.toEqual([])
    for (const { params, result } of method.examples) {
      const given = Object.fromEntries(params.map(({ name, value }) => [name, value]))
      expect(problems(method, given, result.value)).toEqual([])
      expect(problems(method, given, [])).not.toEqual([])
      expect(problems(method, { ...given, nonsense: 1 }, result.value)).not.toEqual([])
    }
  })
})

test('what a real node answers to each method is what the document says', async () => {
  const [author, other] = [await startNode({ name: 'author', access: 'private' }), await startNode({ name: 'other' })]
  const socket = await NodeSocket.open(author)
  const served = (await socket.call('rpc.discover')).result as unknown as { methods: Described[] }
  expect(served.methods.map(({ name }) => name)).toEqual(document.methods.map(({ name }) => name))
  const called = new Set<string>()
  const wrong: string[] = []
  /** The result; null: it was refused, by a code that the document names. */
  const call = async (name: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown> | null> => {
    called.add(name)
    const method = served.methods.find((one) => one.name === name)!
    const { result, error } = await socket.call(name, params)
    if (error === undefined) wrong.push(...problems(method, params, result).map((problem) => `${name}: ${problem}`))
    else if (
      !method.errors.some(({ code, message }) => code === error.code && message === error.data.kind) ||
      ERRORS[error.data.kind as ErrorCode].rpc !== error.code
    )
      wrong.push(`${name}: refused with ${error.data.kind}: ${error.message}`)
    return result ?? null
  }

  await call('network.subscribe', { kinds: ['connected'] })
  await call('ledger.subscribe', { ledger: '*' })
  const { entry } = (await call('ledger.append', {
    stream: 's',
    type: 't',
    id: 'one',
    payload: { a: 1.5 },
    issuer_oid: 'i',
    subject_oid: 'o',
    references: [{ ledgerId: author.id, entryId: 'genesis', referenceType: 'related' }]
  })) as { entry: { hash: string } }
  await call('ledger.appendBatch', {
    entries: [
      { stream: 's', type: 't', meta: { x: 1 }, timestamp: 5 },
      { stream: 's', type: 't' }
    ],
    allowUnresolved: true
  })
  await call('ledger.append', {
    stream: 's',
    type: 't',
    references: [{ ledgerId: other.id, entryId: 'nothing', referenceType: 'source' }]
  })
  await call('network.connect', { address: other.addr })
  await call('network.connect', { address: '/ip4/127.0.0.1/tcp/1' })
  await call('ledger.setAccess', { grant: [{ ledger: other.id, scope: 'full' }], trustMilli: 700 })
  await call('sync.follow', { ledger: other.id, filters: { streams: ['s'] } })
  await author.synced(other.id, 1)
  await other.sync.follow(author.id)
  await other.synced(author.id, author.ledger.parts.ledgers.own.size)
  for (const name of ['sync.pull', 'sync.pause', 'sync.resume']) await call(name, { ledger: other.id })
  await call('sync.status')
  await call('sync.pull', { ledger: `b${'a'.repeat(52)}` })
  for (const pointer of [{ id: 'one' }, { seq: 0 }, { hash: entry.hash }, { id: 'none' }]) {
    await call('ledger.get', pointer)
    await call('ledger.verifyEntry', pointer)
    await call('ledger.references', pointer)
    await call('ledger.referenceStates', { limit: 1 })
    await call('network.followReferences', pointer)
    await call('network.fetchReferences', pointer)
  }
  await call('ledger.query', { ledger: '*', limit: 2 })
  await call('ledger.query', { cursor: 'nonsense' })
  await call('ledger.verifyChain', { from: 1, limit: 2 })
  await call('ledger.head')
  await expect
    .poll(async () => (await socket.call('ledger.checkpoint')).result !== undefined, { timeout: 20_000 })
    .toBe(true)
  await call('ledger.checkpoint')
  await call('ledger.prove', { seq: 0 })
  await call('ledger.consistency', { size1: 1, size2: 3 })
  await call('ledger.consistency', { size1: 3, size2: 1 })
  await call('ledger.erase', { hashes: [entry.hash] })
  await call('ledger.erase', { hashes: ['ab'.repeat(32)] })
  await call('ledger.erasures', { limit: 5 })
  const { position } = (await call('feed.snapshot', { limit: 2 })) as { position: string }
  const first = `${position.split('.')[0]!}.0.${'0'.repeat(16)}`
  await call('feed.read', { after: first, limit: 1000 })
  await call('feed.read', { after: '0123456789abcdef.1.0123456789abcdef' })
  const { subscription } = (await call('feed.subscribe', { after: position })) as { subscription: string }
  await call('feed.unsubscribe', { subscription })
  await call('ledger.override', { nothingWasSignedSince: true })
  await call('ledger.access')
  const attested = (await call('trust.attest', { ledger: other.id, levelMilli: 800, kind: 'full', depth: 1 })) as {
    entry: { hash: string }
  }
  await call('trust.attest', { ledger: author.id, levelMilli: 800 })
  await call('trust.accept', { attestation: attested.entry.hash })
  await call('trust.verify', { attestation: attested.entry.hash })
  for (const name of ['trust.level', 'trust.explain', 'trust.verifyChain'])
    for (const to of [other.id, `b${'a'.repeat(52)}`]) await call(name, { to })
  await call('trust.list')
  await call('trust.find', { about: other.id })
  await call('trust.revoke', { ledger: other.id })
  for (const name of [
    'network.members',
    'network.refusals',
    'network.indexFaults',
    'network.ledgers',
    'network.peers',
    'network.health',
    'node.status',
    'node.health',
    'node.metrics',
    'node.peers',
    'node.disk',
    'node.compact',
    'node.reload',
    'evidence.list'
  ])
    await call(name)
  await call('network.pardonIndex', { ledger: other.id })
  await call('network.admit', { peer: other.peerId, days: 1 })
  await call('network.expel', { peer: other.peerId })
  await call('network.authorizeNode', { peerId: other.peerId, expires: 253_402_300_799_999 })
  await call('network.revokeNode', { peerId: other.peerId })
  await call('network.topology', { format: 'dot' })
  await call('network.findLedgers', { ledger: other.id })
  await call('network.getLedger', { ledger: other.id })
  for (const name of ['network.query', 'network.count']) await call(name, { held: true, deadline: 500 })
  await call('network.discover', { method: 'manual', bootstrapNodes: [other.addr] })
  await call('network.register', { registryPeer: other.addr })
  await call('node.backup', { folder: `${await temporaryFolder()}/copy` })
  await call('sync.addRemote', { ledger: other.id, direction: 'bidirectional', name: 'other' })
  await call('sync.updateRemote', { ledger: other.id, headers: true })
  await call('sync.remotes')
  await call('sync.push', { remote: other.id, wait: '5s' })
  await call('sync.bidirectional', { remote: other.id })
  await call('sync.retryState', { remote: other.id })
  await call('sync.clearState', { remote: other.id })
  await call('ledger.append', { stream: 's', type: 't', replicas: 1, timeout: 0 })
  await call('sync.state', { status: 'synced', limit: 3 })
  await call('sync.updateRemote', { ledger: other.id, headers: false })
  await call('sync.adopt', { ledger: other.id, types: ['t'] })
  await call('sync.adoptions')
  await call('sync.stopAdopting', { ledger: other.id, copies: 'erase' })
  await call('sync.jobs')
  await call('sync.offers')
  await call('sync.entries', { since: 'seq:0', limit: 2 })
  await call('sync.receive', { entries: [], sourceLedgerId: other.id, sourcePublicKey: '0'.repeat(64) })
  for (const name of ['sync.acceptOffer', 'sync.dismissOffer', 'sync.blockOffers'])
    await call(name, { ledger: other.id })
  await call('sync.invite', { days: 1 })
  await call('sync.updateRemote', { ledger: other.id, direction: 'pull' })
  await call('sync.conflicts')
  await call('sync.resolve', { ledger: other.id })
  await call('sync.voided', { ledger: other.id })
  await call('sync.setRule', { rule: { name: 'things', key: ['subject_oid'], scope: 'held' } })
  await call('sync.rules')
  await call('ledger.append', { stream: 's', type: 't', subject_oid: 'thing', payload: 1 })
  await call('sync.entryConflicts', { all: true })
  await call('sync.view', { rule: 'things', key: { subject_oid: 'thing' } })
  await call('sync.resolveEntry', { conflict: `c${'0'.repeat(32)}`, none: true })
  await call('sync.removeRule', { name: 'things' })
  await call('sync.unfollow', { ledger: other.id, forget: true })
  await call('sync.removeRemote', { ledger: other.id })
  for (const name of ['ledger.unsubscribe', 'network.unsubscribe']) await call(name, { subscription: '1' })
  await call('alias.set', { alias: 'the-other', ledger: other.id })
  await call('alias.list')
  await call('alias.resolve', { ledger: 'the-other' })
  for (let times = 0; times < 2; times++) await call('alias.remove', { alias: 'the-other' })
  await call('tokens.create', { name: 'page', scopes: ['read'] })
  await call('tokens.list')
  await call('tokens.revoke', { name: 'page' })
  await call('network.disconnect', { peer: other.peerId })
  await call('keys.rotate')
  await call('rpc.discover')
  await call('rpc.ping')
  await call('node.stop')
  expect(wrong).toEqual([])
  expect([...called].toSorted()).toEqual(Object.keys(METHODS).toSorted())
}, 90_000)
