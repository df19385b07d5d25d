import { decodeSigned } from './entry.js'
import { decodeEvidence, signedHeader, type Statement } from './evidence.js'

/**
 * May the two histories behind verified evidence have parted below the seq that it disputes? Two entries that commit to
 * different predecessors prove it; two different roots prove only a difference somewhere below. Then an earlier
 * difference is worth searching for.
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
