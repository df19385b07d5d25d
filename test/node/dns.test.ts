import { afterEach, expect, test } from 'vitest'
import { domainOf } from '../../src/node/discovery/find-dns.js'
import { codeOf } from '../core/author.js'
import { dnsServer, type DnsServer } from './dns-server.js'
import { addrOf, closing, discover, peerOf, start, stopAll, type Started } from './started.js'

afterEach(stopAll)

const problems = async (seeker: Started, domain: string): Promise<string[]> =>
  (await discover(seeker, { method: 'dns', domain })).contradictions.map(({ problem }) => problem)
const publish = (dns: DnsServer, domain: string, ledgers: string[], addrs: string[]): void => {
  dns.records.set(`_ledgermesh.${domain}`, ['v=spf1 -all', ...ledgers.map((ledger) => `ledger=${ledger}`)])
  dns.records.set(
    `_dnsaddr.${domain}`,
    addrs.map((addr) => `dnsaddr=${addr}`)
  )
}

test('a domain and a node that name each other are believed; one direction alone is reported', async () => {
  const dns = closing(await dnsServer({}))
  const acme = await start('acme', { capabilities: ['dns:acme.example'] })
  const seeker = await start('seeker', { dnsServers: [dns.address] })
  publish(dns, 'acme.example', [acme.id], [addrOf(acme)])
  const both = await discover(seeker, { method: 'dns', domain: 'ACME.example.' })
  expect(both).toMatchObject({
    contradictions: [],
    nodes: [{ peer: peerOf(acme), ledger: acme.id, proof: 'shown', sources: ['dns', 'connection'] }]
  })
  expect(dns.questions).toEqual(expect.arrayContaining(['_ledgermesh.acme.example', '_dnsaddr.acme.example']))

  // The node says nothing of this domain.
  publish(dns, 'evil.example', [acme.id], [addrOf(acme)])
  expect(await problems(seeker, 'evil.example')).toEqual([
    `the domain evil.example gives ${peerOf(acme)} the capability dns:evil.example; its own record does not`
  ])

  // The domain names another ledger than its node does.
  const other = `b${'a'.repeat(52)}`
  publish(dns, 'acme.example', [other], [addrOf(acme)])
  expect(await problems(seeker, 'acme.example')).toEqual([
    `the domain acme.example names ${peerOf(acme)}, which is a node of ${acme.id} and not of ${other}`
  ])

  // A ledger without an address: nobody known of it names that domain, unless one does.
  publish(dns, 'other.example', [acme.id], [])
  expect(await problems(seeker, 'other.example')).toEqual([
    `the domain other.example names ${acme.id}; no node of it that is known names the domain`
  ])
  publish(dns, 'acme.example', [acme.id], [])
  expect(await discover(seeker, { method: 'dns', domain: 'acme.example' })).toMatchObject({
    contradictions: [],
    nodes: [{ peer: peerOf(acme) }]
  })

  // An address, and no ledger.
  publish(dns, 'acme.example', [], [addrOf(acme)])
  expect(await problems(seeker, 'acme.example')).toHaveLength(1)
}, 20_000)

test('what a lying server says is reported, and nothing is believed', async () => {
  const dns = closing(await dnsServer({}))
  const acme = await start('acme', { capabilities: ['dns:acme.example'] })
  const thief = await start('thief', { capabilities: ['dns:acme.example'] })
  const seeker = await start('seeker', { dnsServers: [dns.address] })
  // The thief's address under acme's ledger.
  publish(dns, 'acme.example', [acme.id], [addrOf(thief)])
  expect(await problems(seeker, 'acme.example')).toEqual([
    `the domain acme.example names ${peerOf(thief)}, which is a node of ${thief.id} and not of ${acme.id}`
  ])
  // acme's peer id at the thief's address: the handshake fails.
  publish(dns, 'acme.example', [acme.id], [addrOf(thief).replace(peerOf(thief), peerOf(acme))])
  expect(await problems(seeker, 'acme.example')).toEqual([
    `the domain acme.example names ${peerOf(acme)}, which cannot be met: nothing confirms it`
  ])
  // Nonsense.
  publish(dns, 'acme.example', ['b123', acme.id], ['/ip4/127.0.0.1/tcp/1', 'x'.repeat(700)])
  const { nodes, contradictions } = await discover(seeker, { method: 'dns', domain: 'acme.example' })
  expect(nodes.filter(({ sources }) => sources.includes('dns')).every(({ peer }) => peer !== peerOf(acme))).toBe(true)
  expect(
    contradictions
      .map(({ problem }) => problem)
      .filter((problem) => problem.includes('neither a ledger nor an address'))
  ).toHaveLength(3)
}, 20_000)

test('a domain without records finds nobody; a server that does not answer is a failure', async () => {
  const dns = closing(await dnsServer({}))
  const seeker = await start('seeker', { dnsServers: [dns.address] })
  expect(await discover(seeker, { method: 'dns', domain: 'nothing.example' })).toEqual({
    nodes: [],
    contradictions: []
  })
  dns.silent = true
  await expect(discover(seeker, { method: 'dns', domain: 'nothing.example' })).rejects.toMatchObject({
    code: 'TIMEOUT'
  })
  // Among all ways, one that fails leaves the others.
  expect((await discover(seeker, { domain: 'nothing.example' })).nodes).toEqual([])
}, 30_000)

test('domain names have one form', async () => {
  expect(domainOf('Example.ORG.')).toBe('example.org')
  expect(domainOf('a'.repeat(60) + '.' + 'b'.repeat(63))).toHaveLength(124)
  for (const bad of [
    '',
    '.',
    'a..b',
    '-a.b',
    'a-.b',
    'a b',
    'ä.example',
    `${'a'.repeat(64)}.b`,
    'a'.repeat(61) + '.' + 'b'.repeat(63),
    'x/y'
  ]) {
    expect(await codeOf(() => domainOf(bad))).toBe('INVALID_PARAMS')
  }
})
