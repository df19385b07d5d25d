import type { AdoptCode } from './types.js'

/** A sentence for operators for each code. */
export const ADOPT_SENTENCES: Record<AdoptCode, string> = {
  NOTHING_HELD: 'Nothing of this ledger is here yet.',
  FIRST_SYNC: 'Its entries are adopted from the end of what is there when it is synced for the first time.',
  AUDITING: 'The signatures of the newest entries are being checked one by one.',
  FROZEN: 'There is evidence against this ledger: disputed entries are not adopted.',
  PAUSED: 'This ledger is paused; erasures that are here already still reach the copies.',
  UNTRUSTED: 'This ledger is not trusted enough now; only its headers come, so that erasures still reach the copies.',
  PRIVATE_INTO_PUBLIC: 'It is private and the own ledger is public: anyone could read the copies.',
  READERS_WIDER:
    'Both are private, and the own ledger has readers that this one has not: adopt it with acceptReaders when they may read the copies.',
  ADOPT_LIMIT: 'As many entries of it were adopted within a day as a single source may make this node sign.',
  TOO_MANY_REFUSED:
    'The own ledger refuses more entries of it than are listed one by one: `sync.state` says why; it goes on when some of them are retried or cleared.',
  BUSY: 'This node is under load; it continues by itself.',
  CONFIRMING: 'The own ledger is not signed before its start is confirmed.',
  TWIN: 'Another node signs with the key of the own ledger: nothing is signed here.',
  RESTORING: 'The own ledger is being pulled back; nothing is signed until it is whole.',
  OWN_FROZEN: 'There is evidence against the own ledger: nothing is signed.',
  READ_ONLY: 'There is no signing key here.',
  STORE_FAILED: 'The disk accepts no writes.',
  OWN_FAILED: 'The own ledger took no copies, for the reason in the log; this is retried.'
}
