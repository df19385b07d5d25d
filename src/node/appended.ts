import type { Appended as Stored } from '../ledger/own-ledger.js'
import type { Appended } from './api.js'

/** An appended entry as every method answers it: the entry by itself, beside the word whether it was there before. */
export function appended ({ existing, ...entry }: Stored): Appended {
  return { entry, existing }
}
