import { LedgermeshError } from '../../core/errors.js'
import type { Found } from './found.js'

const ADDRESS = /^\/.{1,500}\/p2p\/([1-9A-HJ-NP-Za-km-z]{1,128})$/

/** The addresses that an operator names. Throws BAD_ADDRESS. */
export function findManual(addresses: string[]): Found[] {
  return addresses.map((address) => ({
    peer: peerOf(address),
    addrs: [address],
    source: 'manual',
    expect: {},
    by: 'the list of addresses'
  }))
}

/** The peer id at the end of a multiaddr. Throws BAD_ADDRESS. */
export function peerOf(address: string): string {
  const peer = ADDRESS.exec(address)?.[1]
  if (peer === undefined)
    throw new LedgermeshError('BAD_ADDRESS', `${JSON.stringify(address.slice(0, 200))} does not end in /p2p/<peer id>`)
  return peer
}
