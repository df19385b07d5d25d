import { expect, test } from 'vitest'
import { WireError } from '../../../protocols/wire.js'
import type { Entry, SignedHeader } from '../../../src/core/entry.js'
import { verifySignature } from '../../../src/core/signature.js'
import { shownKeys, type ShownKeysInit, type ShownLedger } from '../../../src/node/push/shown-keys.js'
import { Author, NETWORK } from '../../core/author.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const author = await Author.create(11)
await author.append({ id: 'before' })
const old = author.entries.at(-1)!
await author.rotate()
const head = await author.append({ id: 'head' })
const KEYS = author.keyEntries().map(({ raw }) => raw)
const stranger = await Author.create(12)

async function shown(
  keys: SignedHeader[] | Error,
  offered: Entry = head,
  network = NETWORK
): Promise<ShownLedger & { dropped: string[] }> {
  const dropped: string[] = []
  const outcome = await shownKeys(
    {
      peerNetwork: {
        network,
        verifier: { forPeer: () => verifySignature },
        requests: {
          fetchKeyEntries: async () => {
            if (keys instanceof Error) throw keys
            return keys
          },
          drop: (_peer: string, code: string) => {
            dropped.push(code)
          }
        }
      },
      clock: new TestClock(),
      log: new TestLog()
    } as unknown as ShownKeysInit,
    'peer',
    author.ledger,
    offered,
    new AbortController().signal
  )
  return { ...outcome, dropped }
}

test('key entries of another ledger are made up: they cost the connection, and show nothing', async () => {
  const other = stranger.keyEntries().map(({ raw }) => raw)
  expect(await shown(other)).toMatchObject({
    keys: 'not-in-force',
    name: '',
    access: 'private',
    dropped: ['WRONG_LEDGER']
  })
})

test('what is not signed, not complete, or not shown at all is not in force, and nobody is punished', async () => {
  const unsigned = KEYS.with(1, { ...KEYS[1]!, signature: new Uint8Array(64) })
  for (const keys of [
    unsigned,
    KEYS.slice(0, 1),
    new WireError('UNAVAILABLE', 'none'),
    new WireError('TIMEOUT', 'late')
  ])
    expect(await shown(keys)).toMatchObject({ keys: 'not-in-force', dropped: [] })
})

test('a head by the key of its time is in force; by a retired one it is not', async () => {
  expect(await shown(KEYS)).toMatchObject({ keys: 'in-force', dropped: [] })
  expect(await shown(KEYS, { ...old, header: { ...old.header, seq: head.header.seq } })).toMatchObject({
    keys: 'not-in-force'
  })
})

test('a ledger of another network is said to be one, and is nobody’s lie', async () => {
  expect(await shown(KEYS, head, 'another')).toMatchObject({ keys: 'wrong-network', dropped: [] })
})
