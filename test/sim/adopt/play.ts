/**
 * Nodes that adopt from each other, in any shape, while entries are written and erased, payloads come late, processes are
 * killed, folders are lost and branches give way. One seed is one history.
 */
import { wants } from '../../../src/core/payload-filter.js'
import { isReservedType } from '../../../src/core/ledger-types.js'
import { syncMarkOf } from '../../../src/core/reference.js'
import { dice, type Dice } from '../../helpers/dice.js'
import { AdoptingNode, type Mirror } from './adopting-node.js'
import { BIG, ModelLedger, type ModelEntry } from './model-ledger.js'

export type Shape = 'ring' | 'chain' | 'mesh'

export interface AdoptPlay {
  nodes: number
  shape: Shape
  /** Things that happen. */
  length: number
  /** How likely each look at the disk is the last one of a run. */
  deadly?: number
  /** Are there authors who claim copies, and take the ids of copies? */
  hostile?: boolean
  /** Do branches give way, and folders get lost? */
  losses?: boolean
  filtered?: boolean
}

export interface Played {
  nodes: AdoptingNode[]
  kills: number
  problems: string[]
}

/** Turns until nothing is left to do; a history that does not settle fails. */
const MAX_TURNS = 5_000
const FILTER = { types: ['note'] }

export async function play(
  seed: number,
  { nodes: count, shape, length, deadly = 0, hostile = false, losses = false, filtered = false }: AdoptPlay
): Promise<Played> {
  const next = dice(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!
  const nodes = Array.from({ length: count }, (_, n) => new AdoptingNode(new ModelLedger(`ledger ${n}`), next))
  for (const [n, node] of nodes.entries()) {
    node.deadly = deadly
    for (const other of sourcesOf(shape, n, nodes)) node.follow(other.ledger, filtered && next() < 0.5 ? FILTER : null)
  }
  for (let n = 0; n < length; n++) {
    const node = pick(nodes)
    const chance = next()
    if (chance < 0.3) write(node, nodes, n, next, hostile)
    else if (chance < 0.36) eraseOne(node, next)
    else if (chance < 0.5) for (const id of node.mirrors.keys()) node.pull(id, 1 + Math.floor(next() * 6))
    else if (chance < 0.6) for (const id of node.mirrors.keys()) node.fill(id, 0.3)
    else if (losses && chance < 0.61) node.restore()
    else if (losses && chance < 0.62) rewrite(node, nodes, next)
    else await node.step()
  }
  for (const node of nodes) node.deadly = 0
  const problems = await settle(nodes)
  return {
    nodes,
    kills: nodes.reduce((sum, { kills }) => sum + kills, 0),
    problems: [...problems, ...wrongWith(nodes, hostile ? nodes[0]! : null)]
  }
}

function sourcesOf(shape: Shape, n: number, nodes: readonly AdoptingNode[]): AdoptingNode[] {
  if (shape === 'mesh') return nodes.filter((_, other) => other !== n)
  const before = shape === 'ring' ? (n + nodes.length - 1) % nodes.length : n - 1
  return before < 0 || before === n ? [] : [nodes[before]!]
}

function write(
  { ledger }: AdoptingNode,
  nodes: readonly AdoptingNode[],
  n: number,
  next: Dice,
  hostile: boolean
): void {
  const id = `${next() < 0.05 ? BIG : 'entry'} ${n}`
  const chance = next()
  if (hostile && ledger === nodes[0]!.ledger && chance < 0.25) {
    // it says that it is a copy of something
    const original = anyOf(nodes, next)
    ledger.append({
      id: ledger.byId(original.hash) === null && next() < 0.5 ? original.hash : id,
      payload: n,
      meta: { sync: { source: original.header.ledger, originalId: original.header.id, originalHash: original.hash } }
    })
  } else if (hostile && chance < 0.25) {
    // it takes the id that a copy would have
    const { hash } = anyOf(nodes, next)
    if (ledger.byId(hash) === null) ledger.append({ id: hash, payload: n })
  } else ledger.append({ id, type: chance < 0.35 ? 'other' : 'note', payload: chance > 0.9 ? null : { n } })
}

function anyOf(nodes: readonly AdoptingNode[], next: Dice): ModelEntry {
  const { entries } = nodes[Math.floor(next() * nodes.length)]!.ledger
  return entries[Math.floor(next() * entries.length)]!
}

function eraseOne({ ledger }: AdoptingNode, next: Dice): void {
  const { header, hash, payload } = ledger.entries[Math.floor(next() * ledger.entries.length)]!
  if (payload !== null && !isReservedType(header.type)) ledger.erase([hash])
}

/** The author's branch gives way; those who hold more of it are told. */
function rewrite({ ledger }: AdoptingNode, nodes: readonly AdoptingNode[], next: Dice): void {
  // A node that adopts never takes back what it has signed: only authors that adopt from nobody do.
  if (nodes.some((node) => node.ledger === ledger && node.mirrors.size > 0) || ledger.entries.length < 3) return
  const size = 1 + Math.floor(next() * (ledger.entries.length - 1))
  ledger.rewrite(size)
  for (const node of nodes) node.cut(ledger.id, size)
}

async function settle(nodes: readonly AdoptingNode[]): Promise<string[]> {
  for (let turn = 0; turn < MAX_TURNS; turn++) {
    let busy = false
    for (const node of nodes) {
      for (const [id, mirror] of node.mirrors) {
        if (mirror.size < mirror.of.entries.length || mirror.missing.size > 0) busy = true
        node.pull(id, 50)
        node.fill(id, 1)
      }
      busy = (await node.step()) || busy
    }
    if (!busy) return []
  }
  return ['it did not settle']
}

/** S2, S3, and nothing that is a copy of a copy. `liar`: what it says itself is its own affair. */
export function wrongWith(nodes: readonly AdoptingNode[], liar: AdoptingNode | null): string[] {
  return nodes
    .filter((node) => node !== liar)
    .flatMap((node) => [...node.mirrors.values()].flatMap((mirror) => wrongBetween(node, mirror)))
}

function wrongBetween({ ledger }: AdoptingNode, { of, filters }: Mirror): string[] {
  const copies = new Map<string, ModelEntry[]>()
  for (const entry of ledger.entries) {
    const mark = syncMarkOf(entry.header.meta)
    if (mark?.source === of.id && entry.header.id === mark.originalHash)
      copies.set(mark.originalHash, [...(copies.get(mark.originalHash) ?? []), entry])
  }
  return of.entries.flatMap(({ header, hash, payload }) => {
    const found = copies.get(hash) ?? []
    const name = `${header.id} of ${of.id} in ${ledger.id}`
    if (found.length > 1) return [`${name}: ${found.length} copies`]
    const isErased = of.erased.has(header.seq)
    const copy = found[0]
    const there = ledger.byId(hash)
    const isTaken = there !== null && there !== copy
    if (isErased) {
      const isLeft = copy !== undefined && copy.payload !== null && !ledger.erased.has(copy.header.seq)
      return isLeft ? [`${name}: its payload is erased, and the copy's is not`] : []
    }
    const isWanted =
      !isReservedType(header.type) &&
      syncMarkOf(header.meta) === null &&
      wants(filters, header) &&
      !header.id.startsWith(BIG) &&
      !isTaken
    if (isWanted && copy === undefined) return [`${name}: no copy`]
    if (isWanted && JSON.stringify(copy!.payload) !== JSON.stringify(payload))
      return [`${name}: the copy says something else`]
    return []
  })
}
