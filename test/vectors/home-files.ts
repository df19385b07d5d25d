/** An example of each file that a home keeps beside its ledgers. */
import { toHex } from '#platform'
import type { Author } from '../core/author.js'
import { key, NETWORK } from '../core/author.js'
import { peerIdOf } from '../../src/core/peer-key.js'
import type { SignerMemory } from '../../src/sync/signer/types.js'

const START_MS = 1_700_000_000_000
const DAY_MS = 24 * 60 * 60 * 1000

/** `other`: the ledger of a follower. `record`: SHA-256 of the body of the node record that was issued last, as hex. */
export function homeFiles(author: Author, other: string, record: string): Record<string, string> {
  const peer = peerIdOf(key(201).publicKey)
  const newest = author.entries.at(-1)!
  const memory: SignerMemory = {
    witnesses: [{ peer, ledger: other, seq: newest.header.seq, hash: newest.hash, at: START_MS }],
    twin: null,
    seen: []
  }
  const addr = `/ip4/203.0.113.9/tcp/7440/p2p/${peer}`
  const started = {
    ledger: author.ledger,
    name: 'tester',
    access: 'public',
    network: NETWORK,
    peerId: peerIdOf(key(200).publicKey),
    addrs: [],
    home: '/srv/ledger',
    socket: '/srv/ledger/rpc/node.sock',
    created: false
  }
  return {
    'ledger.key': `${toHex(Buffer.alloc(32, 2))}\n`,
    'config.json': line({ network: NETWORK, listen: ['/ip4/0.0.0.0/tcp/7440'], bootstrap: [addr], region: 'eu' }),
    'bootstrap-nodes.json': line({ [NETWORK]: [addr] }),
    'witnesses.json': line({ v: 1, ...memory }),
    'machine.json': line({
      v: 1,
      machine: '3d1219c7c4c5404aaa1f6d2a48adfda4',
      boot: '7b3b775b-ae03-47a9-887b-55a8686f4405',
      mark: { inode: '2164491', bornMs: START_MS },
      offlineStarts: 0
    }),
    'own-records.json': line({ v: 1, records: [{ hash: record, expires: START_MS + DAY_MS }] }),
    'node.log':
      line({
        level: 'info',
        time: START_MS,
        event: 'signer.ready',
        state: { phase: 'ready', by: 'made' },
        msg: 'the own ledger may be signed'
      }) +
      line({
        level: 'info',
        time: START_MS,
        event: 'daemon.started',
        version: '0.1.0',
        pid: 4242,
        ...started,
        msg: 'the node answers'
      })
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}
