import { PUSH_SENTENCES } from '../../sync/push/codes.js'
import type { STATE_ONLY_CODES, StateCode } from '../../sync/exceptions/state.js'

const OWN_SENTENCES: Record<(typeof STATE_ONLY_CODES)[number], string> = {
  UNAUDITED: 'It is stored; its own signature is not checked yet.',
  CONFLICT: 'It conflicts with another entry and is not decided yet: see `sync.entryConflicts`.',
  SOURCE_DISPUTED: 'There is evidence against its ledger from here on: `sync.conflicts` says what can be done.',
  SOURCE_VOIDED: 'It was voided by another branch of its ledger.'
}

/** Texts about one entry for operators. */
export function stateSentence(code: StateCode): string {
  return Object.hasOwn(OWN_SENTENCES, code)
    ? OWN_SENTENCES[code as keyof typeof OWN_SENTENCES]
    : PUSH_SENTENCES[code as keyof typeof PUSH_SENTENCES]
}
