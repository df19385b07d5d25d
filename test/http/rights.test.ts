/**
 * One place decides who may call what: every method × scope × public, private and unknown ledger gets the same over HTTP
 * and over the socket, as messages, as paths and as a stream.
 */
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/canonical.js'
import { TOKEN_SCOPES, type TokenScope } from '../../src/node/api/tokens.js'
import { statusOf } from '../../src/http/refusal.js'
import { ROUTES } from '../../src/http/routes.js'
import type { ErrorCode } from '../../src/core/errors.js'
import { handlesOf } from '../../src/rpc/handle-places.js'
import { METHODS, type MethodName } from '../../src/rpc/methods/index.js'
import { bearer, NEEDS } from '../../src/rpc/principal.js'
import { FakeNode, OTHER, OWN } from '../rpc/fake-node.js'
import { startRig, type Answer } from '../rpc/raw-client.js'
import { kindOf, startHttp } from './rig.js'

const NAMES = Object.keys(METHODS) as MethodName[]
const UNKNOWN = `b${'a'.repeat(52)}`

/** The example of a method about a ledger, where its top params take one. */
function about(name: MethodName, ledger: string): JsonObject {
  const params = structuredClone(METHODS[name].example.params) as JsonObject
  for (const { path, kind } of handlesOf(METHODS[name]))
    if (kind.startsWith('ledger') && path.length === 1) params[path[0]!] = ledger
  return params
}

const BATCH = NAMES.flatMap((method) =>
  [OWN, OTHER, UNKNOWN].map((ledger, at) => ({
    jsonrpc: '2.0',
    id: `${method} ${at}`,
    method,
    params: about(method, ledger)
  }))
)

async function nodeWithPrivate(): Promise<FakeNode> {
  const node = new FakeNode()
  node.private.add(OTHER)
  await node.append({ stream: 's', type: 't', id: 'order-1' })
  return node
}

/** What pushes needs a connection that stays: over HTTP it is /feed. */
const SUBSCRIBES = /\.subscribe$/

function kinds(answers: Answer[]): Record<string, string> {
  return Object.fromEntries(answers.map(({ id, error }) => [String(id), error?.data.kind ?? 'ok']))
}

test.each(TOKEN_SCOPES)(
  'every method × %s × public, private, unknown: HTTP says what the socket says',
  async (scope) => {
    const more = ['ask-network', 'append', 'operate'].includes(scope)
      ? [['read', 'private', scope] as TokenScope[]]
      : []
    for (const scopes of [[scope], ...more]) {
      const rig = await startHttp({ node: await nodeWithPrivate() })
      const overHttp = await rig.post('/rpc', await rig.token([...new Set(scopes)]), BATCH)
      const http = kinds(JSON.parse(overHttp.body) as Answer[])
      const socket = await startRig({
        node: await nodeWithPrivate(),
        principal: bearer({ name: 'x', scopes, ledgers: null, streams: null })
      })
      const client = await socket.connect()
      const own = kinds(await client.send(BATCH).answers())
      await socket.close()
      const expected = Object.fromEntries(
        BATCH.map(({ id, method }) => {
          const allowed = NEEDS[METHODS[method].access].every((need) => (scopes as string[]).includes(need))
          if (!allowed) return [id, 'NOT_PERMITTED']
          return [
            id,
            method === 'ledger.subscribe' || (SUBSCRIBES.test(method) && own[id] === 'ok') ? 'INVALID_REQUEST' : own[id]
          ]
        })
      )
      expect(http).toEqual(expected)
      // without private, what is hidden and what is not there are the same
      const hidden = (scope === 'private' || scopes.length > 1 ? [] : NAMES).map((name) => [name, http[`${name} 1`]])
      expect(hidden).toEqual(hidden.map(([name]) => [name, http[`${name!} 2`]]))
      expect(http['node.stop 0']).toBe('NOT_PERMITTED')
    }
  }
)

test('a method has the same rights at its path, and each route those of its method', async () => {
  for (const scope of TOKEN_SCOPES) {
    const rig = await startHttp({ node: await nodeWithPrivate() })
    const token = await rig.token([scope])
    const seen = kinds(JSON.parse((await rig.post('/rpc', token, BATCH)).body) as Answer[])
    for (const name of NAMES.filter((_name, at) => at % 9 === 0)) {
      const answer = await rig.post(`/rpc/${name}`, token, about(name, OTHER))
      const kind = seen[`${name} 1`]!
      expect([name, answer.status]).toEqual([name, kind === 'ok' ? 200 : statusOf(kind as ErrorCode)])
      expect([name, kindOf(answer) ?? 'ok']).toEqual([name, kind])
    }
    for (const { verb, path, method } of ROUTES) {
      const answer = verb === 'GET' ? await rig.get(path, token) : await rig.post(path, token, about(method, OWN))
      expect([scope, path, answer.status === 403]).toEqual([scope, path, seen[`${method} 0`] === 'NOT_PERMITTED'])
    }
    for (const path of ['/metrics', '/openapi.json'])
      expect([scope, path, (await rig.get(path, token)).status]).toEqual([scope, path, scope === 'read' ? 200 : 403])
    const position = (METHODS['feed.read'].example.params as { after: string }).after
    const stream = await rig.get(`/feed?after=${position}&limit=1`, token)
    expect([scope, stream.status]).toEqual([scope, scope === 'read' ? 400 : 403])
  }
})

test('a token for one ledger reaches no other by any way', async () => {
  const rig = await startHttp()
  const token = await rig.token(['read', 'private'], { ledgers: [OWN] })
  const position = (METHODS['feed.read'].example.params as { after: string }).after
  for (const path of [`/network/query?ledger=${OTHER}`, `/feed?after=${position}&ledgers=${OTHER}`])
    expect([path, (await rig.get(path, token)).status]).toEqual([path, 404])
  expect((await rig.get('/network/query?ledger=*', token)).status).toBe(403)
  expect((await rig.get('/network/ledgers', token)).body).not.toContain(OTHER)
  expect((await rig.get('/network/discover', token)).body).not.toContain(OTHER)
  const whole = await rig.token(['read', 'private'])
  expect((await rig.get('/network/ledgers', whole)).body).toContain(OTHER)
})
