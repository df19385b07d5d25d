/** Finds and reports all damage in a store that no process has open, and repairs what can be derived (I8). */
import { unlessDamaged } from '../read/unless-damaged.js'
import { judgeEvidence, type Decided } from '../../core/judge-evidence.js'
import { verifyEvidence, type VerifiedEvidence } from '../../core/verify-evidence.js'
import { readCheckpoint, verifyCheckpoint } from '../../core/checkpoint.js'
import { keyInForce, type ChainState } from '../../core/chain.js'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { evidenceId } from '../../core/evidence.js'
import { isObject } from '../../core/grammar.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { verifySignature } from '../../core/signature.js'
import type { Log } from '../../ports.js'
import { schemaDamage, storedSchema } from '../../store/fsck.js'
import { EVIDENCE_ID_DIGITS, evidenceKey, ledgerKey, ledgerRange } from '../../store/keys.js'
import { SCHEMA } from '../../store/migrations.js'
import type { Op, Store } from '../../store/store.js'
import { checkClaims } from './check-claims.js'
import { checkEntries, type CheckedEntries } from './check-ledger.js'
import { DamageList } from './damage.js'
import { EntryReader } from '../read/entry-reader.js'
import { readRows, readState, type ReadRow } from './fsck-rows.js'
import type { LedgerState } from '../read/records.js'
import { decodeStanding, NO_STANDING, type StandingRow } from '../read/standing-row.js'
import { readMark, type SignerMark } from '../signer/signer-mark.js'
import type { Checked } from './checked.js'
import { checkExceptions } from './check-exceptions.js'
import { checkFeedRows } from './check-feed-rows.js'
import { checkIndexes, checkIndexFaults } from './check-index.js'
import { checkReferences } from './check-references.js'
import { checkRemotes } from './check-remotes.js'

/** The results of the check for one ledger number: enough to repair it. */
export interface Found {
  id: LedgerId
  ledgerNumber: number
  own: boolean
  /** The correct row, when it has to be written again. */
  rowLost: boolean
  entries: CheckedEntries
  reader: EntryReader
  /** null: none, or unreadable. */
  state: LedgerState | null
  /** From the state, or from the stored evidence when the state cannot be read. */
  frozen: LedgerState['frozen']
  checkpointWrong: boolean
  followUnreadable: boolean
  standingUnreadable: boolean
}

export interface Checkup {
  damage: DamageList
  ledgers: Found[]
  /** Ledger numbers that belong to no ledger. */
  dangling: number[]
  unreadableRows: string[]
  /** Repairs the rows that conflicts are found by. */
  claims: Op[]
  /** Repairs the lists of entries that were not synced. */
  exceptions: Op[]
  /** Makes references be examined again. */
  references: Op[]
  /** Numbers of ledgers whose index lmx1 is wrong. */
  indexes: number[]
  /** Keys of remotes, offers, tokens, flows, cuts under way and index faults whose values cannot be read. */
  unreadable: Buffer[]
}

export interface FsckProgress {
  ledger: LedgerId
  done: number
  total: number
}

export interface FsckOptions {
  log: Log
  /** Path of signer.json; null: it is not checked. */
  markFile: string | null
  onProgress?: ((progress: FsckProgress) => void) | undefined
}

/** Checks everything and changes nothing. Throws STORE_TOO_NEW. */
export async function checkStore(store: Store, options: FsckOptions): Promise<Checkup> {
  const damage = new DamageList()
  const schema = await storedSchema(store)
  if (schema !== null && schema > SCHEMA)
    throw new LedgermeshError('STORE_TOO_NEW', `the store has schema ${schema}; this program knows ${SCHEMA}`)
  for (const what of await schemaDamage(store)) damage.add('schema', null, null, what)
  const mark = await readMarkFile(options.markFile, damage)
  const checkup: Checkup = {
    damage,
    ledgers: [],
    dangling: [],
    unreadableRows: [],
    claims: [],
    exceptions: [],
    references: [],
    indexes: [],
    unreadable: []
  }
  const rows = await readRows(store, mark, checkup)
  const states = await Promise.all(rows.map(async ({ ledgerNumber }) => await readState(store, ledgerNumber)))
  const total = states.reduce((sum, { state }) => sum + (state?.chain.size ?? 0), 0)
  let done = 0
  for (const [i, row] of rows.entries()) {
    const onEntries = (count: number): void => {
      done += count
      options.onProgress?.({ ledger: row.id, done, total: Math.max(total, done) })
    }
    checkup.ledgers.push(
      await checkOne({ store, row, ...states[i]!, mark: row.own ? mark : null, damage, log: options.log, onEntries })
    )
  }
  checkup.claims = await checkClaims(
    store,
    checkup.ledgers.map(({ id, ledgerNumber, own, reader, entries, state }) => ({
      id,
      ledgerNumber,
      own,
      reader,
      size: state?.chain.size ?? entries.end
    })),
    damage,
    schema === SCHEMA
  )
  await checkRemotes(store, checkup)
  const numbers = new Set(checkup.ledgers.map(({ ledgerNumber }) => ledgerNumber))
  checkup.exceptions = await checkExceptions(store, numbers, damage)
  checkup.references = await checkReferences(store, numbers, damage)
  checkup.indexes = await checkIndexes(store, checkup.ledgers, damage)
  checkup.unreadable.push(...(await checkFeedRows(store, damage)), ...(await checkIndexFaults(store, damage)))
  const own = checkup.ledgers.find((ledger) => ledger.own)
  if (options.markFile !== null) checkMark(own, mark, damage)
  return checkup
}

interface One {
  store: Store
  row: ReadRow
  state: LedgerState | null
  unreadable: boolean
  mark: SignerMark | null
  damage: DamageList
  log: Log
  onEntries: (count: number) => void
}

async function checkOne({ store, row, state, unreadable, mark, damage, log, onEntries }: One): Promise<Found> {
  const { id, ledgerNumber, own } = row
  const ledger: Checked = {
    id,
    ledgerNumber,
    own,
    store,
    reader: new EntryReader(store, log, ledgerNumber, own),
    verify: verifySignature,
    damage
  }
  const note = (await store.get(ledgerKey('checkpoint', ledgerNumber)))?.toString() ?? null
  const noteSize = note === null || state === null ? null : sizeOf(note, state.chain)
  const entries = await checkEntries(
    ledger,
    { rootsAt: [noteSize, mark?.checkpoint?.size].filter((size) => size != null), stateSize: state?.chain.size ?? 0 },
    onEntries
  )
  const found: Found = {
    ...row,
    reader: ledger.reader,
    entries,
    state,
    frozen: state?.frozen ?? null,
    checkpointWrong: false,
    followUnreadable: false,
    standingUnreadable: false
  }
  const standing = await standingOf(store, ledgerNumber)
  found.standingUnreadable = standing === null
  if (standing === null)
    damage.add(
      'unreadable-standing',
      id,
      null,
      'the decision about the evidence against it cannot be read: the evidence counts as new'
    )
  if (unreadable || (state === null && entries.end > 0)) {
    damage.add('unreadable-state', id, null, unreadable ? 'the state cannot be read' : 'the state is missing')
    found.frozen = await deriveFrozen(store, found, (standing ?? NO_STANDING).facts, log)
  }
  if (state !== null) checkState(ledger, state, entries)
  if (state?.frozen) {
    const bytes = await store.get(evidenceKey(ledgerNumber, state.frozen.evidence))
    if (bytes === undefined || !evidenceId(bytes).startsWith(state.frozen.evidence))
      damage.add(
        'missing-evidence',
        id,
        null,
        bytes === undefined ? 'the evidence that froze the ledger is not stored' : 'the stored evidence is damaged'
      )
  }
  found.checkpointWrong = note !== null && state !== null && !(await isCheckpointRight(note, noteSize, entries, state))
  if (found.checkpointWrong)
    damage.add(
      'wrong-checkpoint',
      id,
      null,
      'the newest checkpoint cannot be read, is not signed by the ledger, or is not over its entries'
    )
  if (
    own &&
    mark?.checkpoint &&
    mark.ledger === id &&
    mark.checkpoint.size <= entries.sound &&
    entries.roots.get(mark.checkpoint.size) !== mark.checkpoint.root
  ) {
    damage.add(
      'mark-differs',
      id,
      mark.checkpoint.size - 1,
      `the signer's mark has another root for the checkpoint of size ${mark.checkpoint.size}`
    )
  }
  if (
    own &&
    mark?.ledger === id &&
    mark.seq < entries.sound &&
    (await ledger.reader.one(mark.seq))?.hash !== mark.hash
  ) {
    damage.add('mark-differs', id, mark.seq, `the key has signed another entry ${mark.seq} than the one that is stored`)
  }
  found.followUnreadable = !isJson(await store.get(ledgerKey('follow', ledgerNumber)))
  if (found.followUnreadable)
    damage.add('unreadable-follow', id, null, 'the follow settings cannot be read: follow the ledger again')
  return found
}

/** Torn at its end: fewer entries than the state says, or more. */
function checkState({ id, own, damage }: Checked, state: LedgerState, { sound, end, chain }: CheckedEntries): void {
  const { size } = state.chain
  if (end < size)
    damage.add(own ? 'torn-own' : 'torn-mirror', id, end, `the state says ${size} entries, the store ends after ${end}`)
  if (end > size)
    damage.add('wrong-state', id, size, `${end - size} entries are stored behind the ${size} that the state knows of`)
  if (
    chain !== null &&
    sound === size &&
    end === size &&
    (Object.keys(chain) as (keyof ChainState)[]).some((member) => chain[member] !== state.chain[member])
  ) {
    damage.add('wrong-state', id, null, 'the state is not the one that follows from the entries')
  }
  if (
    state.audited > size ||
    state.durable > size ||
    state.audited < 0 ||
    state.durable < 0 ||
    (state.frozen !== null && state.frozen.size < 1)
  )
    damage.add('wrong-state', id, null, 'the state names more audited or synced entries than are stored')
}

/** null: unreadable. */
async function standingOf(store: Store, ledgerNumber: number): Promise<StandingRow | null> {
  const value = await store.get(ledgerKey('standing', ledgerNumber))
  return value === undefined ? NO_STANDING : unlessDamaged(() => decodeStanding(value))
}

/** What the stored evidence means for the entries, when the state cannot be read. */
async function deriveFrozen(
  store: Store,
  { ledgerNumber, entries: { keyEntries, sound } }: Found,
  decided: Decided,
  log: Log
): Promise<LedgerState['frozen']> {
  if (keyEntries.length === 0) return null
  const all: VerifiedEvidence[] = []
  for (const [, bytes] of await store.all(ledgerRange('evidence', ledgerNumber))) {
    try {
      all.push(await verifyEvidence(bytes, { verify: verifySignature }))
    } catch (error) {
      if (!isCoded(error)) throw error
      log.warn({ event: 'fsck.evidence-invalid', error, ledgerNumber }, 'stored evidence is invalid')
    }
  }
  const { frozen } = judgeEvidence({ keys: keyEntries, size: sound }, all, decided)
  return frozen === null
    ? null
    : {
        size: frozen.size,
        evidence: frozen.evidence.slice(0, EVIDENCE_ID_DIGITS),
        ...(frozen.keyFork && { keyFork: true as const })
      }
}

function sizeOf(note: string, { network, ledger }: ChainState): number | null {
  try {
    return readCheckpoint(note, { network, ledger }).size
  } catch (error) {
    if (isCoded(error)) return null
    throw error
  }
}

async function isCheckpointRight(
  note: string,
  size: number | null,
  { keyEntries, sound, roots }: CheckedEntries,
  { chain: { network, ledger } }: LedgerState
): Promise<boolean> {
  if (size === null) return false
  if (size > sound || keyEntries.length === 0) return true // nothing to compare it with
  try {
    const key = keyInForce({ keys: keyEntries }, size - 1)
    return (await verifyCheckpoint(note, { network, ledger, key }, verifySignature)).root === roots.get(size)
  } catch (error) {
    if (isCoded(error)) return false
    throw error
  }
}

async function readMarkFile(path: string | null, damage: DamageList): Promise<SignerMark | null> {
  if (path === null) return null
  try {
    return await readMark(path)
  } catch (error) {
    if (!isCoded(error, 'BAD_FILE')) throw error
    damage.add('unreadable-mark', null, null, error.message)
    return null
  }
}

/** I2: what the key has signed must be here. */
function checkMark(own: Found | undefined, mark: SignerMark | null, damage: DamageList): void {
  if (mark === null) {
    if (own !== undefined && own.entries.end > 0 && !damage.has(null, 'unreadable-mark'))
      damage.add(
        'mark-missing',
        own.id,
        null,
        "there is no signer's mark beside the key: what this key has signed last is not known"
      )
    return
  }
  if (own === undefined)
    damage.add(
      'mark-ahead',
      mark.ledger,
      mark.seq,
      `the key has signed entry ${mark.seq}, but the store has no own ledger`
    )
  else if (mark.ledger !== own.id)
    damage.add('mark-of-another-ledger', own.id, null, `the signer's mark is that of ledger ${mark.ledger}`)
  else if (mark.seq >= own.entries.end)
    damage.add(
      'mark-ahead',
      own.id,
      mark.seq,
      `the key has signed entry ${mark.seq}, the store ends after ${own.entries.end} entries`
    )
}

function isJson(value: Buffer | undefined): boolean {
  if (value === undefined) return true
  try {
    return isObject(JSON.parse(value.toString()))
  } catch {
    return false // that is what was asked
  }
}
