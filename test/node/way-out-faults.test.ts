/**
 * Every write of the ways into a freeze and out of it fails once (R1): evidence before anything is held, and the first
 * entries after it; the branch of a rotation that takes the place of a thief's; the owner's own rotation. After the
 * restart everything is as before or as after, never between; the evidence is there, and fsck finds nothing.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keyEpoch, keyHash } from '../../src/core/chain.js'
import { checkpointOrigin, signCheckpoint } from '../../src/core/checkpoint.js'
import { isCoded } from '../../src/core/errors.js'
import { encodeEvidence, evidenceId, sameSeqEvidence } from '../../src/core/evidence.js'
import { merkleRoot } from '../../src/core/merkle.js'
import { verifySignature } from '../../src/core/signature.js'
import { verifyEvidence } from '../../src/core/verify-evidence.js'
import { runFsck } from '../../src/ledger/fsck/run-fsck.js'
import type { Ledgers } from '../../src/ledger/ledgers.js'
import type { Ledger } from '../../src/ledger/ledger.js'
import { EvidenceCourt } from '../../src/node/forks/evidence-court.js'
import { LookBehind, type LookBehindInit } from '../../src/node/forks/look-behind.js'
import type { Verifier } from '../../src/node/signatures/verifier.js'
import {
  Author,
  NETWORK,
  openNode,
  temporaryFolder,
  TestClock,
  TestLog,
  testKey,
  type Node
} from '../ledger/support.js'
import { FaultyStore, type Fault, type Flavour } from '../store/faulty-store.js'

const FLAVOURS: Flavour[] = ['lost', 'kept', 'power']
const SURVIVES = [0, 0.5, 0.99]

/** A write with each kind of failure, or (many) with one of them in turn; FAULTS=all: with each. */
function faultsAt(at: number, many: boolean): Fault[] {
  const all = FLAVOURS.flatMap((flavour): Fault[] =>
    flavour === 'power' ? SURVIVES.map((survives) => ({ at, flavour, survives })) : [{ at, flavour }]
  )
  return !many || process.env.FAULTS === 'all' ? all : [all[at % all.length]!]
}

interface Way {
  /** Up to the freeze. */
  prepare: (ledgers: Ledgers) => Promise<void>
  run: (ledgers: Ledgers) => Promise<void>
  /** What the node does at its start. */
  start: (ledgers: Ledgers) => Promise<void>
  state: (ledgers: Ledgers) => Promise<unknown>
}

interface Life {
  node: Node
  writes: number
  prepared: number
  failed: boolean
}

async function live(way: Way, fault: Fault | null): Promise<Life> {
  const dir = await temporaryFolder()
  const store = await FaultyStore.open(join(dir, 'db'), { log: new TestLog(), fault })
  let prepared = 0
  let failed = false
  try {
    const { ledgers, close } = await openNode({ dir, store })
    try {
      await way.prepare(ledgers)
      prepared = store.writes
      await way.run(ledgers)
    } finally {
      await close()
    }
  } catch (error) {
    if (!isCoded(error, 'STORE_FAILED')) throw error
    failed = true
    await store.close()
  }
  const node = await openNode({ dir })
  await way.start(node.ledgers)
  return { node, writes: store.writes, prepared, failed }
}

async function everyWrite(way: Way): Promise<{ writes: number; before: number; after: number }> {
  const frozen = await openNode()
  await way.prepare(frozen.ledgers)
  const [before, whole] = [await way.state(frozen.ledgers), await live(way, null)]
  const after = await way.state(whole.node.ledgers)
  expect(after).not.toEqual(before)
  const ends = { writes: whole.writes - whole.prepared, before: 0, after: 0 }
  for (const fault of Array.from({ length: ends.writes }, (_, i) =>
    faultsAt(whole.prepared + i, ends.writes > 10)
  ).flat()) {
    const where = JSON.stringify(fault)
    const { node, failed } = await live(way, fault)
    expect({ where, failed }).toEqual({ where, failed: true })
    const state = await way.state(node.ledgers)
    const isBefore = JSON.stringify(state) === JSON.stringify(before)
    expect({ where, state }).toEqual({ where, state: isBefore ? before : after })
    ends[isBefore ? 'before' : 'after']++
    if (isBefore) await way.run(node.ledgers)
    expect({ where, again: await way.state(node.ledgers) }).toEqual({ where, again: after })
    await node.close()
    const {
      found: { damage }
    } = await runFsck(join(node.dir, 'db'), {
      log: new TestLog(),
      markFile: join(node.dir, 'signer.json'),
      rebuild: false
    })
    expect({ where, damage }).toEqual({ where, damage: [] })
  }
  return ends
}

function courtOf(): EvidenceCourt {
  return new EvidenceCourt({ verify: verifySignature, clock: new TestClock(), log: new TestLog(), onJudged: () => {} })
}

async function accused(ledger: Ledger, evidence: Uint8Array): Promise<void> {
  await courtOf().hear(ledger, await verifyEvidence(evidence, { verify: verifySignature, network: NETWORK }))
}

test(
  "a branch that takes the place of a thief's: by the operator's word, at each of its writes",
  { timeout: 120_000 },
  async () => {
    const owner = await Author.create()
    await owner.addMany(2)
    const thief = await Author.create()
    await thief.addMany(2)
    await thief.addMany(4, (seq) => ({ id: `stolen-${seq}` }))
    await owner.addMany(2)
    await owner.rotate()
    const { id } = owner
    const [one, other] = [owner.entries[3]!, thief.entries[3]!]
    const evidence = encodeEvidence(
      sameSeqEvidence(
        { network: NETWORK, ledger: id, keyEntries: [{ ...owner.entries[0]!.raw, seq: 0 }] },
        3,
        one.raw,
        other.raw
      )
    )
    const note = await signCheckpoint(
      {
        origin: checkpointOrigin(NETWORK, id),
        size: 6,
        root: merkleRoot(thief.entries.slice(0, 6).map(({ hash }) => hash))
      },
      thief.key
    )
    const peerNetwork: LookBehindInit['peerNetwork'] = {
      fetchKeyEntries: () => Promise.resolve([owner.entries[0]!, owner.entries[5]!].map(({ raw }) => raw)),
      fetchRange: (_, { from, count }) =>
        Promise.resolve(
          owner.entries
            .slice(from, from + count)
            .map(({ raw: { header, signature } }) => ({ header, signature, payload: null }))
        )
    }
    const verifier = { forPeer: () => verifySignature, verify: verifySignature } as unknown as Verifier
    const { writes, before, after } = await everyWrite({
      prepare: async (ledgers) => {
        const mirror = await ledgers.mirror(id)
        await mirror.ingest(thief.entries)
        await mirror.putCheckpoint(note)
        await accused(mirror, evidence)
      },
      run: async (ledgers) => {
        const mirror = ledgers.get(id)!
        const court = courtOf()
        // Of a filtered follow: the payload of entry 3 is not wanted.
        const behind = new LookBehind({
          peerNetwork,
          verifier,
          court,
          clock: new TestClock(),
          wants: (_, { seq }) => seq !== 3
        })
        await behind.take('p', mirror, (await behind.target('p', mirror, court.standing(mirror), true))!, { pin: null })
      },
      start: async (ledgers) => {
        await courtOf().review(ledgers.get(id)!)
      },
      state: async (ledgers) => {
        const mirror = ledgers.get(id)!
        const {
          size,
          visible,
          frozen,
          headHash,
          standing: { verdicts }
        } = mirror
        expect((await mirror.verifyChain()).valid).toBe(true)
        expect((await mirror.allEvidence()).map(evidenceId)).toEqual([evidenceId(evidence)])
        return {
          size,
          visible,
          frozen,
          headHash,
          verdicts,
          voided: await mirror.voided(),
          note: mirror.checkpoint(),
          missing: await mirror.missingPayloads(9),
          keys: (await mirror.heldChain())!.keys.length
        }
      }
    })
    console.log(`branch: ${writes} writes, before: ${before}, after: ${after}`)
    expect(writes).toBeGreaterThanOrEqual(20)
    expect(Math.min(before, after)).toBeGreaterThan(0)
  }
)

test('evidence before anything is held, and the first entries after it, at each of their writes', async () => {
  const author = await Author.create()
  await author.addMany(5)
  const other = await author.sign({ ...author.entries[3]!.header, id: 'other', payload_hash: null, payload_size: 0 })
  const evidence = encodeEvidence(
    sameSeqEvidence(
      { network: NETWORK, ledger: author.id, keyEntries: [{ ...author.entries[0]!.raw, seq: 0 }] },
      3,
      author.entries[3]!.raw,
      other.raw
    )
  )
  const hear = async (ledgers: Ledgers): Promise<void> => {
    await accused(await ledgers.mirror(author.id), evidence)
  }
  const first = async (ledgers: Ledgers): Promise<void> => {
    await courtOf().first(ledgers.get(author.id)!, author.entries, () => 'missing')
  }
  const state = async (ledgers: Ledgers): Promise<unknown> => {
    const {
      size,
      visible,
      frozenAt,
      standing: { early, verdicts }
    } = ledgers.get(author.id)!
    return { size, visible, frozenAt, early, verdicts, heard: await ledgers.get(author.id)!.heardEvidence.ids() }
  }
  const start = async (ledgers: Ledgers): Promise<void> => {
    await courtOf().review(ledgers.get(author.id)!)
  }
  const heard = await everyWrite({
    prepare: async (ledgers) => {
      await ledgers.mirror(author.id)
    },
    run: hear,
    start,
    state
  })
  const judged = await everyWrite({ prepare: hear, run: first, start, state })
  for (const { before, after } of [heard, judged]) expect(Math.min(before, after)).toBeGreaterThan(0)
})

test("the owner's rotation that retires the accused key, at each of its writes", { timeout: 120_000 }, async () => {
  const next = testKey('next')
  const { writes, before, after } = await everyWrite({
    prepare: async ({ own }) => {
      for (const id of ['a', 'b']) await own.append({ stream: 's', type: 't', payload: { id }, id })
      const mine = (await own.storedEntry(1))!
      const thief = new Author('thief')
      const stolen = await thief.sign(
        { ...mine.header, id: 'stolen', payload_hash: null, payload_size: 0 },
        null,
        testKey('own')
      )
      const keyEntries = [{ ...(await own.storedEntry(0))!.raw, seq: 0 }]
      await accused(
        own,
        encodeEvidence(sameSeqEvidence({ network: NETWORK, ledger: own.id, keyEntries }, 1, mine.raw, stolen.raw))
      )
    },
    run: async ({ own }) => {
      own.onRotated(async () => {
        await courtOf().review(own)
      })
      await own.rotateKey(next, keyHash(testKey('after that').publicKey), own.frozen!.evidence)
    },
    start: async ({ own }) => {
      await courtOf().review(own)
    },
    state: async ({ own }) => {
      const {
        size,
        visible,
        frozen,
        signer,
        standing: { verdicts }
      } = own
      expect((await own.verifyChain()).valid).toBe(true)
      expect(await own.allEvidence()).toHaveLength(1)
      const keys = (await own.heldChain())!.keys.map(({ from, key }) => ({ from, key }))
      return {
        size,
        visible,
        frozen: frozen?.size ?? null,
        signer,
        keys,
        verdicts: Object.values(verdicts),
        last: keyEpoch((await own.storedEntry(0))!).from
      }
    }
  })
  console.log(`rotation: ${writes} writes, before: ${before}, after: ${after}`)
  expect(Math.min(before, after)).toBeGreaterThan(0)
})
