import type { AdoptionReport, AdoptMethods } from '../../src/node/api/adopt.js'
import type { PushMethods } from '../../src/node/api/push.js'
import { ADOPT_SENTENCES } from '../../src/sync/adopt/codes.js'
import * as example from '../../src/rpc/methods/examples.js'

const remote = example.REMOTE_LEDGER as Awaited<ReturnType<PushMethods['addRemote']>>
const report = { remote: example.LEDGER, flows: remote.flows, entries: [example.PUSHED_ENTRIES] }
const nothing = { accepted: [], rejected: [], conflicts: [] }

export function fakeAdopt(): AdoptMethods {
  const report = example.ADOPTION as Awaited<ReturnType<AdoptMethods['adopt']>>
  return {
    adopt: async () => report,
    stopAdopting: async () => ({ ...report, status: 'stopped' as const }),
    adoptions: async () => [report]
  }
}

export function fakePush(): PushMethods {
  return {
    receive: async ({ entries }) => ({
      accepted: [],
      rejected: entries.map(({ id }) => ({ id: String(id), reason: 'NOT_FOLLOWED' })),
      conflicts: [],
      size: null,
      offered: false
    }),
    addRemote: async () => remote,
    updateRemote: async () => remote,
    removeRemote: async () => undefined,
    remotes: async () => [remote],
    jobs: async () => [example.JOB as Awaited<ReturnType<PushMethods['jobs']>>[number]],
    push: async () => report,
    replicas: async () => ({ confirmed: [example.LEDGER], waiting: [] }),
    state: async () => ({
      rows: [example.STATE_ROW as Awaited<ReturnType<PushMethods['state']>>['rows'][number]],
      nextCursor: null,
      hasMore: false
    }),
    retryState: async () => 3,
    clearState: async () => 3,
    pushEntries: async () => nothing,
    pullEntries: async () => nothing,
    syncBidirectional: async () => ({ pull: nothing, push: nothing }),
    offers: async () => [example.PENDING_OFFER as Awaited<ReturnType<PushMethods['offers']>>[number]],
    acceptOffer: async () => undefined,
    dismissOffer: async () => undefined,
    blockOffers: async () => undefined,
    invite: async () => example.HASH
  }
}

/** Adoptions with all that a screen can show of them, of ledgers with these names. */
export function stalledAdoptions(names: string[]): AdoptMethods {
  const adoption: AdoptionReport = {
    ...(example.ADOPTION as AdoptionReport),
    status: 'stalled',
    refused: { ID_TAKEN: 2, TOO_LARGE: 1 },
    latestRefused: names.map((id, seq) => ({ seq, id, code: 'ID_TAKEN' })),
    others: [{ ledger: example.LEDGER, copies: 12, followed: false }],
    stall: { code: 'PRIVATE_INTO_PUBLIC', since: 0, next: 0, explanation: ADOPT_SENTENCES.PRIVATE_INTO_PUBLIC }
  }
  return {
    adopt: async () => adoption,
    stopAdopting: async () => adoption,
    adoptions: async () => names.map((name) => ({ ...adoption, name }))
  }
}
