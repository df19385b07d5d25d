import { expect, test } from 'vitest'
import {
  foldAuthorizedNodes,
  isAuthorizedNode,
  MAX_AUTHORIZED_NODES,
  type NodeStatement
} from '../../src/core/authorized-nodes.js'
import { peerIdOf, peerKeyOf } from '../../src/core/peer-key.js'
import { key } from './author.js'

const yes = (seq: number, peer: string, expires: number | null = null): NodeStatement => ({
  type: 'ledger.authorize-node',
  seq,
  meta: { peer_id: peer, expires }
})
const no = (seq: number, peer: string): NodeStatement => ({ type: 'ledger.revoke-node', seq, meta: { peer_id: peer } })

test('the latest word on a node counts', () => {
  const nodes = foldAuthorizedNodes([
    yes(1, 'a'),
    yes(2, 'b', 100),
    no(3, 'a'),
    yes(4, 'c'),
    no(5, 'c'),
    yes(6, 'c', 50)
  ])
  expect(isAuthorizedNode(nodes, 'a', 0, 10)).toBe(false)
  expect(isAuthorizedNode(nodes, 'b', 99, 10)).toBe(true)
  expect(isAuthorizedNode(nodes, 'b', 100, 10)).toBe(false)
  expect(isAuthorizedNode(nodes, 'c', 49, 10)).toBe(true)
  expect(isAuthorizedNode(nodes, 'd', 0, 10)).toBe(false)
})

test('what stands above a freeze authorises nobody', () => {
  const nodes = foldAuthorizedNodes([yes(7, 'a')])
  expect(isAuthorizedNode(nodes, 'a', 0, 7)).toBe(false)
  expect(isAuthorizedNode(nodes, 'a', 0, 8)).toBe(true)
})

test('a revocation of a node that was never authorised is nothing, and folding goes on from where it was', () => {
  const nodes = foldAuthorizedNodes([no(1, 'a')])
  expect(nodes.size).toBe(0)
  foldAuthorizedNodes([yes(2, 'a')], nodes)
  expect(isAuthorizedNode(nodes, 'a', 0, 3)).toBe(true)
  foldAuthorizedNodes([no(3, 'a')], nodes)
  expect(isAuthorizedNode(nodes, 'a', 0, 4)).toBe(false)
})

test('one past the limit, the oldest authorisation counts no more', () => {
  const nodes = foldAuthorizedNodes(Array.from({ length: MAX_AUTHORIZED_NODES + 1 }, (_, i) => yes(i + 1, `p${i}`)))
  expect(nodes.size).toBe(MAX_AUTHORIZED_NODES)
  expect(isAuthorizedNode(nodes, 'p0', 0, 1000)).toBe(false)
  expect(isAuthorizedNode(nodes, 'p1', 0, 1000)).toBe(true)
})

test('an Ed25519 peer id is its key, and nothing else is', () => {
  const { publicKey } = key(7)
  const id = peerIdOf(publicKey)
  expect(id).toMatch(/^12D3KooW/)
  expect(peerKeyOf(id)).toBe(publicKey)
  expect(peerKeyOf('12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo')).toMatch(/^[0-9a-f]{64}$/)
  for (const other of [
    '',
    'not a peer',
    id.slice(0, -1),
    `${id}1`,
    `1${id}`,
    'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
    '0OIl'
  ])
    expect(peerKeyOf(other)).toBeNull()
})
