import { plain, showCount, showPairs } from '../format.js'
import type { VerifiedFile } from '../verify-file.js'

export function showVerified (verified: VerifiedFile): string {
  switch (verified.file) {
    case 'proof': {
      const { ledger, name, network, size, root, entry } = verified.proof
      return showPairs([
        ['verdict', `valid: ${plain(name)} has entry ${entry.seq} among its first ${showCount(size, 'entry')}`], ['ledger', ledger], ['network', network],
        ['entry', `${entry.id} (${entry.stream} / ${entry.type})`], ['hash', entry.hash], ['root', root],
        ['payload', entry.payload_state === 'present' ? JSON.stringify(entry.payload) : entry.payload_state === 'malformed' ? 'malformed' : 'not in the file']
      ])
    }
    case 'evidence': {
      const { ledger, network, kind, seq, id } = verified.evidence
      return showPairs([['verdict', `valid: the author of this ledger made statements that an honest author could not have made (${kind})`], ['ledger', ledger], ['network', network], ['disputed', `from entry ${seq} on`], ['id', id]])
    }
    case 'export': {
      const { ledger, name, network, entries, headHash, payloads, checkpoint } = verified.export
      return showPairs([
        ['verdict', `valid: all ${showCount(entries, 'entry')} of ${plain(name)} chain and are signed by keys in force`], ['ledger', ledger], ['network', network], ['newest', headHash],
        ['payloads', `${payloads.present} present, ${payloads.absent} absent, ${payloads.none} entries without one`],
        ['checkpoint', checkpoint === null ? 'none' : `over ${showCount(checkpoint.size, 'entry')}, root ${checkpoint.root}`]
      ])
    }
  }
}
