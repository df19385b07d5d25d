import type { RemoteChange } from '../../node/api/push.js'
import type { Handlers } from '../handler.js'
import type { remoteMethods } from '../methods/remotes.js'

const DAY_MS = 24 * 60 * 60_000

export const remoteHandlers: Handlers<typeof remoteMethods> = {
  'sync.addRemote': ({ ledger, ...change }, { node }) => node.sync.addRemote(ledger, changeOf(change)),
  'sync.updateRemote': ({ ledger, ...change }, { node }) => node.sync.updateRemote(ledger, changeOf(change)),
  'sync.removeRemote': async ({ ledger, copies }, { node }) => {
    await node.sync.removeRemote(ledger, copies === undefined ? {} : { copies })
    return { ledger }
  },
  'sync.remotes': async (_, { node }) => ({ remotes: await node.sync.remotes() }),
  'sync.jobs': async (filter, { node }) => ({ jobs: await node.sync.jobs(filter) }),
  'sync.push': ({ remote, wait = 0, ...wanted }, { node }) => node.sync.push(remote, { waitMs: wait, ...wanted }),
  'sync.bidirectional': async ({ remote, wait = 0 }, { node }) => {
    const [pull, push] = await Promise.all([node.sync.pull(remote), node.sync.push(remote, { waitMs: wait })])
    return { pull, push }
  },
  'sync.state': (filter, { node }) => node.sync.state(filter),
  'sync.retryState': async (choice, { node }) => ({ retried: await node.sync.retryState(choice) }),
  'sync.clearState': async (choice, { node }) => ({ cleared: await node.sync.clearState(choice) }),
  'sync.offers': async (_, { node }) => ({ offers: await node.sync.offers() }),
  'sync.acceptOffer': async ({ ledger, headers = false }, { node }) => {
    await node.sync.acceptOffer(ledger, { headers })
    return { ledger }
  },
  'sync.dismissOffer': async ({ ledger }, { node }) => {
    await node.sync.dismissOffer(ledger)
    return { ledger }
  },
  'sync.blockOffers': async ({ ledger }, { node }) => {
    await node.sync.blockOffers(ledger)
    return { ledger }
  },
  'sync.invite': async ({ days, ...allows }, { node }) => {
    const expires = days === undefined ? null : Date.now() + days * DAY_MS
    return { token: await node.sync.invite({ ...allows, ...(expires !== null && { expires }) }), expires }
  }
}

function changeOf({
  direction,
  token,
  in: inKiBps,
  out: outKiBps,
  ...change
}: Omit<RemoteChange, 'syncDirection' | 'authToken' | 'inKiBps' | 'outKiBps'> & {
  direction?: RemoteChange['syncDirection']
  token?: string
  in?: number
  out?: number
}): RemoteChange {
  return {
    ...change,
    ...(direction !== undefined && { syncDirection: direction }),
    ...(token !== undefined && { authToken: token }),
    // 0: no cap
    ...(inKiBps !== undefined && { inKiBps: inKiBps === 0 ? null : inKiBps }),
    ...(outKiBps !== undefined && { outKiBps: outKiBps === 0 ? null : outKiBps })
  }
}
