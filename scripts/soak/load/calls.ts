/** What clients ask of a node all day, one kind after the other. */
import { connect } from 'node:net'
import { once } from 'node:events'
import { isCoded } from '../../../src/core/errors.js'
import { LedgerClient } from '../../../src/rpc/client.js'

export type Call = (client: LedgerClient, round: number) => Promise<unknown>

/** Entries of one batch. */
const BATCH = 20

/** `peers`: ledgers that the node follows. */
export function calls(socket: string, peers: string[]): Call[] {
  const peer = (round: number): string => peers[round % peers.length]!
  const entry = (round: number, i = 0): { stream: string; type: string; payload: { round: number; text: string } } => ({
    stream: `own-${i % 5}`,
    type: 'soak',
    payload: { round, text: 'y'.repeat(300) }
  })
  return [
    (client, round) => client.call('ledger.append', entry(round)),
    (client, round) =>
      client.call('ledger.appendBatch', { entries: Array.from({ length: BATCH }, (_, i) => entry(round, i)) }),
    (client) => client.call('ledger.query', { ledger: '*', limit: 100, order: 'desc' }),
    (client, round) => client.call('ledger.query', { ledger: peer(round), stream: `load-${round % 10}`, limit: 50 }),
    (client) => client.call('ledger.get', { seq: 0 }),
    (client) => client.call('ledger.prove', { seq: 0 }).catch(expected('NOT_FOUND')),
    (client) => client.call('ledger.verifyChain', { limit: 500 }),
    async (client, round) => {
      const {
        entry: { hash }
      } = await client.call('ledger.append', entry(round))
      return await client.call('ledger.erase', { hashes: [hash] })
    },
    (client) => client.call('node.status', {}),
    (client) => client.call('network.topology', {}),
    (client, round) => client.call('trust.explain', { to: peer(round) }),
    (client, round) => client.call('sync.pull', { ledger: peer(round) }),
    async (client) => {
      const end = await client.subscribe({ ledger: '*' }, () => {})
      const endNetwork = await client.watchNetwork({}, () => {})
      await end()
      await endNetwork()
    },
    async () => {
      const other = await LedgerClient.connect(socket)
      await other.call('node.health', {})
      await other.close()
    },
    async () => {
      const raw = connect(socket)
      await once(raw, 'connect')
      raw.end('{"jsonrpc":"2.0","id":1,"method":"no.such"}{"broken":')
      raw.resume()
      await once(raw, 'close')
    }
  ]
}

/** The answer of a refusal that belongs to the load. */
function expected(...codes: Parameters<typeof isCoded>[1][]): (error: unknown) => null {
  return (error) => {
    if (codes.some((code) => isCoded(error, code))) return null
    throw error
  }
}
