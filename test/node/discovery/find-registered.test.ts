import { expect, test } from 'vitest'
import { WireError, type SignedRecord } from '../../../protocols/wire.js'
import { LedgermeshError } from '../../../src/core/errors.js'
import { encodeNodeRecord, type NodeRecord } from '../../../src/core/node-record.js'
import { peerIdOf } from '../../../src/core/peer-key.js'
import { signingInput, verifySignature, type Verify } from '../../../src/core/signature.js'
import { asking, findRegistered, RegistryClient } from '../../../src/node/discovery/find-registered.js'
import type { CheckedRecord } from '../../../src/node/peers/check-record.js'
import { Author, key, NETWORK } from '../../core/author.js'
import { START_MS, TestClock } from '../../ledger/support.js'

const PEER = peerIdOf(key(200).publicKey)
const SELF = peerIdOf(key(201).publicKey)
const author = await Author.create(80)
const HEARD_WITHIN_MS = 60_000

/** A record that a registry gives; `by`: who signed it. */
async function recordOf(
  members: Partial<NodeRecord> = {},
  by = author.signer,
  history = author
): Promise<SignedRecord> {
  const body = encodeNodeRecord({
    v: 1,
    network: NETWORK,
    ledger: author.ledger,
    peer_id: PEER,
    key: by.publicKey,
    seq: 5,
    issued: START_MS,
    expires: START_MS + 3_600_000,
    addrs: [`/ip4/203.0.113.7/tcp/7440/p2p/${PEER}`],
    capabilities: ['sync'],
    metadata: { version: '0.1.0', streams: [], region: null },
    ...members
  })
  const signature = await by.sign(signingInput('nodeRecord', body))
  return { body, signature, keyEntries: history.keyEntries().map(({ raw }) => raw) }
}

interface Known {
  seq: number
  issued: number
  ledger?: string
}

function setup(known: Known | null = null, verify: Verify = verifySignature) {
  const clock = new TestClock()
  const problems: string[] = []
  const heard: string[] = []
  const told: string[] = []
  const dialled: string[] = []
  const nodes: { record: { peer_id: string; capabilities: string[] }; status: string }[] = []
  const client = new RegistryClient({
    peerNetwork: {
      directory: {
        list: () => nodes,
        get: () => (known === null ? null : { record: { ledger: author.ledger, ...known } }),
        contradictions: {
          add: ({ source, problem }: { source: string; problem: string }) => problems.push(`${source}: ${problem}`)
        },
        proofOf: ({ record, shownKey }: CheckedRecord) => (shownKey === record.key ? 'shown' : 'claimed'),
        isSelfSigned: ({ key: by }: NodeRecord) => by === key(200).publicKey,
        addHeard: ({ record }: CheckedRecord) => heard.push(record.peer_id)
      },
      verifier: { forPeer: () => verify },
      recordChecked: (_checked: unknown, from: string) => told.push(from),
      host: { peerId: SELF },
      connections: {
        isConnected: (peer: string) => peer === PEER,
        connect: async (address: string) => {
          dialled.push(address)
          return 'dialled'
        }
      }
    },
    network: NETWORK,
    clock,
    registries: [`/ip4/203.0.113.9/tcp/1/p2p/${PEER}`]
  } as unknown as ConstructorParameters<typeof RegistryClient>[0])
  const take = async (records: SignedRecord[], wanted: string | null = null): Promise<string[]> =>
    (await client.take('the registry r', 'r', records, wanted)).map(({ peer }) => peer)
  return { client, clock, problems, heard, told, dialled, nodes, take }
}

test('a record that is true is a hint, and is heard of', async () => {
  const { client, heard, told, problems } = setup()
  expect(await client.take('the registry r', 'r', [await recordOf()], author.ledger)).toEqual([
    {
      peer: PEER,
      addrs: [`/ip4/203.0.113.7/tcp/7440/p2p/${PEER}`],
      source: 'registry',
      expect: { ledgers: [author.ledger] },
      by: 'the registry r'
    }
  ])
  expect([heard, told, problems]).toEqual([[PEER], ['r'], []])
})

test('the record of a node that its ledger does not sign for is one when the peer signed it itself, and else reported', async () => {
  const { take, problems } = setup()
  expect(await take([await recordOf({}, key(200))])).toEqual([PEER])
  expect(problems).toEqual([])
  expect(await take([await recordOf({}, key(222))])).toEqual([])
  expect(problems).toMatchObject([expect.stringContaining('signed by neither')])
})

test.each<[string, () => Promise<SignedRecord>, string]>([
  ['another signature', async () => ({ ...(await recordOf()), signature: Buffer.alloc(64) }), 'does not check'],
  ['no record', async () => ({ ...(await recordOf()), body: Buffer.from('{}') }), 'does not check'],
  ['key entries of another ledger', async () => await recordOf({}, author.signer, await Author.create(90)), 'does not'],
  ['over', async () => await recordOf({ issued: START_MS - 20, expires: START_MS }), 'not in force'],
  ['from the future', async () => await recordOf({ issued: START_MS + 700_000 }), 'not in force']
])('what does not check is reported and gives nothing: %s', async (_what, record, problem) => {
  const { take, problems, heard } = setup()
  expect(await take([await record()])).toEqual([])
  expect([heard, problems]).toEqual([[], [expect.stringContaining(problem)]])
})

test('a record of another network is reported, and keeps the others from nothing', async () => {
  const { take, problems } = setup()
  expect(await take([await recordOf({ network: 'other' }), await recordOf()])).toEqual([PEER])
  expect(problems).toEqual([expect.stringContaining('network other')])
})

test('asked for one ledger, a registry that gives another one is reported', async () => {
  const { take, problems } = setup()
  const other = `b${'a'.repeat(51)}a`
  expect(await take([await recordOf()], other)).toEqual([])
  expect(problems).toEqual([`registry: the registry r gives ${author.ledger} for ${other}`])
})

test('an older record than the one known contradicts nothing while the registry may not have heard of that', async () => {
  const old = await recordOf({ seq: 4 })
  const fresh = setup({ seq: 5, issued: START_MS - HEARD_WITHIN_MS })
  expect(await fresh.take([old])).toEqual([PEER])
  expect([fresh.problems, fresh.heard]).toEqual([[], []])
  fresh.clock.pass(1)
  expect(await fresh.take([old])).toEqual([PEER])
  expect(fresh.problems).toEqual([expect.stringContaining('older record')])
  const same = setup({ seq: 4, issued: 0 })
  await same.take([old])
  expect(same.problems).toEqual([])
})

test('two histories of the keys of one ledger that part are reported: neither is for a registry to choose', async () => {
  const [one, other] = [author.fork(), author.fork()]
  await one.rotate()
  await other.append()
  await other.rotate()
  const { take, problems } = setup()
  const given = [await recordOf({}, one.signer, one), await recordOf({ seq: 6 }, other.signer, other)]
  expect(await take(given)).toEqual([PEER, PEER])
  expect(problems).toEqual([expect.stringContaining('contested')])
  const later = setup()
  await later.take([await recordOf({}, author.signer, author), given[0]!])
  expect(later.problems, 'one is the beginning of the other').toEqual([])
})

test('one that gives too much nonsense is not worth more work; our own trouble is thrown', async () => {
  let checks = 0
  const busy = setup(null, async () => {
    if (++checks > 3) throw new LedgermeshError('OVERLOADED', 'the budget is used up')
    return false
  })
  const lies = await Promise.all(Array.from({ length: 20 }, async (_, seq) => await recordOf({ seq })))
  expect(await busy.take(lies)).toEqual([])
  expect([checks, busy.problems.length]).toEqual([4, 3])
  const broken = setup(null, async () => {
    throw new LedgermeshError('STORE_FAILED', 'the disk')
  })
  await expect(broken.take(lies)).rejects.toMatchObject({ code: 'STORE_FAILED' })
})

test('registries are those of the configuration, then those met that are here now: four, and never this node', () => {
  const { client, nodes } = setup()
  const met = (peer: string, status = 'online', capabilities = ['registry']): void => {
    nodes.push({ record: { peer_id: peer, capabilities }, status })
  }
  met(SELF)
  met(PEER)
  met('away', 'offline')
  met('plain', 'online', ['sync'])
  for (const peer of ['a', 'b', 'c', 'd']) met(peer)
  expect(client.known()).toEqual([`/ip4/203.0.113.9/tcp/1/p2p/${PEER}`, 'a', 'b', 'c'])
})

test('one that is connected is not dialled again, by whatever name it is given', async () => {
  const { client, dialled } = setup()
  const signal = new AbortController().signal
  expect(await client.reach(PEER, signal)).toBe(PEER)
  expect(await client.reach(`/ip4/203.0.113.9/tcp/1/p2p/${PEER}`, signal)).toBe(PEER)
  expect(await client.reach(`/ip4/203.0.113.9/tcp/1/p2p/${SELF}`, signal)).toBe('dialled')
  expect(dialled).toEqual([`/ip4/203.0.113.9/tcp/1/p2p/${SELF}`])
  await expect(client.reach('/ip4/203.0.113.9/tcp/1', signal)).rejects.toMatchObject({ code: 'BAD_ADDRESS' })
})

test('of all that are known one answer is enough; of those that were named each must answer', async () => {
  const found = { peer: PEER, addrs: [], source: 'registry' as const, expect: {}, by: 'r' }
  const reader = (answers: Record<string, boolean>): RegistryClient => {
    const ask = async (name: string): Promise<unknown[]> => {
      if (answers[name] !== true) throw new LedgermeshError('UNREACHABLE', `${name} is away`)
      return [found]
    }
    return { known: () => Object.keys(answers), discover: ask, fetch: ask } as unknown as RegistryClient
  }
  const signal = new AbortController().signal
  expect(await findRegistered(reader({ a: false, b: true }), {}, signal)).toEqual([found])
  for (const answers of [{ a: false, b: false }, {}])
    await expect(findRegistered(reader(answers), {}, signal)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  const named = { registryUrl: 'u', registryPeer: 'p' }
  expect(await findRegistered(reader({ u: true, p: true }), named, signal)).toEqual([found, found])
  await expect(findRegistered(reader({ u: true, p: false }), named, signal)).rejects.toMatchObject({
    code: 'UNREACHABLE'
  })
})

test.each<[Error, string]>([
  [new WireError('INVALID', 'no'), 'REFUSED'],
  [new WireError('BUSY', 'later'), 'OVERLOADED'],
  [new WireError('INVALID_FRAME', 'rubbish'), 'MALFORMED'],
  [new LedgermeshError('QUOTA', 'ours already'), 'QUOTA'],
  [new Error('reset'), 'UNREACHABLE']
])('what a stream throws has a code of ours: %s', async (thrown, code) => {
  await expect(
    asking('peer', async () => {
      throw thrown
    })
  ).rejects.toMatchObject({ code })
})
