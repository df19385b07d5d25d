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
      for (const entry of level) {
        if (this.#source.isOver()) this.#stopAt(entry, 'deadline')
        else await this.#expand(entry, depth)
      }
      level = this.#next.toSorted(byLedgerAndSeq)
    }
  }

  async #expand(entry: E, depth: number): Promise<void> {
    const { direction, fanOut } = this.#limits
    if (direction !== 'in') {
      const wanted = entry.references.filter(({ referenceType }) => this.#isWanted(referenceType))
      for (const reference of wanted.slice(fanOut)) this.#stopAt(nameOf(reference), 'fan_out')
      const references = wanted.slice(0, fanOut)
      for (const [i, { status, entry: target }] of (await this.#source.resolve(references)).entries())
        this.#take(entry, references[i]!, status, target, depth)
    }
    if (direction !== 'out') await this.#expandBack(entry, depth)
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

function keyOf({ ledger, hash }: Followable): string {
  return `${ledger} ${hash}`
}

function byLedgerAndSeq(a: Followable, b: Followable): number {
  return a.ledger === b.ledger ? a.seq - b.seq : a.ledger < b.ledger ? -1 : 1
}
