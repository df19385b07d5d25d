/** A decision about a conflict becomes entries of the own ledger: a resolution, or a merged claim. */
import { utf8Length } from '#platform'
import type { Json } from '../../core/canonical.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { ConflictId } from '../../conflict/claims.js'
import { MAX_NOTE_BYTES, REFERENCES_PER_RESOLUTION } from '../../conflict/limits.js'
import { RESOLUTION_TYPE, resolutionMeta } from '../../conflict/resolution.js'
import type { AppendInput } from '../../ledger/append/append-input.js'
import { referencesTo, type Expected } from '../../ledger/append/expected.js'
import type { Judged } from '../../ledger/claims/conflict-index.js'
import type { StoredRule } from '../../ledger/claims/rule-book.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Appended } from '../../ledger/append/appender.js'
import { keyOfView } from './view-conflict.js'

/** One conflict, in the state that was read. */
export interface Found {
  stored: StoredRule
  id: ConflictId
  judged: Judged
}

/** `chosen` null: none of the siblings is to be current. Throws INVALID_PARAMS, STALE. */
export async function appendResolution(
  ledgers: Ledgers,
  { stored, id, judged }: Found,
  chosen: Hash | null,
  note: string
): Promise<Appended[]> {
  const { own } = ledgers
  const { rule } = stored
  const { facts } = judged
  if (!rule.resolvers.includes('own') && !rule.resolvers.includes(own.id))
    throw new LedgermeshError(
      'INVALID_PARAMS',
      `rule ${rule.name} does not listen to this ledger: it is not among its resolvers`
    )
  if (chosen !== null && !facts.siblings.some(({ hash }) => hash === chosen))
    throw new LedgermeshError('INVALID_PARAMS', 'none of the entries that stand has this hash')
  if (utf8Length(note) > MAX_NOTE_BYTES || !note.isWellFormed())
    throw new LedgermeshError('INVALID_PARAMS', `a note has at most ${MAX_NOTE_BYTES} bytes`)
  const seen = [
    ...facts.siblings.map(({ hash }) => hash),
    ...facts.words.filter(({ author }) => author !== own.id).map(({ hash }) => hash)
  ]
  const references = await seenReferences(ledgers, seen)
  const meta = resolutionMeta({ rule: rule.name, key: keyOfView(rule, facts.siblings), chosen, note })
  const inputs: AppendInput[] = []
  for (let at = 0; at < references.length; at += REFERENCES_PER_RESOLUTION)
    inputs.push({
      stream: 'ledger',
      type: RESOLUTION_TYPE,
      meta,
      references: references.slice(at, at + REFERENCES_PER_RESOLUTION)
    })
  return await own.appendReserved(inputs, {}, expectedNow(stored, id, judged))
}

/**
 * References to own siblings too: a resolution is not a claim, so its place in the ledger does not show what it has
 * seen.
 */
async function seenReferences(
  { held }: Ledgers,
  hashes: readonly Hash[]
): Promise<NonNullable<AppendInput['references']>> {
  const targets = await Promise.all(hashes.map(async (hash) => await held.byHash(hash)))
  if (targets.includes(null)) throw new LedgermeshError('STALE', 'one of the entries is held no longer')
  return targets.map((target) => ({ ...target!, referenceType: 'derived' }))
}

/**
 * A claim of the own ledger that refers to all siblings: from a writer it replaces them, from another resolver it is a
 * decision.
 */
export async function appendMerged(
  ledgers: Ledgers,
  { stored, id, judged }: Found,
  payload: Json
): Promise<Appended[]> {
  const { own } = ledgers
  const {
    facts: { siblings }
  } = judged
  const model = siblings.find(({ ledger }) => ledger === own.id) ?? siblings[0]!
  const { stream, type, issuer_oid, subject_oid } = model
  const key = keyOfView(stored.rule, siblings)
  const references = await referencesTo(
    ledgers.held,
    own.id,
    siblings.map(({ hash }) => hash),
    []
  )
  return await own.appendReserved(
    [{ stream, type, issuer_oid, subject_oid, payload, references, ...(key.id !== undefined && { id: key.id }) }],
    {},
    expectedNow(stored, id, judged)
  )
}

function expectedNow(stored: StoredRule, id: ConflictId, { facts }: Judged): Expected {
  return { stored, id, siblings: facts.siblings.map(({ hash }) => hash) }
}
