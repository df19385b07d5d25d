/** The timing class: a private ledger and one that is not held are told apart by nothing that could take time. */
import { expect, test } from 'vitest'
import { noAccess } from '../../src/core/access.js'
import type { LedgerReader } from '../../src/ledger/ledger-reader.js'
import type { Ledgers } from '../../src/ledger/ledgers.js'
import type { Directory } from '../../src/node/peers/peer-directory.js'
import { ServeHello } from '../../src/node/sessions/serve-hello.js'
import { ServePull } from '../../src/node/sessions/serve-pull.js'
import { ReadingRights } from '../../src/node/access/read-access.js'
import { Refusals } from '../../src/node/access/refusals.js'
import { TestClock, TestLog } from '../ledger/support.js'

const PRIVATE = 'bprivate'
const UNKNOWN = 'bunknown'
const STRANGER = 'bstranger'

function desk(trustMilli: number | null = null) {
  const touched: string[] = []
  const clock = new TestClock()
  const log = new TestLog()
  const access = { ...noAccess(), trustMilli }
  const held = new Proxy({ id: PRIVATE, chain: { access: 'private' }, access } as unknown as LedgerReader, {
    get: (target, name) => {
      touched.push(String(name))
      return Reflect.get(target, name) as unknown
    }
  })
  const trustAsked: string[] = []
  const rights = new ReadingRights({
    ledgers: { get: (id: string) => (id === PRIVATE ? held : undefined), list: () => [held] } as unknown as Ledgers,
    directory: { provenLedger: () => STRANGER } as unknown as Directory,
    refusals: new Refusals({ clock, log }),
    clock,
    trustLevelMilli: (_owner, reader) => {
      trustAsked.push(reader)
      return 10
    }
  })
  const hello = new ServeHello(rights)
  return { touched, clock, log, hello, pull: new ServePull(hello, { calm: async () => {} }), trustAsked }
}

/** Turns of the microtask queue until it settles. */
async function turns(attempt: Promise<unknown>): Promise<number> {
  let settled = false
  attempt.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    }
  )
  let count = 0
  for (; !settled; count++) await Promise.resolve()
  return count
}

test.each([null, 500])(
  "a stranger's question touches no disk, works nothing out, logs nothing before the answer, and takes as many turns (trust rule %s)",
  async (trustMilli) => {
    const { touched, log, clock, hello, pull, trustAsked } = desk(trustMilli)
    const questions: ((id: string) => Promise<unknown>)[] = [
      (ledger) => hello.heads('peer', [{ ledger, size: 0 }]),
      (id) => hello.entries('peer', id, 0, 1),
      (id) => hello.keyEntries('peer', id),
      (id) => pull.head('peer', id),
      (id) => pull.evidence('peer', id),
      (id) => pull.keyEntries('peer', id),
      (ledger) => pull.range('peer', { ledger, from: 0, count: 1, want: 'full' }, AbortSignal.timeout(60_000)),
      (ledger) => pull.payloads('peer', { ledger, seqs: [0] }, AbortSignal.timeout(60_000))
    ]
    for (const ask of questions) expect(await turns(ask(PRIVATE))).toBe(await turns(ask(UNKNOWN)))
    expect(touched.filter((name) => !['chain', 'access', 'id'].includes(name))).toEqual([])
    expect(trustAsked).toEqual([])
    expect(log.lines).toEqual([])
    clock.pass(1)
    // behind the answer: one line for the operator, and trust worked out once
    expect(log.lines.map(({ fields }) => fields)).toEqual([
      { event: 'access.peer-refused', peer: 'peer', ledger: PRIVATE, reason: 'NOT_A_READER', reader: STRANGER }
    ])
    expect(trustAsked).toEqual(trustMilli === null ? [] : [STRANGER])
  }
)
