import type { Reference } from '../core/reference.js'
import type {
  EntryName,
  Followable,
  Followed,
  FollowLimits,
  Frontier,
  NamedReference,
  PlacedReference,
  ReferenceSource,
  ReferenceStatus
} from './types.js'

/** References to one ledger that are resolved at once: as many entries as one request may ask for. */
const TOGETHER = 64

type Resolved<E extends Followable> = Awaited<ReturnType<ReferenceSource<E>['resolve']>>[number]

/**
 * Breadth first from one entry. An entry is visited once, by ledger and hash: what leads back to it is an edge, so that
 * a circle ends. Two runs over the same entries give the same, in the same order: by depth, ledger and seq.
 */
export async function followReferences<E extends Followable>(
  start: E,
  limits: FollowLimits,
  source: ReferenceSource<E>
): Promise<Followed<E>> {
  const walk = new Walk(limits, source)
  await walk.run(start)
  const { nodes, edges, frontier } = walk
  return { nodes, edges: [...edges.values()], frontier: [...frontier.values()], complete: frontier.size === 0 }
}

class Walk<E extends Followable> {
  readonly nodes: Followed<E>['nodes'] = []
  readonly edges = new Map<string, NamedReference>()
  readonly frontier = new Map<string, Frontier>()
  readonly #limits: FollowLimits
  readonly #source: ReferenceSource<E>
  readonly #visited = new Set<string>()
  #next: E[] = []

  constructor(limits: FollowLimits, source: ReferenceSource<E>) {
    this.#limits = limits
    this.#source = source
  }

  async run(start: E): Promise<void> {
    this.#visited.add(keyOf(start))
    for (let [level, depth]: [E[], number] = [[start], 0]; level.length > 0; depth++) {
      this.nodes.push(...level.map((entry) => ({ entry, depth })))
      this.#next = []
      const resolved = await this.#resolveAll(level)
      for (const entry of level) {
        const isUnknown = this.#outOf(entry).followed.some((reference) => !resolved.has(targetOf(reference)))
        if (isUnknown || (this.#limits.direction !== 'out' && this.#source.isOver())) this.#stopAt(entry, 'deadline')
        else await this.#expand(entry, depth, resolved)
      }
      level = this.#next.toSorted(byLedgerAndSeq)
    }
  }

  /** The targets of a whole level: those of one ledger together, and several ledgers side by side. */
  async #resolveAll(level: readonly E[]): Promise<Map<string, Resolved<E>>> {
    const resolved = new Map<string, Resolved<E>>()
    const wanted = new Map(level.flatMap((entry) => this.#outOf(entry).followed).map((one) => [targetOf(one), one]))
    const byLedger = [...Map.groupBy(wanted.values(), ({ ledgerId }) => ledgerId).values()]
    const most = byLedger.reduce((longest, { length }) => Math.max(longest, length), 0)
    for (let at = 0; at < most && !this.#source.isOver(); at += TOGETHER) {
      const references = byLedger.flatMap((ofOne) => ofOne.slice(at, at + TOGETHER))
      for (const [i, found] of (await this.#source.resolve(references)).entries())
        resolved.set(targetOf(references[i]!), found)
    }
    return resolved
  }

  /** The references that lead out of an entry: those that are followed, and those that are too many. */
  #outOf(entry: E): { followed: PlacedReference[]; left: PlacedReference[] } {
    const { direction, fanOut } = this.#limits
    if (direction === 'in') return { followed: [], left: [] }
    const wanted = entry.references.filter(({ referenceType }) => this.#isWanted(referenceType))
    return { followed: wanted.slice(0, fanOut), left: wanted.slice(fanOut) }
  }

  async #expand(entry: E, depth: number, resolved: ReadonlyMap<string, Resolved<E>>): Promise<void> {
    const { followed, left } = this.#outOf(entry)
    for (const reference of left) this.#stopAt(nameOf(reference), 'fan_out')
    for (const reference of followed) {
      const { status, entry: target } = resolved.get(targetOf(reference))!
      this.#take(entry, reference, status, target, depth)
    }
    if (this.#limits.direction !== 'out') await this.#expandBack(entry, depth)
  }

  async #expandBack(entry: E, depth: number): Promise<void> {
    const { entries, more } = await this.#source.referring(entry, this.#limits.fanOut)
    if (more) this.#stopAt(entry, 'fan_out')
    for (const from of entries) {
      const references = from.references.filter(
        ({ ledgerId, entryId, referenceType }) =>
          ledgerId === entry.ledger && entryId === entry.id && this.#isWanted(referenceType)
      )
      const resolved = await this.#source.resolve(references)
      // Another entry of the same id may be meant.
      const meant = resolved.flatMap(({ status, entry: target }, i) =>
        target !== null && target.hash !== entry.hash ? [] : [{ reference: references[i]!, status }]
      )
      for (const { reference, status } of meant) this.#draw(from, reference, status)
      if (meant.length > 0) this.#visit(from, depth)
    }
  }

  #take(from: E, reference: PlacedReference, status: ReferenceStatus, target: E | null, depth: number): void {
    this.#draw(from, reference, status)
    if (target !== null) this.#visit(target, depth)
    else if (status === 'unresolved')
      this.#stopAt(nameOf(reference), this.#source.isTrusted(reference.ledgerId) ? 'unresolved' : 'untrusted')
  }

  #draw(from: E, reference: PlacedReference, status: ReferenceStatus): void {
    const { referenceType: type, where } = reference
    const edge = { from: nameOf(from), to: nameOf(reference), type, status, where }
    this.edges.set(JSON.stringify([edge.from, edge.to, type, where]), edge)
  }

  #visit(entry: E, depth: number): void {
    const key = keyOf(entry)
    if (this.#visited.has(key)) return
    const { maxDepth, total } = this.#limits
    if (depth >= maxDepth) this.#stopAt(entry, 'depth')
    else if (!this.#source.isTrusted(entry.ledger)) this.#stopAt(entry, 'untrusted')
    else if (this.#visited.size >= total) this.#stopAt(entry, 'total')
    else {
      this.#visited.add(key)
      this.#next.push(entry)
    }
  }

  #stopAt(to: E | EntryName, reason: Frontier['reason']): void {
    const name = nameOf(to)
    this.frontier.set(JSON.stringify([name, reason]), { to: name, reason })
  }

  #isWanted(type: Reference['referenceType']): boolean {
    return this.#limits.types?.includes(type) ?? true
  }
}

function nameOf(one: EntryName | Reference): EntryName {
  return 'ledgerId' in one
    ? { ledger: one.ledgerId, id: one.entryId, hash: one.entryHash }
    : { ledger: one.ledger, id: one.id, hash: one.hash }
}

/** What a reference names, and where: in a payload it may not be asked for. */
function targetOf({ ledgerId, entryId, entryHash, where }: PlacedReference): string {
  return JSON.stringify([ledgerId, entryId, entryHash, where])
}

function keyOf({ ledger, hash }: Followable): string {
  return `${ledger} ${hash}`
}

function byLedgerAndSeq(a: Followable, b: Followable): number {
  return a.ledger === b.ledger ? a.seq - b.seq : a.ledger < b.ledger ? -1 : 1
}
