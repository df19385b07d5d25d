import type { Header } from '../../core/header.js'
import { referencesIn } from '../../core/reference.js'
import type { PostingFamily } from '../../store/keys.js'
import { targetValues } from '../../store/target-values.js'

/** The values under which an index has an entry, each once. */
export function postedValues(family: PostingFamily, header: Header): string[] {
  switch (family) {
    case 'stream':
      return [header.stream]
    case 'type':
      return [header.type]
    case 'issuer':
      return header.issuer_oid === null ? [] : [header.issuer_oid]
    case 'subject':
      return header.subject_oid === null ? [] : [header.subject_oid]
    case 'target':
      return [...targetValues(referencesIn(header.meta))]
  }
}
