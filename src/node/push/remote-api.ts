/** The operator's settings of remotes: their addresses, and which ledgers are pulled and pushed. */
import { LedgermeshError } from '../../core/errors.js'
import { isHash } from '../../core/hash.js'
import { isName } from '../../core/grammar.js'
import { isLedgerId, type LedgerId } from '../../core/ledger-id.js'
import { decodeSigned } from '../../core/entry.js'
import { readOptions, type Members } from '../../core/options.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Wanted } from '../../core/payload-filter.js'
import type { ExceptionCounts, RemoteChange, RemoteLedger, StateDirection, SyncDirection } from '../api/push.js'
import type { AdoptControl } from '../adopt/adopt-control.js'
import type { CopiesChoice } from '../api/adopt.js'
import type { Follows } from '../replication/follows.js'
import type { Replication } from '../replication/replication.js'
import { formatSchedule } from '../../sync/schedule/schedule.js'
import { changePlan, type Plan } from '../schedule/plan.js'
import type { Timetable } from '../schedule/timetable.js'
import type { PushService } from './push-service.js'
import type { RemoteRow } from './remotes.js'

const CHANGE: Members<RemoteChange> = {
  name: true,
  endpoint: true,
  publicKey: true,
  syncDirection: true,
  authToken: true,
  filters: true,
  headers: true,
  adopt: true,
  schedule: true,
  priority: true,
  inKiBps: true,
  outKiBps: true
}
/** Most addresses of one remote. */
const MAX_ENDPOINTS = 8
/** A remote that was not added by the operator: its ledger is only followed. */
const NONE: RemoteRow = { number: 0, name: null, endpoint: [], publicKey: null, push: false, token: null }

export interface RemoteApiInit {
  service: PushService
  ledgers: Ledgers
  follows: Follows
  replication: Replication
  adoption: AdoptControl
  timetable: Timetable
  wanted: (change: RemoteChange) => Wanted
}

export class RemoteApi {
  readonly #init: RemoteApiInit

  constructor(init: RemoteApiInit) {
    this.#init = init
  }

  /** Throws INVALID_PARAMS, and the errors of a follow when it is pulled. */
  async add(id: LedgerId, given: RemoteChange): Promise<RemoteLedger> {
    if (!isLedgerId(id)) throw new LedgermeshError('INVALID_PARAMS', 'a ledger id is b and 52 characters')
    if (id === this.#init.ledgers.own.id) throw new LedgermeshError('INVALID_PARAMS', 'the own ledger is no remote')
    return await this.#change(
      id,
      this.#init.service.remotes.get(id) ?? NONE,
      readOptions(given, CHANGE),
      given.syncDirection ?? this.#directionOf(id) ?? 'pull'
    )
  }

  /** Throws NO_SUCH_REMOTE, INVALID_PARAMS. */
  async update(id: LedgerId, given: RemoteChange): Promise<RemoteLedger> {
    const change = readOptions(given, CHANGE)
    this.#assertKnown(id)
    return await this.#change(
      id,
      this.#init.service.remotes.get(id) ?? NONE,
      change,
      change.syncDirection ?? this.#directionOf(id)!
    )
  }

  /**
   * Removes the remote: nothing is offered to it or pulled from it any more; held entries stay. Throws NO_SUCH_REMOTE,
   * COPIES_REMAIN.
   */
  async remove(id: LedgerId, copies?: CopiesChoice): Promise<void> {
    this.#assertKnown(id)
    const { service, replication, adoption, follows, ledgers } = this.#init
    if (follows.has(id)) await adoption.release(ledgers.get(id)!, copies)
    const number = service.remotes.get(id)?.number ?? 0
    if (number > 0) await service.exceptions.forget(number)
    await service.remotes.delete(id)
    service.pusher.forget(id)
    await service.timekeeper.forgotten(id)
    service.dialer.look()
    if (follows.has(id)) await replication.control.unfollow(ledgers.get(id)!, false)
  }

  /** Remotes added by the operator, and every followed ledger. */
  async list(): Promise<RemoteLedger[]> {
    const { service, follows } = this.#init
    const ids = new Set([...service.remotes.list().map(([id]) => id), ...follows.list()])
    return await Promise.all([...ids].sort().map(async (id) => await this.#view(id)))
  }

  /** Throws NO_SUCH_REMOTE. */
  #assertKnown(id: LedgerId): void {
    if (this.#directionOf(id) === null) throw new LedgermeshError('NO_SUCH_REMOTE', `${id} is no remote of this node`)
  }

  async #change(id: LedgerId, row: RemoteRow, given: RemoteChange, direction: SyncDirection): Promise<RemoteLedger> {
    const { service, replication, adoption, ledgers, follows, wanted } = this.#init
    const adopt = given.adopt == null ? null : adoption.check(id, given.adopt)
    const changed = await this.#checked(id, {
      number: row.number,
      name: given.name === undefined ? row.name : given.name,
      endpoint: given.endpoint ?? row.endpoint,
      publicKey: given.publicKey === undefined ? row.publicKey : given.publicKey,
      token: given.authToken === undefined ? row.token : given.authToken,
      push: direction !== 'pull'
    })
    const before = this.#init.timetable.planOf(id)
    const plan = changePlan(before, given)
    const pulls = direction !== 'push'
    if (adopt !== null && !pulls)
      throw new LedgermeshError('INVALID_PARAMS', 'what is pushed to alone is not pulled from, and so not adopted')
    const asked = given.filters !== undefined || given.headers !== undefined
    // Steps that may fail come first: an error leaves the remote unchanged.
    const planned = JSON.stringify(plan) !== JSON.stringify(before)
    // Before anything is fetched.
    if (planned) await this.#plan(id, plan)
    try {
      if (pulls && (!follows.has(id) || asked)) await replication.control.follow(id, asked ? wanted(given) : null)
    } catch (error) {
      if (planned) await this.#plan(id, before)
      throw error
    }
    if (adopt !== null) await adoption.adopt(ledgers.get(id)!, adopt)
    else if (given.adopt === null && follows.has(id)) await adoption.end(ledgers.get(id)!, 'keep')
    if (!pulls && follows.has(id)) await adoption.release(ledgers.get(id)!, undefined)
    if (changed.number === 0) changed.number = await service.remotes.number()
    await service.remotes.put(id, changed)
    if (!pulls && follows.has(id)) await replication.control.unfollow(ledgers.get(id)!, false)
    if (changed.push) service.pusher.keep(ledgers.own.id, id)
    else service.pusher.forget(id)
    service.dialer.look()
    return await this.#view(id)
  }

  async #plan(id: LedgerId, plan: Plan): Promise<void> {
    await this.#init.timetable.set(id, plan)
    this.#init.replication.runtime.planned(id)
  }

  async #checked(id: LedgerId, row: RemoteRow): Promise<RemoteRow> {
    const { name, endpoint, publicKey, token } = row
    const refuse = (why: string): never => {
      throw new LedgermeshError('INVALID_PARAMS', why)
    }
    if (name !== null && !isName(name)) refuse('a name has 1–128 bytes without control characters')
    if (
      !Array.isArray(endpoint) ||
      endpoint.length > MAX_ENDPOINTS ||
      !endpoint.every((address) => typeof address === 'string' && address.includes('/p2p/') && address.length <= 512)
    ) {
      refuse(`endpoint is a list of at most ${MAX_ENDPOINTS} multiaddrs with /p2p/`)
    }
    if (token !== null && !isHash(token)) refuse('a token is 64 hex digits')
    if (publicKey === null) return row
    if (!isHash(publicKey)) refuse('a public key is 64 hex digits')
    const held = this.#init.ledgers.get(id)
    if (held?.chain != null && !(await held.keyEntries()).some((raw) => decodeSigned(raw).header.key === publicKey))
      refuse(`${publicKey} was never a key of ${id}`)
    return row
  }

  /** null: neither pulled nor pushed. */
  #directionOf(id: LedgerId): SyncDirection | null {
    const { service, follows } = this.#init
    const row = service.remotes.get(id)
    if (follows.has(id)) return row?.push === true ? 'bidirectional' : 'pull'
    return row === null ? null : 'push'
  }

  async #view(id: LedgerId): Promise<RemoteLedger> {
    const { service, ledgers, follows } = this.#init
    const row = service.remotes.get(id) ?? NONE
    const plan = this.#init.timetable.planOf(id)
    const gate = this.#init.timetable.gateOf(id)
    const follow = follows.get(id)
    const ledger = ledgers.get(id)
    const { pusher } = service
    return {
      ledger: id,
      name: row.name ?? ledger?.chain?.name ?? null,
      endpoint: row.endpoint,
      publicKey: row.publicKey,
      syncDirection: this.#directionOf(id) ?? 'push',
      hasToken: row.token !== null,
      peers: pusher.peersOf(id),
      mode:
        follow === null
          ? null
          : follow.filters === 'headers'
            ? 'headers'
            : follow.adopt === undefined
              ? 'mirror'
              : 'adopt',
      adopt: follow?.adopt ?? null,
      schedule: formatSchedule(plan.schedule),
      opens: gate.open ? null : gate.next,
      open: gate.open,
      priority: plan.priority,
      inKiBps: plan.inKiBps,
      outKiBps: plan.outKiBps,
      filters: follow === null || follow.filters === 'headers' ? null : follow.filters,
      paused: follow?.paused === true,
      pushed:
        follow?.origin === undefined
          ? null
          : {
              pool: follow.origin.pool,
              peer: follow.origin.peer,
              bytes: follow.origin.bytes,
              taken: ledger?.taken ?? 0
            },
      flows: pusher.flows({ remote: id }).map((flow) => service.view(flow)),
      exceptions: {
        inbound: await this.#counts([ledger?.ledgerNumber], 'inbound', 0),
        outbound: await this.#counts(
          pusher.flows({ remote: id }).map((flow) => ledgers.get(flow.ledger)?.ledgerNumber),
          'outbound',
          row.number
        )
      }
    }
  }

  async #counts(numbers: (number | undefined)[], direction: StateDirection, remote: number): Promise<ExceptionCounts> {
    const sum: ExceptionCounts = { pending: 0, conflict: 0, failed: 0 }
    for (const ledgerNumber of numbers) {
      if (ledgerNumber === undefined || (direction === 'outbound' && remote === 0)) continue
      const { pending, conflict, failed } = await this.#init.service.exceptions.counts({
        ledgerNumber,
        direction,
        remote
      })
      sum.pending += pending
      sum.conflict += conflict
      sum.failed += failed
    }
    return sum
  }
}
