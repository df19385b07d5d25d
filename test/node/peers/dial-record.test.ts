import { expect, test } from 'vitest'
import { NetworkError, type Host } from '../../../src/network/host.js'
import type { NetworkErrorCode } from '../../../src/network/network-error.js'
import { dialAddress, dialKnown, dialRecord } from '../../../src/node/peers/dial-record.js'
import type { KnownNode } from '../../../src/node/peers/peer-directory.js'
import { TestClock } from '../../ledger/support.js'

const never = new AbortController().signal

/** `answers`: who is reached at an address; without one, nobody. */
function setup(answers: Record<string, string> = {}, mayDial: (address: string) => boolean = () => true) {
  const dialled: string[] = []
  const host = {
    peerId: 'own',
    isConnected: (peer: string) => peer === 'connected',
    mayDial,
    dialHearsay: async (address: string) => {
      dialled.push(address)
      if (answers[address] === undefined) throw new Error(`${address} is dead`)
      return answers[address]
    }
  } as unknown as Host
  return { dialler: { host, clock: new TestClock() }, dialled }
}

test("a record sends nobody to another peer's address, nor to one that others may not choose", async () => {
  const { dialler, dialled } = setup({}, (address) => !address.includes('10.0.0.1'))
  const addrs = ['/ip4/1.1.1.1/tcp/1/p2p/victim', '/ip4/10.0.0.1/tcp/1/p2p/peer']
  await expect(dialRecord(dialler, { peer_id: 'peer', addrs }, never)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('publicNetwork')
  })
  expect(dialled).toEqual([])
})

test('of many addresses a few are tried, and those that may not be take no place', async () => {
  const forbidden = Array.from({ length: 9 }, (_, n) => `/ip4/10.0.0.${n}/tcp/1/p2p/peer`)
  const addrs = [...forbidden, ...Array.from({ length: 9 }, (_, n) => `/ip4/1.1.1.${n}/tcp/1/p2p/peer`)]
  const mayDial = (address: string): boolean => address.startsWith('/ip4/1.')
  const { dialler, dialled } = setup({}, mayDial)
  await expect(dialRecord(dialler, { peer_id: 'peer', addrs }, never)).rejects.toMatchObject({
    message: 'peer: /ip4/1.1.1.3/tcp/1/p2p/peer is dead'
  })
  expect(dialled).toEqual(addrs.slice(9, 13))
  const third = setup({ [addrs[11]!]: 'peer' }, mayDial)
  expect(await dialRecord(third.dialler, { peer_id: 'peer', addrs }, never)).toBe('peer')
  expect(third.dialled).toHaveLength(3)
})

test('who is connected is not dialled; a record without addresses leads nowhere', async () => {
  const { dialler, dialled } = setup()
  expect(await dialRecord(dialler, { peer_id: 'connected', addrs: ['/p2p/connected'] }, never)).toBe('connected')
  await expect(dialRecord(dialler, { peer_id: 'peer', addrs: [] }, never)).rejects.toMatchObject({
    message: 'peer: it has no address'
  })
  expect(dialled).toEqual([])
})

test('of the nodes that are known a few are dialled, neither this one nor those that are there', async () => {
  const nodes = ['own', 'there', ...Array.from({ length: 20 }, (_, n) => `p${n}`)].map((peer) => ({
    record: { peer_id: peer, addrs: [`/ip4/1.1.1.1/tcp/1/p2p/${peer}`] },
    status: peer === 'there' ? 'online' : 'offline'
  })) as unknown as KnownNode[]
  const { dialler, dialled } = setup()
  await Promise.allSettled(dialKnown(dialler, nodes, never))
  expect(dialled).toEqual(Array.from({ length: 16 }, (_, n) => `/ip4/1.1.1.1/tcp/1/p2p/p${n}`))
})

function failure(code: NetworkErrorCode, ...causes: Error[]): NetworkError {
  return new NetworkError(code, 'it failed', { cause: new AggregateError(causes) })
}

test.each([
  ['no handshake: another pre-shared key', failure('UNREACHABLE', new Error('decryption failed')), 'PSK_DIFFERS'],
  ['hung up: it does not admit this node', failure('UNREACHABLE', named('ConnectionClosedError')), 'REFUSED'],
  ['no address', failure('BAD_ADDRESS'), 'BAD_ADDRESS'],
  ['anything else', failure('TIMEOUT', new Error('late')), 'UNREACHABLE']
])('what an operator dials fails with what to do about it: %s', async (_what, error, code) => {
  const host = {
    dial: async () => {
      throw error
    }
  } as unknown as Host
  await expect(dialAddress(host, '/ip4/1.1.1.1/tcp/1', never)).rejects.toMatchObject({ code, cause: error })
})

function named(name: string): Error {
  return Object.assign(new Error(name), { name })
}
