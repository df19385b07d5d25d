/** What operators and callers say of conflicts (rules), and what other ledgers' entries do (decisions). */
import assert from 'node:assert/strict'
import { parseText } from '../../../src/core/canonical.js'
import { decodeHeader } from '../../../src/core/header.js'
import { isHash } from '../../../src/core/hash.js'
import { ledgerIdOf } from '../../../src/core/ledger-id.js'
import { claimOf, isConflictId, keyOf } from '../../../src/conflict/claims.js'
import { resolutionMeta, resolutionOf, RESOLUTION_TYPE } from '../../../src/conflict/resolution.js'
import { readRule, type ConflictRule } from '../../../src/conflict/rule.js'
import { Author } from '../../core/author.js'
import { author, genesis } from '../samples.js'
import { decoder, json, type Target } from '../target.js'
import { codes } from './core.js'

const LEDGER = ledgerIdOf(genesis.hash)
const OTHER = ledgerIdOf('ab'.repeat(32))
const KEY = { stream: 'people', subject_oid: 'person-7' }
const RULE = readRule({ name: 'addresses', key: ['stream', 'subject_oid'], scope: 'held', resolvers: ['own', OTHER] })

const RULES = [
  { name: 'a', key: ['id'], scope: 'held' },
  { name: 'addresses', match: { streams: ['people'], types: null }, key: ['subject_oid'], scope: [LEDGER, OTHER] },
  { name: 'first', key: ['id'], scope: [LEDGER], strategy: 'source-priority', priority: [LEDGER], otherwise: 'manual' },
  { name: 'same-id', key: ['stream', 'id'], scope: 'adopted', resolvers: ['own', OTHER], whileOpen: 'previous' },
  { name: 'last', key: ['type'], scope: 'held', writers: [OTHER], strategy: 'last-write-wins', record: true },
  {
    name: 'm',
    key: ['id'],
    scope: [LEDGER],
    strategy: 'merge',
    merge: { fields: { '/tags': 'union', '*': 'manual' } }
  },
  { name: 'c', key: ['id'], scope: [LEDGER], strategy: 'merge', merge: { command: ['/usr/bin/merge', '-a'] } }
]

async function decisions(): Promise<Uint8Array[]> {
  const resolver = await Author.create()
  for (const chosen of [genesis.hash, null])
    await resolver.append({
      stream: 'ledger',
      type: RESOLUTION_TYPE,
      meta: {
        ...resolutionMeta({ rule: RULE.name, key: KEY, chosen, note: 'papers seen' }),
        crossLedgerRefs: [{ ledgerId: LEDGER, entryId: 'x', entryHash: genesis.hash, referenceType: 'derived' }]
      }
    })
  return resolver.entries.slice(1).map(({ raw }) => raw.header)
}

/** Whatever the rule: it makes claims of entries, or none, and never throws. */
function use(rule: ConflictRule): void {
  for (const { header } of author.entries) {
    const claim = claimOf(rule, LEDGER, header)
    if (claim !== null) assert.ok(isConflictId(claim.id) && keyOf(rule.key, claim.key) !== null)
  }
}

export const conflictTargets: Target[] = [
  decoder({
    name: 'rule',
    coded: codes('INVALID_PARAMS', 'MALFORMED', 'TOO_LARGE'),
    seeds: () => RULES.map(json),
    decode: (bytes) => readRule(parseText(Buffer.from(bytes).toString()), [LEDGER, OTHER]),
    check: (rule) => {
      assert.deepEqual(readRule(rule as never, [LEDGER, OTHER]), rule, 'a rule that was read reads as another one')
      use(rule)
    }
  }),
  decoder({
    name: 'resolution',
    shortRuns: 60,
    coded: codes('MALFORMED', 'NOT_CANONICAL', 'TOO_LARGE', 'BAD_KEY', 'UPGRADE_NEEDED'),
    seeds: decisions,
    // Read leniently: of a header that is valid it is one, or none, and never an error.
    decode: (bytes) => {
      const header = decodeHeader(bytes)
      return { header, resolution: resolutionOf(RULE, header) }
    },
    check: ({ header, resolution }) => {
      if (resolution === null) return
      const { id, chosen, note, saw } = resolution
      assert.ok(isConflictId(id) && (chosen === null || isHash(chosen)) && saw.every((hash) => isHash(hash)))
      const meta = {
        ...header.meta,
        ...resolutionMeta({ rule: RULE.name, key: header.meta.key as never, chosen, note })
      }
      assert.deepEqual(resolutionOf(RULE, { ...header, meta }), resolution, 'what was read is written as another one')
    }
  })
]
