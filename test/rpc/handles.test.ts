/** Every method of the table that takes an id, with each kind of handle, against a real node. */
import { describe, expect, test } from 'vitest'
import { handlesOf } from '../../src/rpc/handle-places.js'
import { METHODS, type MethodName } from '../../src/rpc/index.js'
import { findMethod } from '../../src/rpc/methods/index.js'
import { startNode, type TestNode } from '../helpers/test-node.js'
import { NodeSocket } from './real-node.js'

const NAMES = Object.keys(METHODS) as MethodName[]

describe('the table', () => {
  test('marks every param that is an id of a ledger, an entry or a peer', () => {
    const marked = Object.fromEntries(
      NAMES.flatMap((name) => {
        const places = handlesOf(findMethod(name)!).map(({ path, kind }) => `${path.join('.')}: ${kind}`)
        return places.length === 0 ? [] : [[name, places]]
      })
    )
    expect(marked).toEqual({
      'feed.read': ['ledgers.[]: ledger'],
      'feed.snapshot': ['ledgers.[]: ledger'],
      'feed.subscribe': ['ledgers.[]: ledger'],
      'ledger.append': ['references.[].ledgerId: ledger'],
      'ledger.appendBatch': ['entries.[].references.[].ledgerId: ledger'],
      'ledger.get': ['ledger: ledger-or-all', 'id: entry', 'hash: hash'],
      'ledger.query': ['ledger: ledger-or-all', 'refers_to: ledger'],
      'ledger.referenceStates': ['ledger: ledger'],
      'ledger.references': ['ledger: ledger', 'id: entry', 'hash: hash'],
      'network.followReferences': ['ledger: ledger', 'id: entry', 'hash: hash'],
      'network.fetchReferences': ['ledger: ledger', 'id: entry', 'hash: hash'],
      'network.query': ['refers_to: ledger', 'ledgers.[]: ledger'],
      'network.count': ['refers_to: ledger', 'ledgers.[]: ledger'],
      'ledger.verifyEntry': ['ledger: ledger', 'id: entry', 'hash: hash'],
      'ledger.verifyChain': ['ledger: ledger'],
      'ledger.head': ['ledger: ledger'],
      'ledger.checkpoint': ['ledger: ledger'],
      'ledger.prove': ['ledger: ledger', 'id: entry', 'hash: hash'],
      'ledger.consistency': ['ledger: ledger'],
      'ledger.erase': ['hashes.[]: hash'],
      'ledger.subscribe': ['ledger: ledger-or-all'],
      'ledger.access': ['ledger: ledger'],
      'ledger.setAccess': ['grant.[].ledger: ledger', 'revoke.[]: ledger'],
      'network.pardonIndex': ['ledger: ledger'],
      'network.admit': ['peer: peer'],
      'network.expel': ['peer: peer'],
      'sync.follow': ['ledger: ledger'],
      'sync.unfollow': ['ledger: ledger'],
      'sync.status': ['ledger: ledger'],
      'sync.entries': ['ledger: ledger'],
      'sync.pull': ['ledger: ledger'],
      'sync.pause': ['ledger: ledger'],
      'sync.resume': ['ledger: ledger'],
      'sync.conflicts': ['ledger: ledger'],
      'sync.resolve': ['ledger: ledger'],
      'sync.voided': ['ledger: ledger'],
      'sync.addRemote': ['ledger: ledger'],
      'sync.updateRemote': ['ledger: ledger'],
      'sync.removeRemote': ['ledger: ledger'],
      'sync.push': ['remote: ledger', 'ledgers.[]: ledger'],
      'sync.bidirectional': ['remote: ledger'],
      'sync.adopt': ['ledger: ledger'],
      'sync.stopAdopting': ['ledger: ledger'],
      'sync.adoptions': ['ledger: ledger'],
      'sync.state': ['remote: ledger', 'ledger: ledger'],
      'sync.retryState': ['remote: ledger', 'ledger: ledger'],
      'sync.clearState': ['remote: ledger', 'ledger: ledger'],
      'sync.invite': ['ledgers.[]: ledger'],
      'sync.jobs': ['ledger: ledger'],
      'network.discover': ['registryPeer: peer'],
      'network.register': ['registryPeer: peer'],
      'network.getLedger': ['ledger: ledger'],
      'network.authorizeNode': ['peerId: peer'],
      'network.revokeNode': ['peerId: peer'],
      'network.connect': ['address: peer'],
      'network.disconnect': ['peer: peer'],
      'network.findLedgers': ['ledger: ledger'],
      'trust.attest': ['ledger: ledger'],
      'trust.revoke': ['ledger: ledger', 'attestation: hash'],
      'trust.accept': ['attestation: hash'],
      'trust.verify': ['attestation: hash'],
      'trust.level': ['to: ledger', 'from: ledger'],
      'trust.verifyChain': ['to: ledger', 'from: ledger'],
      'trust.explain': ['to: ledger', 'from: ledger'],
      'trust.find': ['about: ledger', 'by: ledger'],
      'trust.list': ['issuer: ledger', 'subject: ledger'],
      'evidence.list': ['ledger: ledger'],
      'alias.set': ['ledger: ledger'],
      'alias.resolve': ['ledger: ledger'],
      'tokens.create': ['ledgers.[]: ledger']
    })
  })
  test("marks what binds: every method that signs, and the operator's words", () => {
    expect(NAMES.filter((name) => findMethod(name)!.binds === true).toSorted()).toEqual([
      'alias.set',
      'ledger.append',
      'ledger.appendBatch',
      'ledger.erase',
      'ledger.setAccess',
      'network.admit',
      'network.authorizeNode',
      'network.expel',
      'network.pardonIndex',
      'network.revokeNode',
      'sync.addRemote',
      'sync.adopt',
      'sync.invite',
      'sync.resolve',
      'sync.resolveEntry',
      'sync.stopAdopting',
      'sync.updateRemote',
      'tokens.create',
      'trust.accept',
      'trust.attest',
      'trust.revoke',
      'trust.verify'
    ])
  })
})

/** A position of another feed. */
const NOWHERE = '0123456789abcdef.1.0123456789abcdef'

/** Params with which a method can be called; what `place` names is put into them. */
const OTHERS: Partial<Record<MethodName, Record<string, unknown>>> = {
  'ledger.append': {
    stream: 's',
    type: 't',
    allowUnresolved: true,
    references: [{ entryId: 'genesis', referenceType: 'related' }]
  },
  'ledger.appendBatch': {
    entries: [{ stream: 's', type: 't', references: [{ entryId: 'genesis', referenceType: 'related' }] }],
    allowUnresolved: true
  },
  'feed.read': { after: NOWHERE },
  'feed.subscribe': { after: NOWHERE },
  'ledger.setAccess': { grant: [{ scope: 'full' }], revoke: [''] },
  'ledger.erase': { hashes: [''] },
  'ledger.consistency': { size1: 1, size2: 2 },
  'trust.attest': { levelMilli: 500 },
  'alias.set': { alias: 'another' },
  'tokens.create': { name: 'page', scopes: ['read'] },
  'network.discover': { method: 'registry' },
  'trust.level': { to: '' },
  'trust.verifyChain': { to: '' },
  'trust.explain': { to: '' }
}

function withHandle(name: MethodName, path: string[], handle: string, whole: string): Record<string, unknown> {
  const params = structuredClone(OTHERS[name] ?? {})
  if (params.to === '') params.to = whole
  if (name === 'ledger.setAccess') delete params[path[0] === 'grant' ? 'revoke' : 'grant']
  let at = params
  for (const [i, step] of path.slice(0, -1).entries())
    at = (step === '[]' ? (at as unknown as unknown[])[0] : (at[step] ??= path[i + 1] === '[]' ? [] : {})) as typeof at
  const last = path.at(-1)!
  at[last === '[]' ? '0' : last] = handle
  return params
}

describe('every method that takes an id', () => {
  test('is asked with each kind of handle', async () => {
    const [author, follower, stranger] = [
      await startNode({ name: 'acme' }),
      await startNode({ name: 'me', access: 'private' }),
      await startNode({ name: 'acme' })
    ] as [TestNode, TestNode, TestNode]
    const socket = await NodeSocket.open(follower)
    const call = async (method: string, params: object = {}) => await socket.call(method, params)
    const entry = await author.ledger.append({ stream: 's', type: 't', id: 'order-2026-1' })
    await author.ledger.append({ stream: 's', type: 't', id: 'order-2026-2' })
    await follower.connect(author.addr)
    await follower.connect(stranger.addr)
    await follower.sync.follow(author.id)
    await follower.synced(author.id, 3)
    expect((await call('alias.set', { alias: 'partner', ledger: author.id })).result).toEqual({
      alias: 'partner',
      ledger: author.id,
      name: 'acme',
      replaced: null,
      shadows: []
    })
    const short = author.id.slice(0, 12)

    /** Refusals that are about the handle, and not about what the method then finds. */
    const ABOUT_HANDLES = ['AMBIGUOUS', 'NO_SUCH_NAME', 'SHORT_FORM']
    const wrong: string[] = []
    for (const name of NAMES) {
      const method = findMethod(name)!
      for (const { path, kind } of handlesOf(method)) {
        if (kind === 'entry' || kind === 'hash') continue // below
        const whole = kind === 'peer' ? author.peerId : author.id
        const good = kind === 'peer' ? [whole] : [whole, 'acme', 'partner']
        const shorts = kind === 'peer' ? [author.peerId.slice(0, 20)] : [short, `${short}…`]
        for (const handle of [...good, ...shorts]) {
          // it would end what the walk needs; below
          if (name === 'sync.unfollow' || name === 'sync.removeRemote') continue
          const { result, error } = await call(name, withHandle(name, path, handle, whole))
          const refused = error === undefined ? '' : error.data.kind
          const expected = method.binds === true && shorts.includes(handle) ? 'SHORT_FORM' : ''
          if (expected !== (ABOUT_HANDLES.includes(refused) ? refused : ''))
            wrong.push(`${name} ${path.join('.')} = ${handle}: ${refused}`)
          // Nothing that is answered, stored or signed holds a short form.
          const said =
            JSON.stringify(result ?? {}).match(/"(?:ledger|ledgerId|subject|to|reader|peer_id)":"([^"]*)"/g) ?? []
          if (said.some((pair) => pair.includes(`"${handle}"`) && handle !== whole))
            wrong.push(`${name} answers with ${handle}`)
        }
      }
    }
    expect(wrong).toEqual([])

    // What was signed, as it lies there.
    const { entries } = (await call('ledger.query', { limit: 1000 })).result as unknown as {
      entries: { raw: { header: string }; type: string }[]
    }
    const headers = entries.map(({ raw }) => raw.header).join('\n')
    expect(entries.map(({ type }) => type)).toEqual(
      expect.arrayContaining([
        't',
        'ledger.access',
        'trust.attestation',
        'trust.revocation',
        'ledger.authorize-node',
        'ledger.revoke-node'
      ])
    )
    expect(headers).not.toMatch(/"(?:acme|partner)"|…/)
    for (const [, id] of headers.matchAll(/"(?:ledger|ledgerId|subject)":"([^"]*)"/g)) expect(id).toHaveLength(53)

    // Entries: by the beginning of an id or of a hash, and what is ambiguous.
    const { hash } = entry.entry
    for (const ledger of ['acme', '*']) {
      for (const pointer of [
        { id: 'order-2026-1' },
        { id: hash.slice(0, 8) },
        { id: hash },
        { hash: hash.slice(0, 10) },
        { hash: `${hash.slice(0, 20)}…` }
      ]) {
        expect([pointer, (await call('ledger.get', { ledger, ...pointer })).result]).toMatchObject([
          pointer,
          { entry: { id: 'order-2026-1', hash } }
        ])
      }
      expect((await call('ledger.get', { ledger, id: 'order-2026' })).error).toMatchObject({
        data: {
          kind: 'AMBIGUOUS',
          details: { more: 0, candidates: [{ ledger: author.id, id: 'order-2026-1', hash }, { id: 'order-2026-2' }] }
        }
      })
    }
    expect((await call('ledger.verifyEntry', { ledger: short, id: 'gene' })).result).toMatchObject({
      valid: true,
      ledger: author.id,
      seq: 0
    })
    for (const [pointer, kind] of [
      [{ id: 'nothing' }, 'NOT_FOUND'],
      [{ hash: '00000000' }, 'NOT_FOUND'],
      [{ hash: 'abc' }, 'INVALID_PARAMS'],
      [{ id: 'order-2026-1', seq: 1 }, 'INVALID_PARAMS']
    ] as const) {
      expect([pointer, (await call('ledger.get', { ledger: 'acme', ...pointer })).error!.data.kind]).toEqual([
        pointer,
        kind
      ])
    }
    // What signs takes whole hashes alone.
    for (const [name, params] of [
      ['ledger.erase', { hashes: [hash.slice(0, 12)] }],
      ['trust.accept', { attestation: hash.slice(0, 12) }],
      ['trust.verify', { attestation: hash.slice(0, 12) }],
      ['trust.revoke', { attestation: hash.slice(0, 12) }]
    ] as const) {
      expect([name, (await call(name, params)).error!.data.kind]).toEqual([name, 'SHORT_FORM'])
    }
    // A connected stranger calls itself like the followed one: the name means the followed one; once both are followed,
    // neither.
    expect((await call('alias.resolve', { ledger: 'acme' })).result).toEqual({ ledger: author.id })
    await follower.sync.follow(stranger.id)
    await follower.synced(stranger.id, 1)
    expect((await call('trust.attest', { ledger: 'acme', levelMilli: 500 })).error).toMatchObject({
      data: {
        kind: 'AMBIGUOUS',
        details: {
          candidates: expect.arrayContaining([
            expect.objectContaining({ ledger: author.id, aliases: ['another', 'partner'] }),
            expect.objectContaining({ ledger: stranger.id })
          ])
        }
      }
    })
    expect((await call('alias.resolve', { ledger: 'partner' })).result).toEqual({ ledger: author.id })
    // A peer's beginning reaches it.
    expect((await call('network.connect', { address: author.peerId.slice(0, 20) })).result).toMatchObject({
      peer: author.peerId
    })
    expect((await call('sync.unfollow', { ledger: stranger.id.slice(0, 8) })).result).toEqual({
      ledger: stranger.id,
      forgotten: false
    })
    // Aliases outlive neither their removal nor fail to outlive a start (they are in the store).
    expect((await call('alias.list')).result).toMatchObject({
      aliases: [
        { alias: 'another', ledger: author.id },
        { alias: 'partner', ledger: author.id }
      ]
    })
    expect((await call('alias.remove', { alias: 'partner' })).result).toMatchObject({ ledger: author.id })
    expect((await call('alias.resolve', { ledger: 'partner' })).error!.data.kind).toBe('NO_SUCH_NAME')
  }, 90_000)
})
