/**
 * The node for a caller that may not know of private ledgers, or of some ledgers alone. A ledger that is private and one that is not held take the
 * same way to the same refusal, so that neither the answer nor the work tells them apart. What is not listed here does
 * not exist for such a caller: a new method of the node is hidden until somebody decides what of it may be shown.
 */
import { isCoded, LedgermeshError } from '../core/errors.js'
import { isObject } from '../core/grammar.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { HandleApi } from '../node/api/handles.js'
import type { AppendInput, Appended, LedgerApi, VerifiedReference } from '../node/api/ledger.js'
import type { LedgerChoice } from '../node/api/ledger-choice.js'
import type { Node } from '../node/api/node.js'
import { notPermitted, type Principal } from './principal.js'
import { publicFeed } from './withhold-feed.js'
import { withheld } from './withhold-payloads.js'

/** Append and read by name; short names and `*` look at all ledgers, so they are not answered. */
export function publicPart(node: Node, principal: Principal): Node {
  const { ledger } = node
  const privately = principal.scopes.has('private')
  /** Private, or not held (`isPrivate` says yes to both), or none of those that the caller is limited to. */
  const hidden = (id: LedgerId): boolean =>
    (principal.ledgers !== undefined && !principal.ledgers.has(id)) || (!privately && ledger.isPrivate(id))
  const shown = (one: { ledger: LedgerId }): boolean => !hidden(one.ledger)
  const reach = (chosen: LedgerChoice): LedgerId => {
    if (chosen === '*') throw notPermitted('* for all ledgers', ['private'], principal)
    if (hidden(chosen)) throw notHeld()
    return chosen
  }
  const ownOr = async (chosen: LedgerChoice | undefined): Promise<LedgerId> =>
    reach(chosen ?? (await node.status()).ledger)

  /** Whoever appends gets the receipt, also of a private own ledger; to read a payload is another right. */
  const receipt = ({ entry, existing }: Appended): Appended => ({
    entry: hidden(entry.ledger) ? withheld(entry) : entry,
    existing
  })
  const ledgers: Partial<LedgerApi> = {
    isPrivate: hidden,
    append: async (input, options) => {
      if (principal.ledgers !== undefined) await ownOr(undefined)
      reachTargets([input], reach)
      return receipt(await ledger.append(input, options).catch(unnamed(hidden)))
    },
    appendBatch: async (inputs, options) => {
      if (principal.ledgers !== undefined) await ownOr(undefined)
      reachTargets(inputs, reach)
      return (await ledger.appendBatch(inputs, options).catch(unnamed(hidden))).map(receipt)
    },
    get: async (pointer, chosen) => await ledger.get(pointer, await ownOr(chosen)),
    query: async (filters, chosen) => await ledger.query(filters, await ownOr(chosen)),
    verifyEntry: async (pointer, chosen) => {
      const { references, copy, ...verified } = await ledger.verifyEntry(pointer, await ownOr(chosen))
      return {
        ...verified,
        references: references.map((reference) => unseen(reference, hidden)),
        copy: copy !== null && hidden(copy.source) ? { ...copy, state: 'unverified', differs: [] } : copy
      }
    },
    verifyChain: async (range, chosen) => await ledger.verifyChain(range, await ownOr(chosen)),
    head: async (chosen) => await ledger.head(await ownOr(chosen)),
    checkpoint: async (chosen) => await ledger.checkpoint(await ownOr(chosen)),
    prove: async (pointer, chosen) => await ledger.prove(pointer, await ownOr(chosen)),
    consistency: async (size1, size2, chosen) => await ledger.consistency(size1, size2, await ownOr(chosen)),
    access: async (chosen) => await ledger.access(await ownOr(chosen)),
    subscribe: (chosen, listener) => ledger.subscribe(reach(chosen), listener)
  }
  const parts: Partial<Node> = {
    // for handlers: the methods that answer with it take `private`
    status: () => node.status(),
    metrics: () => node.metrics(),
    ledger: closed<LedgerApi>(ledgers, principal),
    sync: closed<Node['sync']>(
      {
        status: async (chosen) =>
          (await node.sync.status(chosen === undefined ? undefined : reach(chosen))).filter(shown),
        receive: async (brought, by) => {
          if (principal.ledgers?.has(brought.sourceLedgerId) === false) throw notHeld()
          return await node.sync.receive(brought, { from: by?.from ?? '', hidden: hidden(brought.sourceLedgerId) })
        }
      },
      principal
    ),
    feed: publicFeed(node.feed, { reach, privately, only: principal.ledgers }),
    evidence: {
      list: async (chosen) => (await node.evidence.list(chosen === undefined ? undefined : reach(chosen))).filter(shown)
    },
    network: closed<Node['network']>({ ledgers: async () => (await node.network.ledgers()).filter(shown) }, principal),
    handles: closed<HandleApi>(
      {
        ledger: noShortNames,
        peer: noShortNames,
        entry: async (handle, chosen) => await node.handles.entry(handle, await ownOr(chosen)),
        hash: async (handle, use, chosen) => await node.handles.hash(handle, use, await ownOr(chosen))
      },
      principal
    )
  }
  return closed<Node>(parts, principal)
}

/** A private ledger, or one that is not held here: word for word the same. */
function notHeld(): LedgermeshError {
  return new LedgermeshError('NOT_FOUND', 'no such ledger is held here, or none was named')
}

async function noShortNames(): Promise<never> {
  return await Promise.reject(new LedgermeshError('NO_SUCH_NAME', 'this caller names ledgers and peers by whole ids'))
}

/** Whether a target is held shows in what an append answers: a hidden one is refused before. */
function reachTargets(inputs: readonly AppendInput[], reach: (ledger: LedgerId) => LedgerId): void {
  for (const { references, meta } of inputs) {
    for (const { ledgerId } of references ?? []) reach(ledgerId)
    const raw: unknown = meta?.crossLedgerRefs
    for (const one of Array.isArray(raw) ? raw.filter(isObject) : [])
      if (typeof one.ledgerId === 'string') reach(one.ledgerId)
  }
}

/** Whoever knows the hash of an entry of a hidden ledger is not told in which ledger it stands. */
function unnamed(hidden: (ledger: LedgerId) => boolean): (error: unknown) => never {
  return (error) => {
    if (!isCoded(error, 'REFERENCE_CONTRADICTED')) throw error
    const { held, ...details } = error.details ?? {}
    const named = isObject(held) && typeof held.ledgerId === 'string' && hidden(held.ledgerId)
    throw named ? new LedgermeshError(error.code, error.message, details) : error
  }
}

/** As it would be if nothing of hidden ledgers were held. */
function unseen(reference: VerifiedReference, hidden: (ledger: LedgerId) => boolean): VerifiedReference {
  const { ledgerId, entryHash, held } = reference
  if (!hidden(ledgerId) && (held === null || !hidden(held.ledgerId))) return reference
  return { ...reference, state: entryHash === null ? 'unresolved' : 'resolved', checked: false, held: null }
}

/** These members, and a refusal in place of every other. */
function closed<T extends object>(members: Partial<T>, principal: Principal): T {
  return new Proxy(members as T, {
    get: (_target, name) => {
      if (Object.hasOwn(members, name)) return members[name as keyof T]
      if (typeof name === 'symbol' || name === 'then') return undefined
      throw notPermitted(name, ['private'], principal)
    }
  })
}
