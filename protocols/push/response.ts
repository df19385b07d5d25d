/** Response frames, checked alike when they are made and when they are read. */
import { decodeCanonical } from '../canonical.js'
import { ResultCode, WireError, refusalFields, refusalOf } from '../codes.js'
import { checkLedger, checkNumber, invalid } from '../fields.js'
import { allLists, checkFilter, FILTER_LIMITS, type PullFilter } from '../filter.js'
import { HASH_BYTES, MAX_FRAMES, MAX_RETRY_MS, MAX_RUNS, MAX_SAFE_NUMBER, STORE_BYTES } from './limits.js'
import { Response as Message } from './push.pb.js'
import type { Decision, DecisionKind, Progress, PushNews, Results, Run, TakenMode } from './contract.js'

export type Response = PushNews | { kind: 'end'; count: number } | { kind: 'refused'; error: WireError }

const DECISION: Record<DecisionKind, number> = { accepted: 1, held: 2, pending: 3, refused: 4 }
const MODE: Record<TakenMode, number> = { mirror: 1, adopt: 2, headers: 3 }
/** The highest number of a reason or an outcome: one of a later version is no fault. */
const MAX_CODE = 255
const NOTHING = new Uint8Array()

export function encodeResponse(response: Response): Uint8Array {
  switch (response.kind) {
    case 'decision':
      return Message.encode({ code: ResultCode.OK, decision: fromDecision(response.decision) })
    case 'progress':
      return Message.encode({ code: ResultCode.OK, progress: fromProgress(response.progress) })
    case 'results':
      return Message.encode({ code: ResultCode.OK, results: checkResults(response.results) })
    case 'end':
      return Message.encode({ code: ResultCode.END, count: checkNumber(response.count, 'count', MAX_FRAMES) })
    case 'refused':
      return Message.encode(refusalFields(response.error))
  }
}

/** Throws INVALID_FRAME or TOO_LARGE. */
export function decodeResponse(bytes: Uint8Array): Response {
  const { code, decision, progress, results, count, retryMs } = decodeCanonical(Message, bytes, {
    results: { runs: MAX_RUNS },
    decision: { filter: FILTER_LIMITS }
  })
  const fields = [decision, progress, results, count, retryMs].filter((value) => value !== undefined).length
  if (code === ResultCode.OK && fields === 1) {
    if (decision !== undefined) return { kind: 'decision', decision: toDecision(decision) }
    if (progress !== undefined) return { kind: 'progress', progress: toProgress(progress) }
    if (results !== undefined) return { kind: 'results', results: checkResults(results) }
  }
  if (code === ResultCode.END && fields === 1 && count !== undefined)
    return { kind: 'end', count: checkNumber(count, 'count', MAX_FRAMES) }
  const name = refusalOf(code) ?? invalid('a code and fields that do not go together')
  if (fields !== (name === 'BUSY' ? 1 : 0)) invalid('a code and fields that do not go together')
  if (name !== 'BUSY') return { kind: 'refused', error: new WireError(name, `the peer answers ${name}`) }
  return {
    kind: 'refused',
    error: new WireError(name, 'the peer answers BUSY', {
      retryMs: checkNumber(retryMs ?? invalid('BUSY without a pause'), 'retry', MAX_RETRY_MS)
    })
  }
}

interface DecisionMessage {
  ledger: string
  decision: number
  reason: number
  mode: number
  size: number
  store: Uint8Array
  filter?: Required<PullFilter>
  retryMs?: number
  hash: Uint8Array
}

function fromDecision(given: Decision): DecisionMessage {
  const { ledger, decision, reason, mode, size, hash, store, filter, retryMs } = checkDecision(given)
  return {
    ledger,
    decision: DECISION[decision],
    reason,
    mode: mode === null ? 0 : MODE[mode],
    size,
    store: store ?? NOTHING,
    hash: hash ?? NOTHING,
    ...(filter !== undefined && { filter: allLists(filter) }),
    ...(retryMs !== undefined && { retryMs })
  }
}

function toDecision({ ledger, decision, reason, mode, size, store, filter, retryMs, hash }: DecisionMessage): Decision {
  return checkDecision({
    ledger,
    size,
    reason,
    decision:
      (Object.keys(DECISION) as DecisionKind[]).find((name) => DECISION[name] === decision) ??
      invalid('a decision is 1 to 4'),
    mode:
      mode === 0
        ? null
        : ((Object.keys(MODE) as TakenMode[]).find((name) => MODE[name] === mode) ?? invalid('a mode is 1, 2 or 3')),
    hash: hash.byteLength === 0 ? null : hash.slice(),
    store: store.byteLength === 0 ? null : store.slice(),
    ...(filter !== undefined && { filter }),
    ...(retryMs !== undefined && { retryMs })
  })
}

// SPEC push §5: "`reason` is there with REFUSED and `mode` with ACCEPTED, and only then; `hash` when `size` is above 0,
// and only then; `store` with ACCEPTED and HELD, and whenever `size` is above 0."
function checkDecision(given: Decision): Decision {
  const { ledger, decision, reason, mode, size, hash, store, filter, retryMs } = given
  checkLedger(ledger)
  checkNumber(reason, 'reason', MAX_CODE)
  checkNumber(size, 'size')
  if ((decision === 'refused') !== (reason !== 0)) invalid('a reason goes with a refusal')
  if ((decision === 'accepted') !== (mode !== null)) invalid('a mode goes with ACCEPTED')
  if (decision === 'held' && size === 0) invalid('HELD of nothing')
  checkHash(hash, size)
  if (store !== null ? store.byteLength !== STORE_BYTES : decision === 'accepted' || decision === 'held' || size > 0)
    invalid('a store is named where something is held')
  if (filter !== undefined) {
    if (decision !== 'accepted') invalid('a filter goes with ACCEPTED')
    checkFilter(filter)
  }
  if (retryMs !== undefined) checkNumber(retryMs, 'retry', MAX_RETRY_MS)
  return given
}

interface ProgressMessage {
  ledger: string
  stored: number
  durable: number
  audited: number
  adopted?: number
  stall: number
  hash: Uint8Array
}

function fromProgress(progress: Progress): ProgressMessage {
  return { ...checkProgress(progress), hash: progress.hash ?? NOTHING }
}

function toProgress({ hash, ...message }: ProgressMessage): Progress {
  return checkProgress({ ...message, hash: hash.byteLength === 0 ? null : hash.slice() })
}

// SPEC push §6: "`durable`, `audited` and `adopted` do not exceed `stored`; `hash` is there when `durable` is above 0,
// and only then."
function checkProgress(given: Progress): Progress {
  const { ledger, stored, durable, audited, adopted, stall, hash } = given
  checkLedger(ledger)
  checkNumber(stored, 'stored')
  for (const size of [durable, audited, adopted ?? 0])
    if (checkNumber(size, 'size') > stored) invalid('more than is stored')
  checkNumber(stall, 'stall', MAX_CODE)
  checkHash(hash, durable)
  return given
}

function checkHash(hash: Uint8Array | null, size: number): void {
  if ((hash !== null) !== size > 0 || (hash !== null && hash.byteLength !== HASH_BYTES))
    invalid('a hash of the last of so many entries')
}

// SPEC push §6: "`runs` holds 1 to 512, each of at least one entry and above the one before it; `from` + `count` does
// not exceed 2^53 − 1."
function checkResults(results: Results): Results {
  const { ledger, runs } = results
  checkLedger(ledger)
  if (runs.length > MAX_RUNS) throw new WireError('TOO_LARGE', `more than ${MAX_RUNS} runs`)
  if (runs.length === 0) invalid('no runs')
  let next = 0
  for (const run of runs) next = checkRun(run, next)
  return results
}

function checkRun({ from, count, outcome, reason, other }: Run, next: number): number {
  if (checkNumber(from, 'from') < next) invalid('runs ascend')
  if (checkNumber(count, 'count') === 0) invalid('an empty run')
  checkNumber(from + count, 'from + count', MAX_SAFE_NUMBER)
  if (checkNumber(outcome, 'outcome', MAX_CODE) === 0) invalid('a run without an outcome')
  checkNumber(reason, 'reason', MAX_CODE)
  if (other !== undefined && other.byteLength !== HASH_BYTES) invalid(`a hash has ${HASH_BYTES} bytes`)
  return from + count
}
