import type { z } from 'zod'
import { LedgermeshError } from '../../core/errors.js'
import type { AppendInput, AppendOptions, ReferenceInput } from '../../node/api.js'
import type { Handlers } from '../handler.js'
import type { ledgerMethods } from '../methods/ledger.js'
import type { appendInput } from '../methods/shapes.js'
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
  'ledger.erase': async ({ hashes }, { node }) => ({ appended: await node.erase(hashes) }),
  'ledger.subscribe': async ({ ledger }, { node, subscriptions }) => {
    if (subscriptions === undefined) throw new LedgermeshError('INVALID_REQUEST', 'ledger.subscribe needs an id: its answer names the subscription')
    return { subscription: subscriptions.add(ledger ?? (await node.status()).ledger) }
  },
  'ledger.unsubscribe': async ({ subscription }, { subscriptions }) => ({ unsubscribed: subscriptions?.remove(subscription) ?? false })
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
