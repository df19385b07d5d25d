import { readRule } from '../../src/conflict/rule.js'
import { LedgermeshError } from '../../src/core/errors.js'
import type { LedgerEntry } from '../../src/core/view.js'
import type { ConflictView } from '../../src/node/api/conflicts.js'
import type { Node } from '../../src/node/api/node.js'
import * as example from '../../src/rpc/methods/examples.js'

export function fakeConflicts(fake: {
  entries: LedgerEntry[]
  calls: { method: string; args: unknown[] }[]
}): Node['sync']['entryConflicts'] {
  return {
    rules: () => [],
    setRule: async (rule) => ({ ...readRule(rule), complete: false }),
    removeRule: async (name) => {
      fake.calls.push({ method: 'removeRule', args: [name] })
    },
    list: async () => ({ conflicts: [], complete: true }),
    view: async () => viewOf(fake.entries),
    resolve: async (_conflict, _decision, options) => {
      fake.calls.push({ method: 'resolveEntry', args: [options] })
      return { view: viewOf(fake.entries), appended: [] }
    }
  }
}

function viewOf(entries: LedgerEntry[]): ConflictView {
  const siblings = entries.map((entry) => ({ entry, storedAt: example.TIME, copies: [] }))
  if (siblings.length === 0) throw new LedgermeshError('NO_CONFLICT', 'no entry here has this key')
  return {
    conflict: `c${example.HASH.slice(0, 32)}`,
    rule: 'addresses',
    key: { subject_oid: 'person-7' },
    state: 'open',
    reason: 'NO_WINNER',
    explanation: 'A person has to decide.',
    kinds: ['concurrent'],
    current: null,
    by: null,
    note: null,
    unseen: [],
    clamped: [],
    withdrawn: [],
    waiting: 0,
    since: example.TIME,
    count: siblings.length,
    siblings,
    complete: true
  }
}
