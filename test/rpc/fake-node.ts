/** A Node in memory: enough of one to see what the socket does with it. */
import { LedgermeshError } from '../../src/core/errors.js'
import { sha256Text } from '../../src/core/hash.js'
import type {
  Appended,
  AppendInput,
  AppendOptions,
  EntryPointer,
  HealthReport,
  NetworkEvent,
  NetworkEventKind,
  Node,
  NodeStatus,
  PeerStatus,
  QueryFilters,
  QueryResult
} from '../../src/node/api/node.js'
import type { LedgerEntry } from '../../src/core/view.js'
import * as example from '../../src/rpc/methods/examples.js'
import type { EvidenceSummary } from '../../src/node/api/evidence.js'
import type { EntriesEvent } from '../../src/node/api/events.js'
import type {
  References,
  ReferencesOptions,
  ReferenceStates,
  ReferenceStatesOptions
} from '../../src/node/api/references.js'
import { fakeConflicts } from './fake-conflicts.js'
import { fakeEntry } from './fake-entry.js'
import { fakeFeed } from './fake-feed.js'
import { fakeHandles } from './fake-handles.js'
import { fakeAdopt, fakePush } from './fake-push.js'
import { fakeQuery } from './fake-query.js'
import { fakeTokens } from './fake-tokens.js'
import { fakeTrust } from './fake-trust.js'
import { group } from './fake-group.js'

export const OWN = example.LEDGER
/** A second ledger, held as a mirror. */
export const OTHER = 'bmj6kx34xlxpsksu5l5jxphcuj2gmuiqe4y3l5phxdxqsmc5x4zqa'

export class FakeNode implements Node {
  readonly entries: LedgerEntry[] = []
  readonly calls: { method: string; args: unknown[] }[] = []
  /** Size of each group of appends that one turn of the event loop brought. */
  readonly groups: number[] = []
  readonly private = new Set<string>()
  /** Awaited by `status` and `pull`: for answers that take their time. */
  gate: Promise<void> | undefined
  report: HealthReport = { healthy: true, checks: [] }
  /** Thrown by `health`. */
  failure: Error | undefined
  #group = 0
  readonly #listeners = new Set<{ ledger: string; listener: (event: EntriesEvent) => void }>()
  readonly #watchers = new Set<{ kinds: readonly NetworkEventKind[] | null; listener: (event: NetworkEvent) => void }>()
  /** `ledger/id` of what is held of other ledgers. */
  readonly #held = new Set<string>()

  readonly ledger: Node['ledger'] = group(this)
  readonly feed = fakeFeed(this.calls)
  readonly push = { ...fakePush(), ...fakeAdopt() }
  readonly sync: Node['sync'] = group(this, { status: async () => this.syncStatus() }, this.push)
  readonly network: Node['network'] = group(
    this,
    {
      subscribe: (kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void) =>
        this.watchNetwork(kinds, listener)
    },
    fakeQuery()
  )
  readonly keys: Node['keys'] = {
    rotate: async () => ({ ledger: OWN, seq: 9, key: example.HASH, nextKeyHash: example.HASH, retired: null })
  }

  readonly tokens = fakeTokens()

  get listeners(): number {
    return this.#listeners.size + this.#watchers.size
  }

  async status(): Promise<NodeStatus> {
    await this.gate
    return {
      version: '0.1.0',
      network: 'main',
      ledger: OWN,
      name: 'acme',
      access: 'public',
      peerId: example.PEER,
      addrs: [example.ADDRESS],
      home: '/tmp',
      socket: null,
      startedAt: example.TIME,
      own: { size: this.entries.length, hash: example.HASH, state: 'ready', waiting: null, unconfirmed: null },
      followed: 1,
      peers: 0,
      stalled: 0,
      evidence: 0,
      dht: { mode: 'off', peers: 0 }
    }
  }

  async health(): Promise<HealthReport> {
    if (this.failure !== undefined) throw this.failure
    return this.report
  }

  async metrics(): Promise<string> {
    return '# HELP ledgermesh_peers Peers that are connected.\nledgermesh_peers 1\n'
  }

  async networkHealth(): Promise<HealthReport> {
    return {
      healthy: false,
      checks: [{ check: 'peers', ok: false, detail: 'no peers are connected', next: 'Connect.' }]
    }
  }

  async reload(): ReturnType<Node['reload']> {
    return { changed: ['logLevel'], later: [], left: [] }
  }

  async disk(): ReturnType<Node['disk']> {
    return {
      bytes: 90_000,
      free: 5_000_000_000,
      ledgers: [
        { ledger: OWN, entries: this.entries.length, bytes: 50_000, payloads: 20_000 },
        { ledger: OTHER, entries: 0, bytes: 10_000, payloads: 0 }
      ],
      shared: 30_000
    }
  }

  async compact(): ReturnType<Node['compact']> {
    return { before: 90_000, after: 60_000 }
  }

  async backup(folder: string): ReturnType<Node['backup']> {
    return {
      v: 1,
      folder,
      createdAt: example.TIME,
      network: 'main',
      ledger: OWN,
      ledgers: [{ ledger: OWN, entries: this.entries.length }],
      bytes: 1,
      keys: false
    }
  }

  async append(input: AppendInput, options: AppendOptions = {}): Promise<Appended> {
    this.calls.push({ method: 'append', args: [input, options] })
    if (this.#group++ === 0) {
      setImmediate(() => {
        this.groups.push(this.#group)
        this.#group = 0
      })
    }
    await new Promise(setImmediate)
    if (input.type.startsWith('ledger.')) throw new LedgermeshError('RESERVED_TYPE', `${input.type} is reserved`)
    const existing = this.entries.find(({ id }) => id === input.id)
    if (existing !== undefined) {
      if (JSON.stringify(existing.payload) !== JSON.stringify(input.payload ?? null))
        throw new LedgermeshError('ID_TAKEN', `the id ${existing.id} is taken`)
      return { entry: existing, existing: true }
    }
    const unresolved = (input.references ?? []).filter(({ ledgerId, entryId }) => !this.#holds(ledgerId, entryId))
    if (unresolved.length > 0 && options.allowUnresolved !== true) {
      const missing = unresolved.map(({ ledgerId, entryId }) => ({ ledgerId, entryId }))
      throw new LedgermeshError('REFERENCE_UNRESOLVED', `${missing.length} references are not held`, { missing })
    }
    const references = (input.references ?? []).map((reference) => ({
      ...reference,
      entryHash: unresolved.includes(reference) ? null : sha256Text(reference.entryId)
    }))
    const entry = fakeEntry(
      references.length === 0 ? input : { ...input, meta: { crossLedgerRefs: references } },
      this.entries.length
    )
    this.entries.push(entry)
    this.emit({ ledger: OWN, entries: [entry] })
    return { entry, existing: false }
  }

  async appendBatch(inputs: AppendInput[], options?: AppendOptions): Promise<Appended[]> {
    const appended: Appended[] = []
    for (const input of inputs) appended.push(await this.append(input, options))
    return appended
  }

  async get(pointer: EntryPointer, ledger?: string): Promise<LedgerEntry | null> {
    this.calls.push({ method: 'get', args: [pointer, ledger] })
    return (
      this.entries.find(
        (entry) =>
          ('id' in pointer && entry.id === pointer.id) ||
          ('seq' in pointer && entry.seq === pointer.seq) ||
          ('hash' in pointer && entry.hash === pointer.hash)
      ) ?? null
    )
  }

  async query(filters: QueryFilters, ledger?: string): Promise<QueryResult> {
    this.calls.push({ method: 'query', args: [filters, ledger] })
    const { limit = 100, cursor = '0' } = filters
    const from = Number(cursor)
    const entries = this.entries.slice(from, from + limit)
    const hasMore = from + limit < this.entries.length
    return { entries, hasMore, nextCursor: hasMore ? String(from + limit) : null }
  }

  isPrivate(ledger: string): boolean {
    return this.private.has(ledger) || (ledger !== OWN && ledger !== OTHER)
  }

  async references(pointer: EntryPointer, options?: ReferencesOptions): Promise<References> {
    this.calls.push({ method: 'references', args: [pointer, options] })
    return { entry: example.ENTRY_NAME, references: [], more: false }
  }
  async referenceStates(options?: ReferenceStatesOptions): Promise<ReferenceStates> {
    this.calls.push({ method: 'referenceStates', args: [options] })
    return example.REFERENCE_STATES as ReferenceStates
  }
  async verifyEntry(
    pointer: EntryPointer
  ): Promise<{ valid: boolean; ledger: string; seq: number; hash: string; problem: null; references: []; copy: null }> {
    this.calls.push({ method: 'verifyEntry', args: [pointer] })
    return { valid: true, ledger: OWN, seq: 0, hash: example.HASH, problem: null, references: [], copy: null }
  }

  async verifyChain(): ReturnType<Node['ledger']['verifyChain']> {
    return {
      valid: true,
      ledger: OWN,
      from: 0,
      entries: this.entries.length,
      signatures: this.entries.length,
      timestampsGoingBack: 0,
      problem: null,
      payloads: { present: 0, erased: 0, filtered: 0, missing: 0, malformed: 0, none: 0 }
    }
  }

  async head(): ReturnType<Node['ledger']['head']> {
    return {
      ledger: OWN,
      size: this.entries.length,
      seq: this.entries.length - 1,
      hash: example.HASH,
      root: example.HASH,
      header: '{}',
      signature: example.SIGNATURE,
      timestamp: example.TIME
    }
  }

  async checkpoint(): ReturnType<Node['ledger']['checkpoint']> {
    return { ledger: OWN, size: 1, root: example.HASH, note: 'note\n' }
  }

  async prove(): ReturnType<Node['ledger']['prove']> {
    return {
      v: 1,
      network: 'main',
      ledger: OWN,
      key_entries: [],
      checkpoint: 'note\n',
      seq: 0,
      entry: { header: '{}', signature: example.SIGNATURE, payload: null },
      path: []
    }
  }

  async override(): ReturnType<Node['sync']['override']> {
    return this.#sync(OWN)
  }
  async consistency(size1: number, size2: number): ReturnType<Node['ledger']['consistency']> {
    return { ledger: OWN, size1, root1: example.HASH, size2, root2: example.HASH, proof: [] }
  }

  async erase(): Promise<Appended[]> {
    return [{ entry: fakeEntry({ stream: 'ledger', type: 'ledger.erase' }), existing: false }]
  }

  async erasures(): ReturnType<Node['sync']['erasures']> {
    return { ledger: OWN, erasures: [], nextCursor: null, hasMore: false }
  }

  subscribe(ledger: string, listener: (event: EntriesEvent) => void): () => void {
    const subscription = { ledger, listener }
    this.#listeners.add(subscription)
    return () => this.#listeners.delete(subscription)
  }

  async access(): ReturnType<Node['ledger']['access']> {
    return { ledger: OWN, access: 'private', readers: [], revoked: [], trustMilli: null }
  }

  async setAccess(change: Parameters<Node['ledger']['setAccess']>[0]): Promise<Appended> {
    this.calls.push({ method: 'setAccess', args: [change] })
    return { entry: fakeEntry({ stream: 'ledger', type: 'ledger.access' }), existing: false }
  }

  async members(): ReturnType<Node['network']['members']> {
    return { closed: false, issuers: [], members: [] }
  }
  async admit(): ReturnType<Node['network']['admit']> {
    return { entry: fakeEntry({ stream: 'trust', type: 'trust.membership' }), existing: false }
  }
  async expel(): ReturnType<Node['network']['expel']> {
    return [example.HASH]
  }
  async refusals(): ReturnType<Node['network']['refusals']> {
    return { refusals: [], refusedBy: [] }
  }
  async indexFaults(): ReturnType<Node['network']['indexFaults']> {
    return []
  }
  async pardonIndex(): ReturnType<Node['network']['pardonIndex']> {
    return []
  }
  readonly aliases = new Map<string, string>()
  readonly handles = fakeHandles(this.aliases, () => this.ledgers())
  readonly entryConflicts = fakeConflicts(this)
  readonly trust = fakeTrust()

  evidenceHeld: EvidenceSummary[] = []
  async conflicts(): ReturnType<Node['sync']['conflicts']> {
    return { conflicts: [], disputes: [], voided: [] }
  }
  async resolve(ledger: string): ReturnType<Node['sync']['resolve']> {
    throw new LedgermeshError('NOT_FROZEN', `there is no evidence that freezes ${ledger}`)
  }
  async voided(): ReturnType<Node['sync']['voided']> {
    return []
  }
  readonly evidence: Node['evidence'] = { list: async () => this.evidenceHeld }
  async follow(ledger: string): ReturnType<Node['sync']['follow']> {
    return this.#sync(ledger)
  }

  async unfollow(ledger: string, options?: { forget?: boolean }): Promise<void> {
    this.calls.push({ method: 'unfollow', args: [ledger, options] })
  }
  async syncStatus(): ReturnType<Node['sync']['status']> {
    return [this.#sync(OTHER)]
  }

  async pull(ledger: string): ReturnType<Node['sync']['pull']> {
    await this.gate
    return this.#sync(ledger)
  }

  async pause(ledger: string): ReturnType<Node['sync']['pause']> {
    return this.#sync(ledger)
  }
  async resume(ledger: string): ReturnType<Node['sync']['resume']> {
    return this.#sync(ledger)
  }
  async disconnect(): Promise<void> {}

  async connect(address: string): Promise<PeerStatus> {
    return {
      peer: address.split('/').at(-1)!,
      addrs: [address],
      direction: 'outbound',
      since: 0,
      ledger: null,
      name: null,
      access: null,
      software: null
    }
  }
  async peers(): Promise<PeerStatus[]> {
    return [
      {
        peer: example.PEER,
        addrs: [example.ADDRESS],
        direction: 'inbound',
        since: 0,
        ledger: OTHER,
        name: 'other',
        access: 'public',
        software: null
      }
    ]
  }

  async ledgers(): ReturnType<Node['network']['ledgers']> {
    return [
      { ledger: OWN, name: 'acme', own: true, followed: false, access: 'public', size: this.entries.length, nodes: [] },
      { ledger: OTHER, name: 'other', own: false, followed: true, access: 'public', size: this.#held.size, nodes: [] }
    ]
  }

  async followReferences(start: EntryPointer | string): ReturnType<Node['network']['followReferences']> {
    this.calls.push({ method: 'followReferences', args: [start] })
    const [entry] = this.entries
    return { nodes: entry === undefined ? [] : [{ entry, depth: 0 }], edges: [], frontier: [], complete: true }
  }
  async topology(): ReturnType<Node['network']['topology']> {
    return example.TOPOLOGY
  }

  watchNetwork(kinds: readonly NetworkEventKind[] | null, listener: (event: NetworkEvent) => void): () => void {
    const watcher = { kinds, listener }
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Something happens on the network. */
  happen(event: NetworkEvent): void {
    for (const { kinds, listener } of this.#watchers) if (kinds === null || kinds.includes(event.kind)) listener(event)
  }

  findLedgers(): ReturnType<Node['network']['findLedgers']> {
    return this.ledgers()
  }

  async discover(): ReturnType<Node['network']['discover']> {
    return { nodes: [], contradictions: [] }
  }
  async register(): ReturnType<Node['network']['register']> {
    return []
  }
  async getLedger(ledger: string): ReturnType<Node['network']['getLedger']> {
    return (await this.ledgers()).find((known) => known.ledger === ledger) ?? null
  }
  async authorizeNode(): Promise<Appended> {
    return { entry: fakeEntry({ stream: 'ledger', type: 'ledger.authorize-node' }), existing: false }
  }
  async revokeNode(): Promise<Appended> {
    return { entry: fakeEntry({ stream: 'ledger', type: 'ledger.revoke-node' }), existing: false }
  }
  async close(): Promise<void> {
    this.#listeners.clear()
  }

  /** An entry of a mirror arrives. */
  arrive(id: string, ledger = OTHER): void {
    this.#held.add(`${ledger}/${id}`)
    this.emit({ ledger, entries: [{ ...fakeEntry({ id, stream: 's', type: 't' }, this.entries.length), ledger }] })
  }

  emit(event: EntriesEvent): void {
    for (const { ledger, listener } of this.#listeners) if (ledger === '*' || ledger === event.ledger) listener(event)
  }

  #holds(ledger: string, id: string): boolean {
    return ledger === OWN ? this.entries.some((entry) => entry.id === id) : this.#held.has(`${ledger}/${id}`)
  }

  #sync(ledger: string): Awaited<ReturnType<Node['sync']['follow']>> {
    return {
      ledger,
      name: 'other',
      own: false,
      access: 'public',
      status: 'synced',
      size: 3,
      audited: 3,
      target: 3,
      filters: null,
      headers: false,
      peers: 1,
      announced: true,
      stall: null,
      evidence: 'none'
    }
  }
}
