import type { z } from 'zod'
import { LedgermeshError } from '../../core/errors.js'
import type { AppendInput, AppendOptions, ReferenceInput } from '../../node/api/ledger.js'
import type { Handlers } from '../handler.js'
import { MAX_NOTIFIED_ENTRIES } from '../limits.js'
import type { ledgerMethods } from '../methods/ledger.js'
import type { appendInput } from '../methods/shapes.js'
import { beginSubscription } from './begin-subscription.js'
import { pointerOf } from './pointer.js'
import type { EntriesEvent } from '../../node/api/events.js'

/** How long an append waits for its replicas when nothing else is said. */
const REPLICAS_TIMEOUT_MS = 9_000

export const ledgerHandlers: Handlers<typeof ledgerMethods> = {
  'ledger.append': async (
    { allowUnresolved, allowPrivateTarget, expect, replicas, timeout = REPLICAS_TIMEOUT_MS, ...input },
    { node }
  ) => {
    const appended = await node.ledger.append(entryInput(input), {
      ...optionsOf(allowUnresolved, allowPrivateTarget),
      ...(expect !== undefined && { expect })
    })
    return replicas === undefined
      ? appended
      : { ...appended, ...(await node.sync.replicas(appended.entry.seq, replicas, timeout)) }
  },
  'ledger.appendBatch': async ({ entries, allowUnresolved, allowPrivateTarget }, { node }) => ({
    appended: await node.ledger.appendBatch(entries.map(entryInput), optionsOf(allowUnresolved, allowPrivateTarget))
  }),
  'ledger.get': async ({ ledger, ...pointer }, { node }) => {
    const entry = await node.ledger.get(pointerOf(pointer), ledger)
    if (entry === null) throw new LedgermeshError('NOT_FOUND', `no entry with ${JSON.stringify(pointer)}`)
    return { entry }
  },
  'ledger.query': ({ ledger, refers_to: target, refers_to_id: entryId, ...filters }, { node }) => {
    if (target === undefined && entryId !== undefined)
      throw new LedgermeshError('INVALID_PARAMS', 'refers_to_id is the id of an entry of refers_to: name that ledger')
    return node.ledger.query(
      { ...filters, ...(target !== undefined && { refers_to: { ledger: target, entry_id: entryId } }) },
      ledger
    )
  },
  'ledger.verifyEntry': ({ ledger, ...pointer }, { node }) => node.ledger.verifyEntry(pointerOf(pointer), ledger),
  'ledger.verifyChain': ({ ledger, ...range }, { node }) => node.ledger.verifyChain(range, ledger),
  'ledger.head': ({ ledger }, { node }) => node.ledger.head(ledger),
  'ledger.checkpoint': ({ ledger }, { node }) => node.ledger.checkpoint(ledger),
  'ledger.prove': ({ ledger, ...pointer }, { node }) => node.ledger.prove(pointerOf(pointer), ledger),
  'ledger.consistency': ({ size1, size2, ledger }, { node }) => node.ledger.consistency(size1, size2, ledger),
  'ledger.override': (_, { node }) => node.sync.override(),
  'ledger.subscribe': async ({ ledger }, { node, subscriptions }) => {
    const chosen = ledger ?? (await node.status()).ledger
    return beginSubscription(subscriptions, 'ledger.entries_subscription', (deliver) =>
      node.ledger.subscribe(chosen, (event) => deliver(inParts(event)))
    )
  },
  'ledger.unsubscribe': async ({ subscription }, { subscriptions }) => ({
    unsubscribed: subscriptions?.remove(subscription) ?? false
  })
}

function inParts({ ledger, entries }: EntriesEvent): EntriesEvent[] {
  const parts: EntriesEvent[] = []
  for (let at = 0; at < entries.length; at += MAX_NOTIFIED_ENTRIES)
    parts.push({ ledger, entries: entries.slice(at, at + MAX_NOTIFIED_ENTRIES) })
  return parts
}

function optionsOf(allowUnresolved: boolean | undefined, allowPrivateTarget: boolean | undefined): AppendOptions {
  return {
    ...(allowUnresolved === undefined ? {} : { allowUnresolved }),
    ...(allowPrivateTarget === undefined ? {} : { allowPrivateTarget })
  }
}

type GivenInput = z.output<typeof appendInput>

/** null members mean the same as absent ones. */
function entryInput({ id, references, meta, timestamp, ...rest }: GivenInput): AppendInput {
  const input: AppendInput = rest
  if (id != null) input.id = id
  if (references != null) input.references = references.map(referenceInput)
  if (meta != null) input.meta = meta
  if (timestamp != null) input.timestamp = timestamp
  return input
}

function referenceInput({ entryHash, ...rest }: NonNullable<GivenInput['references']>[number]): ReferenceInput {
  return entryHash == null ? rest : { ...rest, entryHash }
}
