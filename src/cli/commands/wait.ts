import { setTimeout as delay } from 'node:timers/promises'
import { Option, type Command } from 'commander'
import { isCoded, LedgermeshError } from '../../core/errors.js'
import { readSpan } from '../../rpc/quantities.js'
import { EXIT_NOT_REACHABLE, EXIT_REFUSED } from '../failure.js'
import { globalsOf, type Globals } from '../globals.js'
import { answer } from '../print.js'
import { withClient } from '../with-client.js'

const STAGES = ['answers', 'ready', 'synced'] as const
type Stage = (typeof STAGES)[number]

/** Milliseconds between two looks. */
const POLL_MS = 200

/** For unit files and scripts: what comes after a start. */
export function addWaitCommand(program: Command): void {
  const command = program
    .command('wait')
    .description(
      'Wait until the node of this home answers, is ready to append, or has all that it follows. Exit code 0: so it is; 1: it answers, and is not so far; 2: it does not answer.'
    )
    .addOption(new Option('--until <stage>', 'Default: ready.').choices([...STAGES]))
    .option('--timeout <span>', 'How long at most: 90s, 5min. Default: for as long as it takes.')
  command.action(async () => {
    const globals = globalsOf(command)
    const { until = 'ready', timeout } = command.opts<{ until?: Stage; timeout?: string }>()
    const deadline = timeout === undefined ? Infinity : Date.now() + readSpan(timeout)
    for (;;) {
      const missing = await missingFor(globals, until)
      if (missing === null) break
      if (Date.now() >= deadline) {
        answer(globals.json, { reached: false, until, ...missing }, () => `Not yet: ${missing.why}.`)
        process.exitCode = missing.answers ? EXIT_REFUSED : EXIT_NOT_REACHABLE
        return
      }
      await delay(POLL_MS)
    }
    answer(globals.json, { reached: true, until }, () => SAID[until])
  })
}

const SAID: Record<Stage, string> = {
  answers: 'The node answers.',
  ready: 'The node is ready.',
  synced: 'The node is ready, and has all that it follows.'
}

/** Null: nothing. Throws what waiting does not mend. */
async function missingFor(globals: Globals, until: Stage): Promise<{ answers: boolean; why: string } | null> {
  try {
    return await withClient(globals, async (client) => {
      if (until === 'answers') return null
      const { own } = await client.call('node.status', {})
      if (own.state !== 'ready') return { answers: true, why: `its own ledger is ${own.state}` }
      if (until === 'ready') return null
      const { ledgers } = await client.call('sync.status', {})
      const open = ledgers.filter(({ status }) => status !== 'synced')
      return open.length === 0 ? null : { answers: true, why: `${open.length} of ${ledgers.length} are not synced` }
    })
  } catch (error) {
    if (error instanceof LedgermeshError && (isCoded(error, 'NODE_UNREACHABLE') || isCoded(error, 'NO_ANSWER')))
      return { answers: false, why: error.message }
    throw error
  }
}
