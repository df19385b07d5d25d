/** What evidence means for a chain that is held (R1), as vectors: everything from fixed seeds. */
import { keyHash } from '../../src/core/chain.js'
import type { Entry } from '../../src/core/entry.js'
import {
  encodeEvidence,
  evidenceId,
  sameSeqEvidence,
  sameSizeEvidence,
  type Evidence
} from '../../src/core/evidence.js'
import { toHex } from '../../src/core/hash.js'
import { Author, key, NETWORK } from '../core/author.js'

type Verdict = 'freezes' | 'excused' | 'contested'

export interface JudgementCase {
  name: string
  /** Genesis and rotations of the chain that is held, as signed, and its size. */
  held: { key_entries: { header: string; signature: string }[]; size: number }
  evidence: string[]
  expected: { frozen_at: number | null; key_fork: boolean; verdicts: Record<string, Verdict> }
}

/** Key n of the seed n n n …: K1 signs 0–3, K2 4–7, K3 8–11; K4 is committed to. */
async function ownerOf(): Promise<Author> {
  const owner = await Author.create(1)
  for (const next of [3, 4]) {
    while (owner.size < 4 * (next - 2)) await owner.append()
    await rotate(owner, key(next))
  }
  while (owner.size < 12) await owner.append()
  return owner
}

async function rotate(author: Author, next: Author['next'], id = `rotation-${author.size}`): Promise<void> {
  author.signer = author.next
  author.next = next
  await author.append({ type: 'ledger.rotate-key', id, meta: { next_key_hash: keyHash(next.publicKey) } })
}

/** Whoever has key `n` and the one after it, and leaves the owner's history at `at`. */
function thiefOf(owner: Author, n: number, at: number): Author {
  const thief = owner.fork()
  thief.entries.length = at
  thief.signer = key(n)
  thief.next = key(n + 1)
  return thief
}

function below(owner: Author, at: number): Entry[] {
  return owner.keyEntries().filter(({ header }) => header.seq < at)
}

function twoAt(one: Author, other: Author, at: number): Evidence {
  const keyEntries = below(one, at).map(({ header, raw }) => ({ ...raw, seq: header.seq }))
  return sameSeqEvidence(
    { network: NETWORK, ledger: one.ledger, keyEntries },
    at,
    one.entries[at]!.raw,
    other.entries[at]!.raw
  )
}

export async function makeJudgements(): Promise<{ about: string; network: string; cases: JudgementCase[] }> {
  const owner = await ownerOf()
  const stolen = async (n: number, at: number): Promise<Evidence> => {
    const thief = thiefOf(owner, n, at)
    await thief.append({ id: 'stolen' })
    return twoAt(owner, thief, at)
  }
  const [first, second, third] = [await stolen(1, 2), await stolen(2, 6), await stolen(3, 10)]
  const early = thiefOf(owner, 2, 6)
  while (early.size < 8) await early.append({ id: `stolen-${early.size}` })
  const notes = sameSizeEvidence(
    { ...owner.accused(), keyEntries: below(owner, 8).map(({ header, raw }) => ({ ...raw, seq: header.seq })) },
    key(2).publicKey,
    await owner.checkpoint(8, key(2)),
    await early.checkpoint(8, key(2))
  )
  // Key 2 signs a second rotation in the place of the owner's; both branches rotate once more.
  const [ours, theirs] = [thiefOf(owner, 1, 4), thiefOf(owner, 1, 4)]
  await rotate(ours, key(3))
  await rotate(theirs, key(9), 'other')
  const fork = twoAt(ours, theirs, 4)
  for (const branch of [ours, theirs]) await rotate(branch, key(branch === ours ? 4 : 10), 'again')
  // A rotation that is not in the chain held: by the committed key, so it voids what is held from there on.
  const unseen = thiefOf(owner, 1, 3)
  await rotate(unseen, key(3))
  const voids = twoAt(owner, unseen, 3)

  const cases: JudgementCase[] = []
  const add = (
    name: string,
    chain: Author,
    size: number,
    evidence: Evidence[],
    frozenAt: number | null,
    verdicts: Verdict[],
    keyFork = false
  ): void => {
    const files = evidence.map((one) => encodeEvidence(one))
    cases.push({
      name,
      held: {
        key_entries: below(chain, size).map(({ raw }) => ({
          header: Buffer.from(raw.header).toString(),
          signature: toHex(raw.signature)
        })),
        size
      },
      evidence: files.map((bytes) => Buffer.from(bytes).toString()),
      expected: {
        frozen_at: frozenAt,
        key_fork: keyFork,
        verdicts: Object.fromEntries(files.map((bytes, i) => [evidenceId(bytes), verdicts[i]!]))
      }
    })
  }
  add('the first key, before its rotation is held', owner, 4, [first], 2, ['freezes'])
  add('the first key, its rotation is held', owner, 5, [first], null, ['excused'])
  add('less is held than what is disputed', owner, 1, [first], 2, ['freezes'])
  add('the second key, in force', owner, 8, [second], 6, ['freezes'])
  add('the second key, retired', owner, 9, [second], null, ['excused'])
  add('the key in force', owner, 12, [third], 10, ['freezes'])
  add('two checkpoints: their key is in force at size − 1', owner, 8, [notes], 7, ['freezes'])
  add('two checkpoints: their key is retired', owner, 9, [notes], null, ['excused'])
  add('several: the lowest that freezes counts', owner, 8, [first, second, notes], 6, ['excused', 'freezes', 'freezes'])
  add('two rotations by one key, neither is held', ours, 4, [fork], 4, ['freezes'], true)
  add('two rotations by one key, which is in force here', ours, 5, [fork], 4, ['freezes'], true)
  add('two rotations by one key, which is retired here', ours, 6, [fork], null, ['contested'])
  add('the same on the other branch', theirs, 6, [fork], null, ['contested'])
  add(
    'a rotation that is not in what is held, signed by the key that is in force later here',
    owner,
    5,
    [voids],
    3,
    ['freezes'],
    true
  )
  return {
    about:
      'Key n is the Ed25519 key of the seed n n n … (32 bytes). verdicts: by the id of each piece of evidence. See docs/FORMATS.md §7.4.',
    network: NETWORK,
    cases
  }
}
