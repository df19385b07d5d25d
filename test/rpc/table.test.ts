import { describe, expect, test } from 'vitest'
import { ERRORS } from '../../src/core/errors.js'
import { HANDLERS } from '../../src/rpc/handlers/index.js'
import { METHODS, openRpcDocument, type MethodName } from '../../src/rpc/index.js'
import { findMethod } from '../../src/rpc/methods/index.js'
import { readParams } from '../../src/rpc/read-params.js'

const NAMES = Object.keys(METHODS) as MethodName[]

test('the table has every method of this step', () => {
  expect(NAMES.toSorted()).toEqual([
    'alias.list',
    'alias.remove',
    'alias.resolve',
    'alias.set',
    'evidence.list',
    'feed.read',
    'feed.snapshot',
    'feed.subscribe',
    'feed.unsubscribe',
    'keys.rotate',
    'ledger.access',
    'ledger.append',
    'ledger.appendBatch',
    'ledger.checkpoint',
    'ledger.consistency',
    'ledger.erase',
    'ledger.erasures',
    'ledger.get',
    'ledger.head',
    'ledger.override',
    'ledger.prove',
    'ledger.query',
    'ledger.referenceStates',
    'ledger.references',
    'ledger.setAccess',
    'ledger.subscribe',
    'ledger.unsubscribe',
    'ledger.verifyChain',
    'ledger.verifyEntry',
    'network.admit',
    'network.authorizeNode',
    'network.connect',
    'network.count',
    'network.disconnect',
    'network.discover',
    'network.expel',
    'network.fetchReferences',
    'network.findLedgers',
    'network.followReferences',
    'network.getLedger',
    'network.health',
    'network.indexFaults',
    'network.ledgers',
    'network.members',
    'network.pardonIndex',
    'network.peers',
    'network.query',
    'network.refusals',
    'network.register',
    'network.revokeNode',
    'network.subscribe',
    'network.topology',
    'network.unsubscribe',
    'node.backup',
    'node.compact',
    'node.disk',
    'node.health',
    'node.metrics',
    'node.peers',
    'node.reload',
    'node.status',
    'node.stop',
    'rpc.discover',
    'rpc.ping',
    'sync.acceptOffer',
    'sync.addRemote',
    'sync.adopt',
    'sync.adoptions',
    'sync.bidirectional',
    'sync.blockOffers',
    'sync.clearState',
    'sync.conflicts',
    'sync.dismissOffer',
    'sync.entries',
    'sync.entryConflicts',
    'sync.follow',
    'sync.invite',
    'sync.jobs',
    'sync.offers',
    'sync.pause',
    'sync.pull',
    'sync.push',
    'sync.receive',
    'sync.remotes',
    'sync.removeRemote',
    'sync.removeRule',
    'sync.resolve',
    'sync.resolveEntry',
    'sync.resume',
    'sync.retryState',
    'sync.rules',
    'sync.setRule',
    'sync.state',
    'sync.status',
    'sync.stopAdopting',
    'sync.unfollow',
    'sync.updateRemote',
    'sync.view',
    'sync.voided',
    'tokens.create',
    'tokens.list',
    'tokens.revoke',
    'trust.accept',
    'trust.attest',
    'trust.explain',
    'trust.find',
    'trust.level',
    'trust.list',
    'trust.revoke',
    'trust.verify',
    'trust.verifyChain'
  ])
  expect(Object.keys(HANDLERS).toSorted()).toEqual(NAMES.toSorted())
})

describe.each(NAMES)('%s', (name) => {
  const method = findMethod(name)!

  test('its example satisfies its schemas', () => {
    const params = readParams(method, method.example.params)
    expect(Object.keys(params)).toEqual(expect.arrayContaining(Object.keys(method.example.params)))
    expect(method.result.safeParse(method.example.result).error).toBeUndefined()
  })
  test('required params come first, no name twice, all errors are known', () => {
    const order = method.params.map(({ required }) => required)
    expect(order).toEqual(order.toSorted((a, b) => Number(b) - Number(a)))
    expect(new Set(method.params.map((param) => param.name)).size).toBe(method.params.length)
    for (const error of method.errors) expect(ERRORS).toHaveProperty(error)
  })
})

test('rpc.discover describes exactly the table, in JSON', () => {
  const document = openRpcDocument('0.1.0')
  expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  expect(document).toMatchObject({ openrpc: '1.3.2', info: { title: 'Ledgermesh', version: '0.1.0' } })
  expect(document.methods.map(({ name }) => name)).toEqual(NAMES)
  const append = document.methods.find(({ name }) => name === 'ledger.append')!
  expect(append).toMatchObject({
    params: expect.arrayContaining([
      expect.objectContaining({
        name: 'stream',
        required: true,
        schema: { $ref: '#/components/schemas/Name' }
      })
    ])
  })
  expect(document.components.schemas.Name).toMatchObject({ type: 'string', maxLength: 128 })
})
