import type { Reason } from '../../conflict/judge.js'

/** Why a conflict is in its state, in words. */
export const EXPLANATIONS: Record<Reason, string> = {
  ONE_CLAIM: 'One entry stands: there is no conflict.',
  SAME_CONTENT: 'Several ledgers say the same.',
  RESOLUTION: 'A ledger with authority to decide has decided it.',
  OWN_CLAIM: 'An own entry was written with all of them seen.',
  ONE_PRESENT: 'The payloads of the others were erased by their authors.',
  LAST_WRITE: 'The latest one wins.',
  PRIORITY: "The first ledger of the rule's priority wins.",
  NOT_SEEN: 'It was decided before some of the entries were known.',
  CHOSEN_REPLACED: 'What was chosen stands no longer.',
  NO_WINNER: 'A person has to decide.',
  NOT_LISTED: 'None of them is of a ledger that the rule lists: a person has to decide.',
  MERGE_PENDING: 'One of the writers will merge them.',
  MERGE_FAILED: 'They could not be merged: a person has to decide.'
}
