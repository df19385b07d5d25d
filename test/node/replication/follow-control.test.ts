/** The operator's verbs, without a network: what is refused, and what sync is told. */
import { DEFAULT_PLAN } from '../../../src/node/schedule/plan.js'
import { expect, test, vi } from 'vitest'
import { FollowControl, type FollowControlInit } from '../../../src/node/replication/follow-control.js'
import { Follows } from '../../../src/node/replication/follows.js'
import type { SyncRuntime } from '../../../src/node/replication/sync-runtime.js'
import { TrustService } from '../../../src/node/trust/trust-service.js'
import { Author, openNode, type Node } from '../../ledger/support.js'

interface World {
  control: FollowControl
  node: Node
  author: Author
  told: string[]
  status: { status: 'synced' | 'syncing' }
  change: () => void
}

async function setup(minTrustMilli: number | null = null): Promise<World> {
  const node = await openNode()
  const { ledgers, clock, log } = node
  const author = await Author.create()
  const told: string[] = []
  const status = { status: 'synced' as 'synced' | 'syncing' }
  let change = (): void => {}
  const follows = await Follows.load(ledgers, log)
  const runtime = {
    begin: ({ id }: { id: string }, missing: number) => {
      told.push(`begin ${id === author.id} ${missing}`)
    },
    end: () => {
      told.push('end')
    },
    dispatch: (event: { type: string }) => {
      told.push(event.type)
    },
    onChange: (listener: () => void) => {
      change = listener
      return () => {}
    },
    isFollowed: (id: string) => follows.has(id),
    isAsking: () => false,
    status: () => status,
    payloads: {
      nudge: () => {
        told.push('nudge')
      }
    }
  } as unknown as SyncRuntime
  const peerNetwork = {
    use: () => {},
    directory: {
      forgetting: () => {
        told.push('forgetting')
      }
    }
  } as unknown as ReturnType<FollowControlInit['host']>
  const control = new FollowControl({
    ledgers,
    follows,
    clock,
    log,
    minTrustMilli,
    host: () => peerNetwork,
    runtime: () => runtime,
    trust: await TrustService.load({ ledgers, clock, log }),
    timetable: { planOf: () => DEFAULT_PLAN } as unknown as FollowControlInit['timetable']
  })
  control.start()
  return {
    control,
    node,
    author,
    told,
    status,
    change: () => {
      change()
    }
  }
}

test('followed, paused, resumed and unfollowed: sync is told each time, and it stands on the disk', async () => {
  const { control, author, told, node } = await setup()
  const ledger = await control.follow(author.id, null)
  await control.setPaused(ledger, true)
  await control.setPaused(ledger, false)
  expect(await ledger.followSettings()).toMatchObject({ filters: null, paused: false })
  await control.unfollow(ledger, false)
  expect(node.ledgers.get(author.id)).toBe(ledger)
  expect(told).toEqual(['begin true 0', 'paused', 'resumed', 'end'])
})

test('forgotten, what the directory knew by it is kept first, and the ledger is gone', async () => {
  const { control, author, told, node } = await setup()
  await control.unfollow(await control.follow(author.id, null), true)
  expect(told.slice(1)).toEqual(['end', 'forgetting'])
  expect(node.ledgers.get(author.id)).toBeUndefined()
})

test('the own ledger, one that is not followed, and one that is not trusted enough are refused; headers alone need no trust', async () => {
  const { control, author, node, told } = await setup(500)
  await expect(control.follow(node.ledgers.own.id, null)).rejects.toMatchObject({ code: 'INVALID_PARAMS' })
  await expect(control.follow(author.id, null)).rejects.toMatchObject({ code: 'UNTRUSTED' })
  const held = await node.ledgers.mirror(author.id)
  await expect(control.unfollow(held, false)).rejects.toMatchObject({ code: 'NOT_FOLLOWED' })
  await expect(control.setPaused(held, true)).rejects.toMatchObject({ code: 'NOT_FOLLOWED' })
  await expect(control.pull(held)).rejects.toMatchObject({ code: 'NOT_FOLLOWED' })
  expect(told).toEqual([])
  await control.follow(author.id, 'headers')
  expect(told).toEqual(['begin true 0'])
})

test('pull waits until the ledger is synced, and no longer than its time', async () => {
  const { control, author, told, status, change, node } = await setup()
  const ledger = await control.follow(author.id, null)
  status.status = 'syncing'
  let done = 0
  const pull = (): Promise<void> =>
    control.pull(ledger).then(() => {
      done++
    })
  const first = pull()
  await vi.waitFor(() => {
    expect(told).toContain('pull-requested')
  })
  change()
  expect(done).toBe(0)
  status.status = 'synced'
  change()
  await first
  status.status = 'syncing'
  const second = pull()
  await vi.waitFor(() => {
    expect(told.filter((one) => one === 'pull-requested')).toHaveLength(2)
  })
  node.clock.pass(60_000)
  await second
  expect(done).toBe(2)
})
