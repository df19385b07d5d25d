/** The signer's state in words, for operators: the reason for waiting, and the remedy. */
import type { Hold } from '../../ledger/signer/signer-guard.js'
import type { SignerState } from '../../sync/signer/types.js'

const WORD = 'if nothing was signed after the stored entries and no other node uses these keys, confirm that'

/** Why nothing is signed; null: signing is allowed. */
export function holdOf(state: SignerState): Hold | null {
  switch (state.phase) {
    case 'ready':
      return null
    case 'starting':
      return { code: 'CONFIRMING', message: 'the node is starting: it asks others for its own ledger before it signs' }
    case 'confirming':
      return { code: 'CONFIRMING', message: confirmingText(state) }
    case 'twin':
      return {
        code: 'TWIN',
        message: `another node signed with the keys of this one (seen ${new Date(state.twin.since).toISOString()}): nothing is signed here until one of the two is stopped for good and you confirm that`
      }
    case 'closed':
      return {
        code: 'READ_ONLY',
        message:
          'other nodes hold this ledger, and without the network it is unknown whether they hold more of it: start the node, or open it with `offline: true`'
      }
  }
}

/**
 * A note that the ledger is signed although no peer confirmed that nothing is missing; null: one did, or there is none
 * that could.
 */
export function unconfirmedText(state: SignerState): string | null {
  return state.phase === 'ready' && state.by === 'strangers'
    ? 'none of the nodes that held this ledger before has shown since the start that nothing is missing'
    : null
}

function confirmingText({
  changed,
  named,
  witnesses,
  until,
  confirmed
}: Extract<SignerState, { phase: 'confirming' }>): string {
  const why = changed
    ? 'this home was copied or restored, or was not open on this machine before'
    : 'the node has just started, or the machine was asleep'
  if (confirmed)
    return `${why}; a node that held this ledger before confirms its newest entry, others have a moment to answer`
  if (witnesses === 0) return `${why}: connected nodes are asked whether they hold more of this ledger`
  const whom = `one of ${witnesses} ${witnesses === 1 ? 'node' : 'nodes'} that held this ledger before must show that nothing is missing`
  return until !== null
    ? `${why}: ${whom}, or be silent for half a minute`
    : `${why}: ${whom}${named ? ' (you follow, trust or admitted some of them)' : ''}; connect to one of them, or ${WORD}`
}
