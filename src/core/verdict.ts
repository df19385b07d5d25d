/**
 * The one table of who is punished, and who is not (I5). "Reject only what the message alone proves"; a fault of the
 * author, a newer version, a lost connection and our own failures cost no peer anything; "being busy is never
 * punished".
 */
import type { ErrorCode } from './errors.js'

/**
 * Where an error came up.
 * - `gossip`: in a message that a relay passed on: the message alone must prove the fault.
 * - `told`: in a head, evidence or record that a peer showed on its own stream, unasked or asked.
 * - `checkpoint`: in a checkpoint beside a head.
 * - `asked`: in a range, payload, attestation or other history that a peer handed over when it was asked for it.
 * - `keys`: in key entries that the peer was asked for.
 * - `store`: our store refused a range that had been verified.
 */
export type Place = 'gossip' | 'told' | 'checkpoint' | 'asked' | 'keys' | 'store'

/**
 * - `drop`: the peer made it up: it is disconnected, and refused for a while.
 * - `reject`: the same for a relay: it loses gossip score.
 * - `busy`: a side is overloaded or stopping: the peer is asked again later.
 * - `ignore`: it says nothing against the peer.
 * - `ours`: our own failure: no peer is punished, and the error must be visible. A message without an error is
 *   accepted.
 */
export type Verdict = 'drop' | 'reject' | 'busy' | 'ignore' | 'ours'

/**
 * What an error is about. `made up`: no author wrote it; `unsigned`: not signed by the key that it names (an author may
 * leave an entry unsigned, and sign the next one); `unlinked`: not what follows; `elsewhere`: of another network;
 * `newer`: of a newer version; `author`: against the rules, or too much, but its author's; `busy`: no time; `line`: no
 * answer, or a refusal; `ours`: no peer could cause it.
 */
type Nature = 'made up' | 'unsigned' | 'unlinked' | 'elsewhere' | 'newer' | 'author' | 'busy' | 'line' | 'ours'

const NATURES: Record<ErrorCode, Nature> = {
  MALFORMED: 'made up',
  NOT_CANONICAL: 'made up',
  TOO_LARGE: 'made up',
  WRONG_LEDGER: 'made up',
  BAD_KEY: 'made up',
  PAYLOAD_MISMATCH: 'made up',
  BAD_EVIDENCE: 'made up',
  BAD_PROOF: 'made up',
  BAD_RECORD: 'made up',
  BAD_SIGNATURE: 'unsigned',
  BROKEN_LINK: 'unlinked',
  KEY_NOT_IN_FORCE: 'unlinked',
  WRONG_NETWORK: 'elsewhere',
  UPGRADE_NEEDED: 'newer',
  FROZEN: 'author',
  TOO_MANY_KEYS: 'author',
  QUOTA: 'author',
  OVERLOADED: 'busy',
  CLOSED: 'busy',
  TIMEOUT: 'line',
  UNREACHABLE: 'line',
  OFFLINE: 'line',
  REFUSED: 'line',
  NOT_FOUND: 'line',
  PARSE_ERROR: 'ours',
  INVALID_REQUEST: 'ours',
  METHOD_NOT_FOUND: 'ours',
  INVALID_PARAMS: 'ours',
  INTERNAL: 'ours',
  ID_TAKEN: 'ours',
  RESERVED_TYPE: 'ours',
  REFERENCE_UNRESOLVED: 'ours',
  READ_ONLY: 'ours',
  RESTORING: 'ours',
  STORE_FAILED: 'ours',
  STORE_TOO_NEW: 'ours',
  STORE_DAMAGED: 'ours',
  ALREADY_RUNNING: 'ours',
  CURSOR_INVALID: 'ours',
  REFERENCE_CONTRADICTED: 'ours',
  REFERENCE_PRIVATE: 'ours',
  RESERVED_ID: 'ours',
  CONFIRMING: 'ours',
  TWIN: 'ours',
  NOT_YET: 'ours',
  INCOMPLETE: 'ours',
  AMBIGUOUS: 'ours',
  NO_SUCH_NAME: 'ours',
  SHORT_FORM: 'ours',
  NOT_FOLLOWED: 'ours',
  NO_ROTATION: 'ours',
  NOT_FROZEN: 'ours',
  UNTRUSTED: 'ours',
  BAD_ADDRESS: 'ours',
  LISTEN_FAILED: 'ours',
  PSK_DIFFERS: 'ours',
  BAD_CONFIG: 'ours',
  BAD_FILE: 'ours',
  NODE_UNREACHABLE: 'ours',
  NO_LEDGER: 'ours',
  INTERRUPTED: 'ours',
  NO_ANSWER: 'ours',
  NOT_PERMITTED: 'ours',
  LEDGER_DIFFERS: 'ours',
  READING_ONLY: 'ours',
  NO_SUCH_REMOTE: 'ours',
  NOT_A_READER: 'ours',
  PRIVATE_INTO_PUBLIC: 'ours',
  READERS_WIDER: 'ours',
  COPIES_REMAIN: 'ours',
  NO_CONFLICT: 'ours',
  STALE: 'ours',
  MERGE_FAILED: 'ours',
  FEED_RESET: 'ours'
}

const TOLD: Record<Nature, Verdict> = {
  'made up': 'drop',
  unsigned: 'drop',
  unlinked: 'drop',
  elsewhere: 'drop',
  newer: 'ignore',
  author: 'ignore',
  busy: 'busy',
  line: 'ignore',
  ours: 'ours'
}

/**
 * A ledger's genesis names its network: a peer that sends requested data need not know that this node is of another
 * one.
 */
const ASKED: Record<Nature, Verdict> = { ...TOLD, elsewhere: 'ignore' }

const VERDICTS: Record<Place, Record<Nature, Verdict>> = {
  gossip: { ...TOLD, 'made up': 'reject', unsigned: 'reject', unlinked: 'reject', elsewhere: 'reject' },
  told: TOLD,
  // By a key that the held chain has retired, or by no key of it: it proves nothing against anyone.
  checkpoint: { ...TOLD, unsigned: 'ignore' },
  asked: ASKED,
  // An entry that its author left unsigned is covered by a later signed entry, which was not asked for.
  keys: { ...ASKED, unsigned: 'ignore' },
  // Entries that do not link may be the author's fork: sync compares the histories first. A fault of neither the peer
  // nor the author is the disk's.
  store: { ...ASKED, unlinked: 'ignore', busy: 'ours', line: 'ours' }
}

export function verdictOf(code: ErrorCode, place: Place): Verdict {
  return VERDICTS[place][NATURES[code]]
}
