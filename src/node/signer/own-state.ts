import type { OwnLedger } from '../../ledger/own-ledger.js'
import type { SyncStatus } from '../../sync/types.js'
import type { NodeStatus } from '../api/node.js'
import { holdOf, unconfirmedText } from './signer-words.js'
import type { SignerDriver } from './signer-driver.js'

/** Whether the own ledger can be appended to, and if not, why. */
export function ownStateOf(own: OwnLedger, signer: SignerDriver): NodeStatus['own'] {
  const { size, headHash: hash, signer: state } = own
  return {
    size,
    hash,
    state,
    waiting: waiting(own, signer),
    unconfirmed: state === 'ready' ? unconfirmedText(signer.state) : null
  }
}

function waiting({ signer: state, restoreTarget }: OwnLedger, signer: SignerDriver): string | null {
  switch (state) {
    case 'ready':
      return null
    case 'confirming':
    case 'twin':
      return holdOf(signer.state)?.message ?? null
    case 'frozen':
      return 'there is evidence that the own key signed contradictory statements: nothing is signed before a rotation'
    case 'failed':
      return 'a commit has an unknown outcome (the disk may be full): nothing is written until the store is reopened, which this node does by itself when the disk accepts writes again'
    case 'restoring':
      return restoreTarget === null
        ? "the signer's mark (signer.json) is missing: this node does not sign; stop it and put the newest signer.json back beside ledger.key; or, only if nothing was signed after the stored entries, confirm that"
        : `this node signed entry ${restoreTarget.seq}, which is not in its store: it does not sign until it has pulled its own ledger back; connect it to a node that follows it`
  }
}

/** I6: a reason, beside its mirrors, for which the own ledger waits; null: none. */
export function heldBack({ signer: state, size }: OwnLedger, signer: SignerDriver): SyncStatus | null {
  const code = state === 'confirming' ? 'CONFIRMING' : state === 'twin' ? 'TWIN' : null
  return code === null ? null : { status: 'stalled', size, code, since: signer.since, next: signer.next }
}
