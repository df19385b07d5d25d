/** Decides: the branch of a frozen ledger (b…), or a conflict between entries (c…). */
import type { Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerClient } from '../../rpc/client.js'
import { METHODS } from '../../rpc/methods/index.js'
import type { GivenTo } from '../../rpc/method.js'
import { showCount } from '../format.js'
import { globalsOf } from '../globals.js'
import { optionKey, valueOf } from '../param-option.js'
import { answer } from '../print.js'
import { showEntryConflict } from '../views/entry-conflict-view.js'
import { showSyncStatuses } from '../views/sync-view.js'
import { withClient } from '../with-client.js'

const FORK = METHODS['sync.resolve']
const CONFLICT = /^c[0-9a-f]{4,32}$/

interface Options {
  key?: string
  choose?: string
  merged?: string
  none?: true
  merge?: true
  note?: string
}

export function addResolveCommand(program: Command): void {
  const command = program
    .command('resolve')
    .description('Accepts the branch of a rotation in a frozen ledger, or decides a conflict between entries.')
    .argument('<ledger|conflict>', 'A frozen ledger, or a conflict: c and 4 digits or more of its id.')
    .option('--key <text>', FORK.params.find(({ name }) => name === 'key')!.summary)
    .option('--choose <number>', 'Of a conflict: the entry to keep, by its number in `conflicts show`, or by its hash.')
    .option('--merged <json|@file>', 'Of a conflict: the payload of a new own entry that replaces them.')
    .option('--none', 'Of a conflict: keep none of its entries.')
    .option('--merge', "Of a conflict: by the rule's method, now.")
    .option('--note <text>', 'Of a conflict: why, public and for ever.')
  command.action(async () => {
    const globals = globalsOf(command)
    const options = command.opts<Options>()
    const what = String(command.processedArgs[0])
    await withClient(globals, async (client) => {
      if (!CONFLICT.test(what)) {
        const { status, voided } = await client.call('sync.resolve', {
          ledger: what,
          ...(options.key !== undefined && { key: options.key })
        })
        const said =
          voided === 0
            ? 'Accepted.'
            : `Accepted the branch of the rotation; ${showCount(voided, 'disputed entry')} voided (\`ledgermesh voided ${status.ledger}\`).`
        return answer(globals.json, { status, voided }, () => `${said}\n${showSyncStatuses([status])}`)
      }
      const decided = await client.call('sync.resolveEntry', await decisionOf(client, what, options))
      answer(globals.json, decided, () => showEntryConflict(decided.view))
    })
  })
}

/** The entries that are shown now are those that the decision is about. */
async function decisionOf(
  client: LedgerClient,
  conflict: string,
  options: Options
): Promise<GivenTo<(typeof METHODS)['sync.resolveEntry']>> {
  const view = await client.call('sync.view', { conflict })
  const hashes = view.siblings.map(({ entry }) => entry.hash)
  const { choose, merged, none, merge, note } = options
  const mergedParam = METHODS['sync.resolveEntry'].params.find((param) => optionKey(param) === 'merged')!
  return {
    conflict: view.conflict,
    ...(view.count === hashes.length && { expect: hashes }),
    ...(note !== undefined && { note }),
    ...(choose !== undefined && { choose: chosenOf(choose, hashes) }),
    ...(merged !== undefined && { merged: valueOf({ ...mergedParam }, merged) as never }),
    ...(none !== undefined && { none }),
    ...(merge !== undefined && { merge })
  }
}

function chosenOf(given: string, hashes: string[]): string {
  if (!/^\d{1,3}$/.test(given)) return given
  const hash = hashes[Number(given) - 1]
  if (hash === undefined)
    throw new LedgermeshError('INVALID_PARAMS', `there are ${hashes.length} entries: choose 1 to ${hashes.length}`)
  return hash
}
