import type { z } from 'zod'
import { LedgermeshError } from '../../core/errors.js'
import type { AppendInput, AppendOptions, EntriesEvent, ReferenceInput } from '../../node/api.js'
import type { Handlers } from '../handler.js'
import { MAX_NOTIFIED_ENTRIES } from '../limits.js'
import type { ledgerMethods } from '../methods/ledger.js'
import type { appendInput } from '../methods/shapes.js'
import { beginSubscription } from './begin-subscription.js'
import { pointerOf } from './pointer.js'

export const ledgerHandlers: Handlers<typeof ledgerMethods> = {
  'ledger.append': ({ allowUnresolved, ...input }, { node }) => node.append(entryInput(input), optionsOf(allowUnresolved)),
  'ledger.appendBatch': async ({ entries, allowUnresolved }, { node }) =>
    ({ appended: await node.appendBatch(entries.map(entryInput), optionsOf(allowUnresolved)) }),
  'ledger.get': async ({ ledger, ...pointer }, { node }) => {
    const entry = await node.get(pointerOf(pointer), ledger)
    if (entry === null) throw new LedgermeshError('NOT_FOUND', `no entry with ${JSON.stringify(pointer)}`)
    return { entry }
  },
  'ledger.query': ({ ledger, ...filters }, { node }) => node.query(filters, ledger),
  'ledger.verifyEntry': ({ ledger, ...pointer }, { node }) => node.verifyEntry(pointerOf(pointer), ledger),
  'ledger.verifyChain': ({ ledger, ...range }, { node }) => node.verifyChain(range, ledger),
  'ledger.head': ({ ledger }, { node }) => node.head(ledger),
  'ledger.checkpoint': ({ ledger }, { node }) => node.checkpoint(ledger),
  'ledger.prove': ({ ledger, ...pointer }, { node }) => node.prove(pointerOf(pointer), ledger),
  'ledger.consistency': ({ size1, size2, ledger }, { node }) => node.consistency(size1, size2, ledger),
  'ledger.override': (_, { node }) => node.override(),
  'ledger.erase': async ({ hashes }, { node }) => ({ appended: await node.erase(hashes) }),
  'ledger.erasures': (filters, { node }) => node.erasures(filters),
  'ledger.subscribe': async ({ ledger }, { node, subscriptions }) => {
    const chosen = ledger ?? (await node.status()).ledger
    return beginSubscription(subscriptions, 'ledger.entries_subscription', (deliver) => node.subscribe(chosen, (event) => deliver(inParts(event))))
  },
  'ledger.unsubscribe': async ({ subscription }, { subscriptions }) => ({ unsubscribed: subscriptions?.remove(subscription) ?? false })
}

function inParts ({ ledger, entries }: EntriesEvent): EntriesEvent[] {
  const parts: EntriesEvent[] = []
  for (let at = 0; at < entries.length; at += MAX_NOTIFIED_ENTRIES) parts.push({ ledger, entries: entries.slice(at, at + MAX_NOTIFIED_ENTRIES) })
  return parts
}

function optionsOf (allowUnresolved: boolean | undefined): AppendOptions {
  return allowUnresolved === undefined ? {} : { allowUnresolved }
}

type GivenInput = z.output<typeof appendInput>

/** null members mean the same as absent ones. */
function entryInput ({ id, references, meta, timestamp, ...rest }: GivenInput): AppendInput {
  const input: AppendInput = rest
  if (id != null) input.id = id
  if (references != null) input.references = references.map(referenceInput)
  if (meta != null) input.meta = meta
  if (timestamp != null) input.timestamp = timestamp
  return input
}

function referenceInput ({ entryHash, ...rest }: NonNullable<GivenInput['references']>[number]): ReferenceInput {
  return entryHash == null ? rest : { ...rest, entryHash }
}
