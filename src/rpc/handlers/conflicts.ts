import { LedgermeshError } from '../../core/errors.js'
import type { ConflictDecision, ConflictKey, ConflictPointer, RuleInput } from '../../node/api/conflicts.js'
import type { Handlers } from '../handler.js'
import type { conflictMethods } from '../methods/conflicts.js'

export const conflictHandlers: Handlers<typeof conflictMethods> = {
  'sync.rules': async (_params, { node }) => ({ rules: node.sync.entryConflicts.rules() }),
  // the type is a claim only: setRule checks every member
  'sync.setRule': ({ rule }, { node }) => node.sync.entryConflicts.setRule(rule as unknown as RuleInput),
  'sync.removeRule': async ({ name }, { node }) => {
    await node.sync.entryConflicts.removeRule(name)
    return { removed: name }
  },
  'sync.entryConflicts': (filters, { node }) => node.sync.entryConflicts.list(filters),
  'sync.view': ({ conflict, rule, key }, { node }) => node.sync.entryConflicts.view(pointerOf(conflict, rule, key)),
  'sync.resolveEntry': ({ conflict, expect, note, ...decision }, { node }) =>
    node.sync.entryConflicts.resolve(conflict, decision as ConflictDecision, {
      ...(expect !== undefined && { expect }),
      ...(note !== undefined && { note })
    })
}

/** Throws INVALID_PARAMS. */
function pointerOf(conflict: string | undefined, rule: string | undefined, key: object | undefined): ConflictPointer {
  if (conflict !== undefined && rule === undefined && key === undefined) return { conflict }
  if (conflict === undefined && rule !== undefined && key !== undefined) return { rule, key: key as ConflictKey }
  throw new LedgermeshError('INVALID_PARAMS', 'give conflict, or rule and key')
}
