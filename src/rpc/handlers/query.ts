import { LedgermeshError } from '../../core/errors.js'
import type { CountQuestion, EntryFilter } from '../../node/api/query.js'
import type { JsonObject } from '../../core/canonical.js'
import type { Handlers } from '../handler.js'
import type { ParamsOf } from '../method.js'
import type { queryMethods } from '../methods/query.js'

export const queryHandlers: Handlers<typeof queryMethods> = {
  'network.query': async ({ aggregate = true, file, need, order, limit, cursor, ...asked }, { node }) => {
    const answer = await node.network.query({ ...questionOf(asked), file, need, order, limit, cursor })
    return {
      ...answer,
      aggregated: aggregate ? answer.aggregated : [],
      // an answer file is JSON throughout; its interfaces have no index signature, which JsonObject asks for
      file: answer.file as unknown as JsonObject | null
    }
  },
  'network.count': async (asked, { node }) => await node.network.count(questionOf(asked)),
  'network.indexFaults': async (_params, { node }) => ({ faults: await node.network.indexFaults() }),
  'network.pardonIndex': async ({ ledger }, { node }) => ({ ledger, pardoned: await node.network.pardonIndex(ledger) })
}

function questionOf(asked: ParamsOf<(typeof queryMethods)['network.count']>): CountQuestion {
  const { ledgers, held, minTrustMilli, deadline, refers_to: target, refers_to_id: entryId, ...rest } = asked
  if (target === undefined && entryId !== undefined)
    throw new LedgermeshError('INVALID_PARAMS', 'refers_to_id is the id of an entry of refers_to: name that ledger')
  if (ledgers !== undefined && held === true)
    throw new LedgermeshError('INVALID_PARAMS', 'give ledgers or held, not both')
  const filters: EntryFilter = {
    ...rest,
    ...(target === undefined ? {} : { refers_to: { ledger: target, entry_id: entryId } })
  }
  return { filters, ledgers: ledgers ?? (held === true ? 'held' : undefined), minTrustMilli, deadlineMs: deadline }
}
