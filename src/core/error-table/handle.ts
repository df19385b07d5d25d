/** 2100: errors of handles, the short names of ids. */
import type { ErrorRow } from './row.js'

export const HANDLE_ERRORS = {
  AMBIGUOUS: { rpc: 2101, retryable: false, next: 'Give more of the id, or one of the candidates in full.' },
  NO_SUCH_NAME: {
    rpc: 2102,
    retryable: false,
    next: 'Give the full id; or follow the ledger, or give it an alias, to use a name for it.'
  },
  SHORT_FORM: {
    rpc: 2103,
    retryable: false,
    next: 'Give the full id, an alias, or the name of a followed ledger: signing, granting and trusting accept no short form that others could have arranged.'
  }
} as const satisfies Record<string, ErrorRow>
