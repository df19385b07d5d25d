import { expect, test } from 'vitest'
import { keyHash } from '../../../src/core/chain.js'
import { decodeEntry, type Entry, type SignedHeader } from '../../../src/core/entry.js'
import { encodeHeader } from '../../../src/core/header.js'
import { verifySignature } from '../../../src/core/signature.js'
import type { VerifiedEvidence } from '../../../src/core/verify-evidence.js'
import type { HeldLedger } from '../../../src/ledger/held-ledger.js'
import { Accusations } from '../../../src/node/forks/accusations.js'
import { BrokenRules, type BrokenRulesInit } from '../../../src/node/forks/broken-rules.js'
import type { EvidenceCourt } from '../../../src/node/forks/evidence-court.js'
import { Author, key, looseHeader, NETWORK, signBytes } from '../../core/author.js'
import { TestClock, TestLog } from '../../ledger/support.js'

const author = await Author.create(40)
for (let n = 0; n < 5; n++) await author.append()
const honest = [...author.entries]
const stranger = key(99)

/** Held: the first `size` of the honest entries. */
function setup(size = honest.length, shown: readonly SignedHeader[] | Error = []) {
  const held = honest.slice(0, size)
  const verdicts: VerifiedEvidence[] = []
  const asked: string[] = []
  const log = new TestLog()
  const ledger = {
    id: author.ledger,
    size,
    chain: size === 0 ? null : { ledger: author.ledger, key: author.signer.publicKey, nextKeyHash: null, size },
    keyEntries: async () => held.slice(0, 1).map(({ raw }) => raw),
    entry: async (seq: number) => held[seq] ?? null
  } as unknown as HeldLedger
  const rules = new BrokenRules({
    peerNetwork: {
      fetchKeyEntries: async (peer: string) => {
        asked.push(peer)
        if (shown instanceof Error) throw shown
        return shown
      }
    },
    ledgers: {
      findByHash: async (hash: string) => {
        const seq = held.findIndex((entry) => entry.hash === hash)
        return seq === -1 ? null : { ledger, seq }
      }
    },
    verifier: { forPeer: () => verifySignature },
    clock: new TestClock(),
    log,
    accusations: new Accusations({
      network: NETWORK,
      verifier: { verify: verifySignature },
      court: {
        hear: async (_ledger: unknown, proven: VerifiedEvidence) => {
          verdicts.push(proven)
          return true
        }
      } as unknown as EvidenceCourt,
      log
    })
  } as unknown as BrokenRulesInit)
  return { rules, ledger, verdicts, asked, log }
}

/** A header that no honest author makes: an erasure, of what is no hash. */
async function badHeader(signer = author.signer): Promise<SignedHeader> {
  const header = { ...author.header({ seq: 5, prev_hash: honest[4]!.hash, key: signer.publicKey }), meta: { a: 1.5 } }
  return await signBytes(looseHeader(header), signer)
}

/** An entry that says its place is `seq`, and commits to another one. */
async function misplaced(seq: number, prev: Entry, signer = author.signer): Promise<Entry> {
  const header = author.header({ seq, prev_hash: prev.hash, id: `misplaced-${seq}`, key: signer.publicKey })
  return decodeEntry({ ...(await signBytes(encodeHeader(header), signer)), payload: null })
}

test.each([
  ['no JSON', Buffer.from('{')],
  ['no UTF-8', Buffer.of(0xff, 0xfe)],
  ['a list', looseHeader([] as never)],
  ['no place', looseHeader({ key: author.signer.publicKey })],
  ['the first place, which has no author before it', looseHeader({ key: author.signer.publicKey, seq: 0 })],
  ['a place that is no number', looseHeader({ key: author.signer.publicKey, seq: '5' })],
  ['half a place', looseHeader({ key: author.signer.publicKey, seq: 5.5 })],
  ['no key', looseHeader({ seq: 5, key: 'mine' })]
])("bytes that name no author are nobody's fault but the peer's: %s", async (_what, header) => {
  const { rules, ledger, verdicts } = setup()
  expect(await rules.header('peer', ledger, { header, signature: Buffer.alloc(64) })).toBe(false)
  expect(verdicts).toEqual([])
})

test('a header that its author signed and should not have is evidence; the same without the signature, or by a stranger, is none', async () => {
  const { rules, ledger, verdicts } = setup()
  const bad = await badHeader()
  expect(await rules.header('peer', ledger, { ...bad, signature: Buffer.alloc(64) })).toBe(false)
  expect(await rules.header('peer', ledger, await badHeader(stranger))).toBe(false)
  expect(await rules.header('peer', ledger, honest[5]!.raw), 'nothing is wrong with it').toBe(false)
  expect(verdicts).toEqual([])
  expect(await rules.header('peer', ledger, bad)).toBe(true)
  expect(verdicts).toMatchObject([{ ledger: author.ledger }])
})

test('a key that is not held is asked for, unless nobody may be asked, and a peer that shows nothing proves nothing', async () => {
  const bad = await badHeader()
  const shown = setup(0, [honest[0]!.raw])
  expect(await shown.rules.header('peer', shown.ledger, bad, false)).toBe(false)
  expect(shown.asked).toEqual([])
  expect(await shown.rules.header('peer', shown.ledger, bad)).toBe(true)
  expect([shown.asked, shown.verdicts.length]).toEqual([['peer'], 1])
  const mute = setup(0, new Error('it hung up'))
  expect(await mute.rules.header('peer', mute.ledger, bad)).toBe(false)
  expect(mute.log.lines.map(({ fields }) => fields.event)).toEqual(['evidence.key-unproven'])
  const liar = setup(0, [(await Author.create(60)).entries[0]!.raw])
  expect(await liar.rules.header('peer', liar.ledger, bad)).toBe(false)
})

test('an entry that commits to one which it cannot follow is evidence; to what nobody has seen, none', async () => {
  const { rules, ledger, verdicts } = setup()
  const wrong = await misplaced(5, honest[1]!)
  expect(await rules.link('peer', ledger, honest[0]!), 'a genesis commits to nothing').toBe(false)
  expect(await rules.link('peer', ledger, honest[3]!), 'that is how it should be').toBe(false)
  expect(await rules.link('peer', ledger, await misplaced(5, honest[1]!, stranger))).toBe(false)
  const unseen = await misplaced(9, wrong)
  expect(await rules.link('peer', ledger, unseen)).toBe(false)
  expect(verdicts).toEqual([])
  expect(await rules.link('peer', ledger, wrong)).toBe(true)
  expect(await rules.link('peer', ledger, unseen, [wrong]), 'seen beside it').toBe(true)
  expect(verdicts).toHaveLength(2)
})

test('of a range what is before the fault is the author’s, and a range of two histories is the peer’s', async () => {
  const { rules, ledger } = setup()
  expect(await rules.range('peer', ledger, honest)).toBe(null)
  const wrong = await misplaced(4, honest[1]!)
  expect(await rules.range('peer', ledger, [...honest.slice(1, 4), wrong])).toBe(3)
  const unknown = await misplaced(4, await misplaced(3, honest[1]!))
  expect(await rules.range('peer', ledger, [...honest.slice(1, 4), unknown])).toBe(null)
})

test('above what is held nobody is judged before what is below has come', async () => {
  const { rules, ledger } = setup(2)
  const wrong = await misplaced(5, honest[2]!)
  await expect(rules.range('peer', ledger, [honest[3]!, honest[4]!, wrong])).rejects.toMatchObject({ code: 'FROZEN' })
  const foreign = await misplaced(5, honest[2]!, stranger)
  expect(await rules.range('peer', ledger, [honest[3]!, honest[4]!, foreign])).toBe(null)
})

test('a verified range that does not continue what is held: only what the author signed wrongly counts against it', async () => {
  const { rules, ledger, verdicts } = setup(0, [honest[0]!.raw])
  expect(await rules.chain('peer', ledger, honest)).toBe(null)
  expect(await rules.chain('peer', ledger, [honest[1]!]), 'a peer that begins in the middle').toBe(null)
  const foreign = await misplaced(3, honest[2]!, stranger)
  expect(await rules.chain('peer', ledger, [...honest.slice(0, 3), foreign])).toBe(null)
  expect(verdicts).toEqual([])
  const rotation = await author.fork().make({
    type: 'ledger.rotate-key',
    seq: 3,
    prev_hash: honest[2]!.hash,
    meta: { next_key_hash: keyHash(stranger.publicKey) }
  })
  expect(await rules.chain('peer', ledger, [...honest.slice(0, 3), rotation]), 'by the key that it should end').toBe(3)
  expect(verdicts).toHaveLength(1)
})
