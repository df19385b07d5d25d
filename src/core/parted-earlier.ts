import { decodeSigned } from './entry.js'
import { decodeEvidence, signedHeader, type Statement } from './evidence.js'

/**
 * May the two histories behind verified evidence have parted below the seq that it disputes? Two entries that commit to
 * different predecessors say so themselves; two roots say only that it was somewhere below. Then an older difference is
 * worth looking for.
 */
export function partedEarlier(bytes: Uint8Array): boolean {
  const evidence = decodeEvidence(bytes)
  switch (evidence.kind) {
    case 'same-seq':
      return predecessorOf(evidence.a) !== predecessorOf(evidence.b)
    case 'same-size':
    case 'not-included':
      return true
    case 'rule-broken':
      return false
  }
}

function predecessorOf(statement: Statement): string | null {
  return decodeSigned(signedHeader(statement)).header.prev_hash
}
