/**
 * FAULTS §1 row 5: a misspelt option is refused by its name, wherever a program can give one. As JavaScript calls it:
 * the types would forbid all of this.
 */
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import * as client from '../../src/client.js'
import * as library from '../../src/index.js'
import * as checking from '../../src/verify.js'
import { findMethod, METHODS, type MethodName } from '../../src/rpc/methods/index.js'
import { readParams } from '../../src/rpc/read-params.js'
import { startNode } from '../helpers/test-node.js'
import { temporaryFolder } from '../helpers/temporary-folder.js'
import { startRig } from '../rpc/raw-client.js'
import { nodeOf } from '../../src/node/daemon-node.js'

type Call = (...args: unknown[]) => unknown
/** null: takes no object of options or filters. Else calls that give one unknown member each. */
type Table = Record<string, null | (() => unknown)[]>

const BOGUS = { bogus: 1 }
const HASH = '0'.repeat(64)
const LEDGER = `b${'a'.repeat(52)}`
const NOTE = { stream: 'main', type: 'note' }

async function refuses(table: Table): Promise<void> {
  for (const [name, calls] of Object.entries(table)) {
    for (const [at, call] of (calls ?? []).entries()) {
      const error = await (async () => await call())().then(
        () => 'taken',
        (thrown: unknown) => thrown
      )
      expect({ call: `${name} ${at}`, error }).toMatchObject({
        error: { code: 'INVALID_PARAMS', message: expect.stringContaining('"bogus"') }
      })
    }
  }
}

/** Everything that can be called on it, its prototypes included. */
function methodsOf(object: object): string[] {
  const names = new Set<string>()
  for (let one: object = object; one !== Object.prototype; one = Object.getPrototypeOf(one) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one)))
      if (typeof value === 'function' && name !== 'constructor') names.add(name)
  }
  return [...names].toSorted()
}

const keysOf = (table: Table): string[] => Object.keys(table).toSorted()

test('functions of the three packages', async () => {
  const js = library as unknown as Record<string, Call>
  const dataDir = await temporaryFolder()
  const checks: Table = {
    ERRORS: null,
    LedgermeshError: null,
    canonicalize: null,
    consistencyProof: null,
    formatCheckpoint: null,
    inclusionProof: null,
    isCoded: null,
    merkleRoot: null,
    multiproof: null,
    nextStep: null,
    parseCheckpoint: null,
    verifyCheckpoint: null,
    verifyConsistency: null,
    verifyEntry: null,
    verifyInclusion: null,
    verifyMultiproof: null,
    verifyNodeRecord: null,
    verifySignature: null,
    verifyAnswer: [() => js.verifyAnswer!('{}', BOGUS)],
    verifyEvidence: [() => js.verifyEvidence!(new Uint8Array(), BOGUS)],
    verifyIndexFault: [() => js.verifyIndexFault!(new Uint8Array(), BOGUS)],
    verifyExport: [() => js.verifyExport!([], BOGUS)],
    verifyProof: [() => js.verifyProof!('{}', BOGUS)]
  }
  const table: Table = {
    ...checks,
    CrossLedgerQuery: null,
    NetworkRegistry: null,
    TrustManager: null,
    LedgerClient: null,
    exportTopology: null,
    signingKeyFromSeed: null,
    createLedger: [
      () => js.createLedger!({ dataDir, ...BOGUS }),
      () => js.createLedger!({ dataDir, members: { issuers: [], ...BOGUS } }),
      () => js.createLedger!({ dataDir, plugins: [{ id: 'x', version: '1', hooks: { bogus: () => {} } }] })
    ],
    interoperabilityPlugin: [
      () => js.interoperabilityPlugin!(BOGUS),
      () => js.interoperabilityPlugin!({ trust: BOGUS }),
      () => js.interoperabilityPlugin!({ discovery: BOGUS })
    ],
    syncPlugin: [
      () => js.syncPlugin!(BOGUS),
      () => js.syncPlugin!({ autoSync: BOGUS }),
      () => js.syncPlugin!({ autoPull: BOGUS }),
      () => js.syncPlugin!({ rules: [{ name: 'x', key: ['id'], scope: 'held', ...BOGUS }] })
    ]
  }
  expect(Object.keys(library).toSorted()).toEqual(keysOf(table))
  expect(Object.keys(checking).toSorted()).toEqual(keysOf(checks))
  expect(Object.keys(client).toSorted()).toEqual([
    'ERRORS',
    'HttpClient',
    'LedgerClient',
    'LedgermeshError',
    'isCoded',
    'nextStep'
  ])
  await refuses(table)
  for (const given of [null, [], 'x', 1]) expect(() => js.syncPlugin!(given)).toThrow('options are given as an object')
  for (const given of [undefined, null, 'x', {}, { dataDir: 1 }])
    await expect(js.createLedger!(given)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('methods of a ledger, its plugins and the client', async () => {
  const node = await startNode()
  const ledger = node.ledger as unknown as Record<string, Call>
  const { sync, interoperability } = node.ledger.plugins as unknown as Record<string, Record<string, Call>>
  const feed = node.ledger.feed as unknown as Record<string, Call>
  const trust = interoperability!.trust as unknown as Record<string, Call>
  const rig = await startRig({ node: nodeOf(node.ledger, 0) })
  onTestFinished(() => rig.close())
  const socket = await library.LedgerClient.connect(rig.path)
  onTestFinished(() => socket.close())
  const js = socket as unknown as Record<string, Call>

  const tables: [object, Table][] = [
    [
      node.ledger,
      {
        append: [() => ledger.append!({ ...NOTE, ...BOGUS }), () => ledger.append!(NOTE, BOGUS)],
        appendBatch: [
          () => ledger.appendBatch!([{ ...NOTE, ...BOGUS }]),
          () => ledger.appendBatch!([NOTE], BOGUS),
          () => ledger.appendBatch!([], BOGUS)
        ],
        get: [() => ledger.get!({ id: 'x', ...BOGUS }), () => ledger.get!({ seq: 0, ...BOGUS }, '*')],
        query: [() => ledger.query!(BOGUS), () => ledger.query!(BOGUS, '*'), () => ledger.query!(BOGUS, node.id)],
        verifyEntry: [() => ledger.verifyEntry!({ seq: 0, ...BOGUS })],
        references: [() => ledger.references!('genesis', BOGUS), () => ledger.references!({ seq: 0, ...BOGUS })],
        referenceStates: [() => ledger.referenceStates!(BOGUS)],
        verifyChain: [() => ledger.verifyChain!(BOGUS)],
        prove: [() => ledger.prove!({ seq: 0, ...BOGUS })],
        setAccess: [() => ledger.setAccess!(BOGUS)],
        access: null,
        checkpoint: null,
        close: null,
        consistency: null,
        erase: null,
        head: null,
        held: null,
        isPrivate: null,
        lookElsewhere: null,
        requireReferences: null,
        subscribe: null
      }
    ],
    [
      node.ledger.feed,
      {
        snapshot: [() => feed.snapshot!(BOGUS)],
        read: [() => feed.read!({ after: 'x', ...BOGUS })],
        check: [() => feed.check!({ after: 'x', ...BOGUS })],
        subscribe: [() => feed.subscribe!({ after: 'x', ...BOGUS }, () => {})],
        stop: null
      }
    ],
    [
      sync!,
      {
        follow: [() => sync!.follow!(LEDGER, BOGUS), () => sync!.follow!(LEDGER, { filters: BOGUS })],
        unfollow: [() => sync!.unfollow!(node.id, BOGUS)],
        adopt: [() => sync!.adopt!(LEDGER, BOGUS), () => sync!.follow!(LEDGER, { adopt: BOGUS })],
        stopAdopting: [() => sync!.stopAdopting!(node.id, BOGUS)],
        adoptions: null,
        erasures: [() => sync!.erasures!(BOGUS)],
        addRemote: [() => sync!.addRemote!(LEDGER, BOGUS)],
        updateRemote: [() => sync!.updateRemote!(LEDGER, BOGUS)],
        push: [() => sync!.push!(LEDGER, BOGUS)],
        pushEntries: [() => sync!.pushEntries!({ remoteLedgerId: LEDGER }, [], BOGUS)],
        pullEntries: [() => sync!.pullEntries!({ remoteLedgerId: LEDGER }, BOGUS)],
        syncBidirectional: [() => sync!.syncBidirectional!({ remoteLedgerId: LEDGER }, BOGUS)],
        receive: [() => sync!.receive!({ entries: [], sourceLedgerId: LEDGER, sourcePublicKey: HASH, ...BOGUS })],
        acceptOffer: [() => sync!.acceptOffer!(LEDGER, BOGUS)],
        invite: [() => sync!.invite!(BOGUS)],
        jobs: [() => sync!.jobs!(BOGUS)],
        state: [() => sync!.state!(BOGUS)],
        retryState: [() => sync!.retryState!(BOGUS)],
        clearState: [() => sync!.clearState!(BOGUS)],
        removeRemote: [() => sync!.removeRemote!(node.id, BOGUS)],
        remotes: null,
        replicas: null,
        offers: null,
        dismissOffer: null,
        blockOffers: null,
        status: null,
        pull: null,
        pause: null,
        resume: null,
        resolve: null,
        conflicts: null,
        override: null,
        voided: null
      }
    ],
    [
      interoperability!,
      {
        findLedgers: [() => interoperability!.findLedgers!(BOGUS)],
        discover: [() => interoperability!.discover!(BOGUS)],
        followReferences: [
          () => interoperability!.followReferences!('genesis', BOGUS),
          () => interoperability!.followReferences!({ seq: 0, ...BOGUS })
        ],
        query: [() => interoperability!.query!(BOGUS), () => interoperability!.query!({ filters: BOGUS })],
        count: [() => interoperability!.count!(BOGUS)],
        addresses: null,
        admit: null,
        expel: null,
        members: null,
        refusals: null,
        indexFaults: null,
        pardonIndex: null,
        authorizeNode: null,
        clockOffsets: null,
        connect: null,
        disconnect: null,
        getLedger: null,
        getTrustLevel: null,
        ledgers: null,
        peers: null,
        register: null,
        revokeNode: null,
        subscribe: null,
        topology: null,
        updateStatus: null,
        verifyTrustChain: null
      }
    ],
    [
      trust,
      {
        attest: [() => trust.attest!({ ledger: LEDGER, levelMilli: 1, ...BOGUS })],
        revoke: [() => trust.revoke!({ ledger: LEDGER, ...BOGUS })],
        level: [() => trust.level!({ to: LEDGER, ...BOGUS })],
        explain: [() => trust.explain!({ to: LEDGER, ...BOGUS })],
        list: [() => trust.list!(BOGUS)],
        find: [() => trust.find!({ about: LEDGER, ...BOGUS })],
        accept: null,
        verify: null
      }
    ],
    [
      socket,
      {
        call: [() => js.call!('node.status', BOGUS)],
        batch: [() => js.batch!([{ method: 'node.status', params: {}, ...BOGUS }])],
        subscribe: [() => js.subscribe!(BOGUS, () => {})],
        watchNetwork: [() => js.watchNetwork!(BOGUS, () => {})],
        followFeed: [() => js.followFeed!({ after: 'x', ...BOGUS }, () => {})],
        ping: null,
        close: null
      }
    ]
  ]
  for (const [object, table] of tables) {
    expect(methodsOf(object)).toEqual(keysOf(table))
    await refuses(table)
  }
  await expect((library.LedgerClient as unknown as { connect: Call }).connect()).rejects.toMatchObject({
    code: 'INVALID_PARAMS'
  })
  for (const params of [undefined, null, 'x'])
    await expect(js.call!('node.status', params)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  expect(node.mirror(node.id).size).toBe(1)
})

test("a string is an entry's id; what names no entry is refused with a code, at every reader", async () => {
  const node = await startNode()
  const { entry } = await node.ledger.append({ ...NOTE, id: 'n-1', payload: { n: 1 } })
  for (const ledger of [undefined, node.id, '*']) {
    expect(await node.ledger.get('n-1', ledger)).toMatchObject({ hash: entry.hash, payload: { n: 1 } })
    expect(await node.ledger.get('nobody', ledger)).toBeNull()
  }
  expect(await node.ledger.verifyEntry('n-1')).toMatchObject({ valid: true, hash: entry.hash })
  const js = node.ledger as unknown as Record<string, Call>
  for (const wrong of [
    undefined,
    null,
    1,
    [],
    {},
    { id: 1 },
    { hash: 'x' },
    { seq: '1' },
    { seq: 0.5 },
    { id: 'n-1', seq: 1 }
  ]) {
    for (const method of ['get', 'verifyEntry', 'prove'])
      await expect(js[method]!(wrong)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  }
  for (const wrong of [undefined, null, 'x', ['x'], [1]])
    await expect(js.erase!(wrong)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  for (const wrong of [null, 'x', [], { cursor: 1 }, { limit: '5' }, { stream: 1 }])
    await expect(js.query!(wrong)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  for (const wrong of [null, { from: -1 }, { from: 'x' }, { limit: 0.5 }])
    await expect(js.verifyChain!(wrong)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
})

test('a filter of a plugin is taken by its hook, and refused without the plugin, or where hooks do not run', async () => {
  const seen: unknown[] = []
  const taking = await startNode({
    extra: [
      {
        id: 'cross',
        version: '1',
        hooks: {
          beforeQuery: ({ _crossLedger: crossLedger, ...filter }) => {
            seen.push(crossLedger)
            return { filter }
          }
        }
      }
    ]
  })
  const query = { type: 'ledger.genesis', _crossLedger: true }
  expect((await taking.ledger.query(query)).entries).toHaveLength(1)
  expect(seen).toEqual([true])
  const plain = await startNode()
  for (const ask of [() => taking.ledger.query(query, '*'), () => plain.ledger.query(query)]) {
    await expect(ask()).rejects.toMatchObject({ code: 'INVALID_PARAMS', message: 'there is no filter "_crossLedger"' })
  }
})

test('params of the socket, at every depth', () => {
  for (const name of Object.keys(METHODS) as MethodName[]) {
    const method = findMethod(name)!
    expect(() => readParams(method, { ...method.example.params, ...BOGUS })).toThrow('there is no param "bogus"')
    for (const param of method.params)
      expect(
        openObjects(z.toJSONSchema(param.schema, { io: 'input', unrepresentable: 'any' }), `${name} ${param.name}`)
      ).toEqual([])
  }
  expect(() =>
    readParams(findMethod('ledger.appendBatch')!, {
      entries: [
        {
          ...NOTE,
          references: [{ ledgerId: LEDGER, entryId: 'x', referenceType: 'source', entryHash: HASH, ...BOGUS }]
        }
      ]
    })
  ).toThrow(/bogus/)
})

/** Where a schema has named members and takes others. */
function openObjects(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const { properties, additionalProperties } = schema as { properties?: object; additionalProperties?: unknown }
  const inside = Object.entries(schema).flatMap(([key, value]) => openObjects(value, `${path}.${key}`))
  return properties !== undefined && additionalProperties !== false ? [path, ...inside] : inside
}
