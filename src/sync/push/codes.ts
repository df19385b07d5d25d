import type { PushCode } from './types.js'

/** A sentence for operators for each code. */
export const PUSH_SENTENCES: Record<PushCode, string> = {
  NO_CONNECTION: 'No node of this remote is connected: its addresses are dialled, if it has any.',
  SCHEDULED: 'It is not its time: its schedule says when it is offered. `ledgermesh push` offers it now.',
  QUEUED: 'It will be offered in a moment.',
  MANUAL: 'It is offered on request only: `ledgermesh push` (autoSync is off).',
  OFFERED: 'Offered; the remote has not decided yet.',
  FETCHING: 'Accepted; the remote is fetching it.',
  PENDING: "Waiting for the remote's operator, who sees it with `ledgermesh offers`.",
  DENIED:
    'The remote takes no offers from this node: its operator can change `push.accept`, or give you a token (`ledgermesh invite`).',
  REMOTE_UNTRUSTED:
    "The own ledger does not trust this remote enough for this node's rule: see `ledgermesh trust explain`, or attest it.",
  NOT_A_READER: 'The ledger is private, and the remote is no reader of it: grant it access first.',
  BUSY: 'The remote has no free slot now; it will be offered again.',
  FAILED: 'The last session with the remote failed; it will be offered again.',
  DIFFERS: 'The remote says that it holds another branch of this ledger.',
  TOO_MANY_REFUSED:
    'The remote refuses more entries than are listed one by one (100,000): nothing more is pushed to it until some of them are tried again (`ledgermesh state retry`) or cleared (`state clear`).',
  NOT_WANTED: 'The remote does not want this ledger: its operator can follow it.',
  UNTRUSTED: 'The remote does not trust this ledger enough.',
  PAUSED: "The remote's operator has paused this ledger.",
  FROZEN: 'The remote has evidence against this ledger.',
  WRONG_NETWORK: 'The ledger is of another network.',
  QUOTA: 'The remote stores no more of it: the size limit is reached.',
  ADOPT_NOT_OFFERED: 'The remote was asked to adopt it and declines.',
  PRIVATE_INTO_PUBLIC: 'A private ledger is not adopted into a public one.',
  STORE_FAILED: "The remote's disk accepts no writes.",
  UPGRADE_NEEDED: 'The remote runs an older version, which cannot read all of it.',
  TOKEN_INVALID: 'The remote does not know this token, or it is used up: ask for a new one.',
  FILTERED: 'The remote does not want these entries.',
  NO_PAYLOAD: 'The payload is not available.',
  ERASED: 'The payload was erased.',
  RESERVED: 'Entries of reserved types are not adopted.',
  IS_COPY: 'Copies are not adopted.',
  ID_TAKEN: 'The remote has another entry with this id.',
  TOO_LARGE: 'The copy would be too large.',
  HOOK: 'A hook of the remote refuses it.',
  OTHER: 'For a reason that this version does not know.'
}
