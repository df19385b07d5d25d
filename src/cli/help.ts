/** The help of the whole command: what belongs together stands together. */
import type { Command } from 'commander'

/** Every command is in one of these, in this order. */
export const GROUPS: Record<string, string[]> = {
  'This node:': ['init', 'start', 'wait', 'stop', 'status', 'doctor', 'config', 'disk', 'compact', 'metrics', 'id'],
  'Write and read entries:': [
    'append',
    'import',
    'query',
    'get',
    'references',
    'reference-states',
    'trace',
    'trace-across',
    'erase',
    'erasures'
  ],
  'Find others:': ['ledgers', 'discover', 'peers', 'connect', 'disconnect', 'register', 'topology', 'events', 'alias'],
  'Follow other ledgers:': ['follow', 'unfollow', 'adopt', 'sync', 'pull', 'pause', 'resume'],
  'Push to others, and let them:': ['remotes', 'push', 'sync-with', 'jobs', 'state', 'offers', 'invite'],
  'Trust, and who may read:': [
    'trust',
    'access',
    'refusals',
    'members',
    'admit',
    'expel',
    'authorize-node',
    'revoke-node'
  ],
  'Check and prove:': ['verify', 'verify-entry', 'prove', 'head', 'checkpoint', 'consistency', 'export', 'publish'],
  'When something is wrong:': [
    'evidence',
    'index-faults',
    'pardon-index',
    'conflicts',
    'resolve',
    'rule',
    'voided',
    'override',
    'fsck',
    'backup',
    'keys'
  ],
  'For programs:': ['rpc', 'token', 'sink']
}

export const HELP_END = `
Ledgers, entries and peers are named by their id, by the beginning of it (8
characters or more), or a ledger by its name (when it is followed) or an alias.
Times: 2026-03-01, 2026-03-01T12:00:00Z, 7d, 12h. Levels: 0.8 or 800.

Examples:
  npx ledgermesh start --detach --name acme
  npx ledgermesh append --stream notes --type note --payload '"hello"'
  npx ledgermesh discover
  npx ledgermesh follow btb23jloigqa --wait
  npx ledgermesh query --ledger acme --stream orders --from 7d
  npx ledgermesh trust attest acme 0.8 --kind full --expires 90d

Exit codes: 0 ok, 1 refused by the node, 2 node not reachable, 3 usage.`

/** Of every command: narrow columns are wrapped too, and a list of commands has their names alone. */
export const HELP_STYLE = { minWidthToWrap: 20, subcommandTerm: (command: Command): string => command.name() }

/** A command says on one line what it is for; its own help says the rest. */
export function groupCommands(program: Command): void {
  const headings = new Map(
    Object.entries(GROUPS).flatMap(([heading, names]) => names.map((name) => [name, heading] as const))
  )
  const order = [...headings.keys()]
  for (const command of program.commands) {
    command.helpGroup(headings.get(command.name()) ?? 'Other:').summary(firstSentence(command.description()))
  }
  program.configureHelp({
    ...HELP_STYLE,
    visibleCommands: ({ commands }) => commands.toSorted((a, b) => order.indexOf(a.name()) - order.indexOf(b.name()))
  })
}

function firstSentence(text: string): string {
  return /^.*?[.;:](?= |$)/.exec(text)?.[0].replace(/[;:]$/, '.') ?? text
}
