/**
 * R6: "never from evidence files, voided branches or retired keys"; "from all entries in the branch held, linked, by
 * keys in force, disputed ones included".
 */
import { expect, test } from 'vitest'
import { keyHash } from '../../src/core/chain.js'
import { encodeEvidence, sameSeqEvidence } from '../../src/core/evidence.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import { NodeAuthority } from '../../src/node/peers/node-authority.js'
import { Author, key, NETWORK } from '../core/author.js'
import { acceptBranch, freezeAt } from '../helpers/freeze-at.js'
import { openNode } from '../ledger/support.js'
import { PEER } from '../fuzz/samples.js'

const READER = `b${'a'.repeat(52)}`

/**
 * A private ledger: 1 lets a reader in, 2 authorises a node. From 3 on a thief takes both away, and the owner rotates.
 */
async function robbed(): Promise<{ owner: Author; thief: Author; evidence: Uint8Array }> {
  const owner = Object.assign(Object.create(Author.prototype) as Author, { entries: [], signer: key(1), next: key(2) })
  await owner.append({
    ledger: null,
    seq: 0,
    prev_hash: null,
    type: 'ledger.genesis',
    meta: { network: NETWORK, name: 'robbed', access: 'private', next_key_hash: keyHash(key(2).publicKey) }
  })
  await owner.append({
    type: 'ledger.access',
    meta: { grant: [{ ledger: READER, scope: 'full' }], revoke: [], trust_milli: null }
  })
  await owner.append({ type: 'ledger.authorize-node', meta: { peer_id: PEER, expires: null } })
  const thief = owner.fork()
  await thief.append({ type: 'ledger.access', meta: { grant: [], revoke: [READER], trust_milli: null } })
  await thief.append({ type: 'ledger.revoke-node', meta: { peer_id: PEER } })
  const mine = await owner.make({ id: 'note' })
  await owner.rotate()
  return {
    owner,
    thief,
    evidence: encodeEvidence(sameSeqEvidence(thief.accused(), 3, mine.raw, thief.entries[3]!.raw))
  }
}

interface Held {
  mirror: Ledger
  authority: NodeAuthority
  rights: () => Promise<unknown>
}

async function holding(author: Author, size = author.size): Promise<Held> {
  const { ledgers, log } = await openNode()
  const mirror = await ledgers.mirror(author.ledger)
  const authority = new NodeAuthority(ledgers, log)
  await mirror.ingest(author.entries.slice(0, size))
  return {
    mirror,
    authority,
    rights: async () => {
      await authority.caughtUp()
      return {
        readers: [...mirror.access.grants.keys()],
        nodes: authority.authorized(mirror.id).map(({ peer }) => peer)
      }
    }
  }
}

const [GIVEN, TAKEN] = [
  { readers: [READER], nodes: [PEER] },
  { readers: [], nodes: [] }
]

test('what only an evidence file says takes nothing away', async () => {
  const { owner, evidence } = await robbed()
  const { mirror, rights } = await holding(owner, 3)
  await freezeAt(mirror, 3, evidence)
  expect(await rights()).toEqual(GIVEN)
})

test('what is disputed in the branch that is held takes away; when it is voided, it does not any more', async () => {
  const { owner, thief, evidence } = await robbed()
  const { mirror, rights } = await holding(thief)
  expect(await rights()).toEqual(TAKEN)
  await freezeAt(mirror, 3, evidence)
  expect(await rights()).toEqual(TAKEN)
  await acceptBranch(mirror, owner.entries.slice(3))
  expect(await rights()).toEqual(GIVEN)
  expect(await mirror.voided()).toMatchObject([{ from: 3, entries: 2 }])
})

test('what stands above a doubt that only the operator ends gives nothing', async () => {
  const { owner } = await robbed()
  const { mirror, rights } = await holding(owner)
  await mirror.putStanding({ ...mirror.standing, facts: { ...mirror.standing.facts, doubtedFrom: 1 } })
  expect(await rights()).toEqual(TAKEN)
  await mirror.putStanding({ ...mirror.standing, facts: { ...mirror.standing.facts, doubtedFrom: null } })
  expect(await rights()).toEqual(GIVEN)
})
