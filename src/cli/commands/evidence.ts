import type { Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import { METHODS } from '../../rpc/methods/index.js'
import { globalsOf } from '../globals.js'
import { ofPrivateLedger } from '../of-private-ledger.js'
import { writeOutput } from '../output-file.js'
import { showEvidence } from '../views/check-view.js'
import { withClient } from '../with-client.js'
import { answer } from '../print.js'

/** Lists evidence; --export writes one file of it, byte for byte. */
export function addEvidenceCommand(program: Command): void {
  const command = program
    .command('evidence')
    .description(METHODS['evidence.list'].summary)
    .argument('[ledger-or-file]', 'Only evidence against this ledger; with --export: the file to write.')
    .option(
      '--export <id>',
      'Write the evidence with this id (or its beginning) to a file that `ledgermesh verify` checks offline.'
    )
  command.action(async (given?: string) => {
    const globals = globalsOf(command)
    const { export: id } = command.opts<{ export?: string }>()
    if (id !== undefined && given === undefined)
      throw new LedgermeshError(
        'INVALID_PARAMS',
        '--export needs the file to write: `ledgermesh evidence --export <id> <file>`'
      )
    const { evidence } = await withClient(globals, (client) =>
      client.call('evidence.list', id === undefined && given !== undefined ? { ledger: given } : {})
    )
    if (id === undefined) {
      answer(globals.json, { evidence }, () => showEvidence(evidence))
      return
    }
    const matching = evidence.filter((one) => one.id.startsWith(id))
    if (matching.length === 0)
      throw new LedgermeshError('NOT_FOUND', `no evidence here has an id that starts with ${id}`)
    if (matching.length > 1)
      throw new LedgermeshError('AMBIGUOUS', `${id} is the beginning of ${matching.length} ids of evidence`, {
        candidates: matching.map((one) => ({ id: one.id, ledger: one.ledger })),
        more: 0
      })
    const file = matching[0]!.evidence
    await writeOutput(given!, file, { ownerOnly: ofPrivateLedger(file) })
    answer(
      globals.json,
      { id: matching[0]!.id, file: given },
      () => `Written to ${given!}. Check it anywhere with \`npx ledgermesh verify ${given!}\`.`
    )
  })
}
