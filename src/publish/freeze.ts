/** When the ledger that is held is not the one that was published: nothing is overwritten, and the folder says why. */
import { toUtf8 } from '#platform'
import { encodeEvidence, sameSeqEvidence, type Accused } from '../core/evidence.js'
import type { Entry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { verifyEvidence } from '../core/verify-evidence.js'
import { verifySignature } from '../core/signature.js'
import type { PublicFolder } from './public-folder.js'
import { CHECKPOINT, EVIDENCE, FROZEN, publishedEntry, type Published } from './published.js'
import type { PublishSource } from './source.js'

/** Throws FROZEN when the folder says that it is. */
export async function refuseFrozen(folder: PublicFolder): Promise<void> {
  if ((await folder.read(FROZEN)) !== null) throw frozen('it says so, and why, in `frozen`')
}

/**
 * The lowest seq where the two differ; null: what is held (`visible` entries) and what is published are one history. As
 * each entry commits to the one before, this is a search by halves.
 */
export async function divergence(
  folder: PublicFolder,
  { size }: Published,
  source: PublishSource,
  visible: number
): Promise<{ seq: number; published: Entry; held: Entry } | null> {
  const look = async (seq: number): Promise<{ seq: number; published: Entry; held: Entry } | null> => {
    const held = await source.entry(seq)
    if (held === null) throw new LedgermeshError('NOT_YET', `entry ${seq} cannot be read any more: try again`)
    const published = await publishedEntry(folder, size, seq)
    return held.hash === published.hash ? null : { seq, published, held }
  }
  let [low, high] = [0, Math.min(size, visible) - 1]
  let found = high < 0 ? null : await look(high)
  if (found === null) return null
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const differs = await look(middle)
    if (differs === null) low = middle + 1
    else [found, high] = [differs, middle]
  }
  return found
}

/** Writes `frozen`, and the evidence where there is some. Throws FROZEN, always. */
export async function freeze(
  folder: PublicFolder,
  accused: Accused,
  { size }: Published,
  reason: { differs: { seq: number; published: Entry; held: Entry }; held: string | null } | { evidence: string }
): Promise<never> {
  const evidence = 'evidence' in reason ? toUtf8(reason.evidence) : await evidenceOf(accused, reason.differs)
  if (evidence !== null) await folder.replace(EVIDENCE, evidence)
  const text = {
    v: 1,
    network: accused.network,
    ledger: accused.ledger,
    size,
    seq: 'differs' in reason ? reason.differs.seq : null,
    held: 'differs' in reason ? reason.held : null,
    evidence: evidence !== null
  }
  await folder.replace(FROZEN, toUtf8(`${JSON.stringify(text)}\n`))
  await folder.sync()
  throw frozen(
    'differs' in reason
      ? `entry ${reason.differs.seq} that is held is not the one that was published. Nothing was overwritten (${CHECKPOINT} is the old one); what holds is published into a new folder`
      : 'there is evidence against its author below what was published'
  )
}

/** null: the two are not evidence, as after a rotation that voids entries. */
async function evidenceOf(
  accused: Accused,
  { seq, published, held }: { seq: number; published: Entry; held: Entry }
): Promise<Uint8Array | null> {
  try {
    const bytes = encodeEvidence(sameSeqEvidence(accused, seq, published.raw, held.raw))
    await verifyEvidence(bytes, { verify: verifySignature })
    return bytes
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}

function frozen(why: string): LedgermeshError {
  return new LedgermeshError('FROZEN', `the published folder is frozen: ${why}`)
}
