/** The node without the payloads of private ledgers: everything that gives payloads is here. */
import type { AnswerFile } from '../core/verify-answer.js'
import type { LedgerEntry } from '../core/view.js'
import type { ConflictView } from '../node/api/conflicts.js'
import type { LedgerApi } from '../node/api/ledger.js'
import type { Node } from '../node/api/node.js'
import { withholdFeed } from './withhold-feed.js'
import { withMembers } from './with-members.js'

/** Their entries come as `withheld`, in answers and notifications alike. */
export function withholdPayloads(node: Node): Node {
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
    feed: withholdFeed(node.feed, withhold),
    ledger: withMembers(ledger, guarded),
    network: withMembers(network, { followReferences, query }),
    sync: withMembers(node.sync, { entryConflicts: guardedConflicts })
  })
}

/** Without its payload, where there is one. */
export function withheld(entry: LedgerEntry): LedgerEntry {
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
