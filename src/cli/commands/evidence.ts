import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { LedgermeshError } from '../../core/errors.js'
import { isLedgerId } from '../../core/ledger-id.js'
import { METHODS } from '../../rpc/methods/index.js'
import { globalsOf } from '../globals.js'
import { showEvidence } from '../views/check-view.js'
import { withClient } from '../with-client.js'

/** Lists evidence; --export writes one file of it, byte for byte. */
export function addEvidenceCommand (program: Command): void {
  const command = program.command('evidence').description(METHODS['evidence.list'].summary)
    .argument('[ledger-or-file]', 'Only evidence against this ledger; with --export: the file to write.')
    .option('--export <id>', 'Write the evidence with this id (or its beginning) to a file that `ledgermesh verify` checks offline.')
  command.action(async (given?: string) => {
    const globals = globalsOf(command)
    const { export: id } = command.opts<{ export?: string }>()
    if (id !== undefined && given === undefined) throw new LedgermeshError('INVALID_PARAMS', '--export needs the file to write: `ledgermesh evidence --export <id> <file>`')
    if (id === undefined && given !== undefined && !isLedgerId(given)) throw new LedgermeshError('INVALID_PARAMS', 'that is not a ledger id')
    const { evidence } = await withClient(globals, (client) => client.call('evidence.list', id === undefined && given !== undefined ? { ledger: given } : {}))
    if (id === undefined) {
      console.log(globals.json ? JSON.stringify({ evidence }) : showEvidence(evidence))
      return
    }
    const matching = evidence.filter((one) => one.id.startsWith(id))
    if (matching.length !== 1) throw new LedgermeshError(matching.length === 0 ? 'NOT_FOUND' : 'INVALID_PARAMS', `${matching.length === 0 ? 'no' : 'more than one'} evidence here has an id that starts with ${id}`)
    writeFileSync(given!, matching[0]!.evidence)
    console.log(globals.json ? JSON.stringify({ id: matching[0]!.id, file: given }) : `Written to ${given!}. Check it anywhere with \`npx ledgermesh verify ${given!}\`.`)
  })
}
