/**
 * What a caller may do, whichever way it came: the one place that decides. A method says in the table what it does
 * (`access`), a socket (or a later gateway) says which rights its callers have, and reading the payloads of private
 * ledgers is a right of its own, whatever the method.
 */
import { LedgermeshError } from '../core/errors.js'
import type { AnswerFile } from '../core/verify-answer.js'
import type { LedgerEntry } from '../core/view.js'
import type { ConflictView } from '../node/api/conflicts.js'
import type { LedgerApi } from '../node/api/ledger.js'
import type { Node } from '../node/api/node.js'
import type { Method } from './method.js'

export interface Rights {
  /** Methods that are not marked as reading. */
  write: boolean
  /** Payloads of private ledgers; without it their entries come as `withheld`. */
  privatePayloads: boolean
}

/** Those of the node's owner. */
export const ALL_RIGHTS: Rights = { write: true, privatePayloads: true }

/** Throws READING_ONLY. */
export function checkRights(name: string, { access }: Pick<Method, 'access'>, { write }: Rights): void {
  if (access !== 'read' && !write)
    throw new LedgermeshError('READING_ONLY', `${name} is not a reading method, and this socket is for reading`)
}

/** The node as callers with these rights see it: everything that gives payloads is here. */
export function nodeFor(node: Node, { privatePayloads }: Rights): Node {
  if (privatePayloads) return node
  const { ledger } = node
  const withhold = (entry: LedgerEntry): LedgerEntry => (ledger.isPrivate(entry.ledger) ? withheld(entry) : entry)
  const withholdSiblings = (view: ConflictView): ConflictView => ({
    ...view,
    siblings: view.siblings.map((sibling) => ({ ...sibling, entry: withhold(sibling.entry) }))
  })
  const guarded: Pick<
    LedgerApi,
    'append' | 'appendBatch' | 'erase' | 'get' | 'query' | 'references' | 'prove' | 'subscribe'
  > = {
    append: async (...args) => {
      const { entry, existing } = await ledger.append(...args)
      return { entry: withhold(entry), existing }
    },
    appendBatch: async (...args) =>
      (await ledger.appendBatch(...args)).map(({ entry, existing }) => ({ entry: withhold(entry), existing })),
    erase: async (...args) =>
      (await ledger.erase(...args)).map(({ entry, existing }) => ({ entry: withhold(entry), existing })),
    get: async (...args) => {
      const entry = await ledger.get(...args)
      return entry === null ? null : withhold(entry)
    },
    query: async (...args) => {
      const result = await ledger.query(...args)
      return { ...result, entries: result.entries.map(withhold) }
    },
    references: async (pointer, options, ...rest) =>
      await ledger.references(pointer, { ...options, payloads: false }, ...rest),
    prove: async (...args) => {
      const proof = await ledger.prove(...args)
      return ledger.isPrivate(proof.ledger) ? { ...proof, entry: { ...proof.entry, payload: null } } : proof
    },
    subscribe: (chosen, listener) =>
      ledger.subscribe(chosen, (event) => {
        listener({ ...event, entries: event.entries.map(withhold) })
      })
  }
  const {
    sync: { entryConflicts }
  } = node
  const guardedConflicts: typeof entryConflicts = {
    ...entryConflicts,
    view: async (pointer) => withholdSiblings(await entryConflicts.view(pointer)),
    resolve: async (...decision) => {
      const { view, appended } = await entryConflicts.resolve(...decision)
      return {
        view: withholdSiblings(view),
        appended: appended.map(({ entry, existing }) => ({ entry: withhold(entry), existing }))
      }
    }
  }
  const { network } = node
  const followReferences: typeof network.followReferences = async (...args) => {
    // What a payload refers to is part of it.
    const [start, options, ...rest] = args
    const found = await network.followReferences(start, { ...options, payloads: false }, ...rest)
    return { ...found, nodes: found.nodes.map(({ entry, depth }) => ({ entry: withhold(entry), depth })) }
  }
  const query: typeof network.query = async (...args) => {
    const answer = await network.query(...args)
    // Of what is held nowhere here the answer itself says it.
    const open = new Set(answer.sources.filter(({ access }) => access === 'public').map(({ ledger: id }) => id))
    const withholdSecret = (entry: LedgerEntry): LedgerEntry => (open.has(entry.ledger) ? entry : withheld(entry))
    return {
      ...answer,
      results: answer.results.map(({ ledgerId, entries }) => ({ ledgerId, entries: entries.map(withholdSecret) })),
      aggregated: answer.aggregated.map(withholdSecret),
      file: answer.file === null ? null : withoutPayloads(answer.file, (id) => !open.has(id))
    }
  }
  return withMembers(node, {
    ledger: withMembers(ledger, guarded),
    network: withMembers(network, { followReferences, query }),
    sync: withMembers(node.sync, { entryConflicts: guardedConflicts })
  })
}

/** `target` with these members in place of its own. */
function withMembers<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get: (_target, name) => {
      if (Object.hasOwn(members, name)) return members[name as keyof T]
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    }
  })
}

function withheld(entry: LedgerEntry): LedgerEntry {
  const here = entry.payload_state === 'present' || entry.payload_state === 'malformed'
  return !here ? entry : { ...entry, payload: null, payload_state: 'withheld', raw: { ...entry.raw, payload: null } }
}

/** The file of an answer checks without its payloads, too. */
function withoutPayloads(file: AnswerFile, isPrivate: (ledger: string) => boolean): AnswerFile {
  const parts = file.parts.map((part) =>
    !isPrivate(part.ledger)
      ? part
      : {
          ...part,
          pages: part.pages.map((page) => ({
            ...page,
            entries: page.entries.map((entry) => ({ ...entry, payload: null }))
          }))
        }
  )
  return { ...file, parts }
}
