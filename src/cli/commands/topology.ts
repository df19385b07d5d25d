import { Option, type Command } from 'commander'
import { TOPOLOGY_FORMATS, type TopologyFormat } from '../../node/api/topology.js'
import { METHODS } from '../../rpc/methods/index.js'
import { globalsOf } from '../globals.js'
import { answer, printLine } from '../print.js'
import { showTopology } from '../views/topology-view.js'
import { withClient } from '../with-client.js'

/** Drawn in the terminal, or as text for other programs. */
export function addTopologyCommand(program: Command): void {
  const command = program
    .command('topology')
    .description(METHODS['network.topology'].summary)
    .addOption(
      new Option('--format <format>', 'tree for this terminal; dot for Graphviz, mermaid, gexf for Gephi, json.')
        .choices(['tree', ...TOPOLOGY_FORMATS])
        .default('tree')
    )
  command.action(async () => {
    const globals = globalsOf(command)
    const { format } = command.opts<{ format: 'tree' | TopologyFormat }>()
    const { export: exported, ...topology } = await withClient(globals, (client) =>
      client.call('network.topology', format === 'tree' ? {} : { format })
    )
    if (exported !== null) await printLine(exported.text.trimEnd())
    else answer(globals.json, topology, () => showTopology(topology))
  })
}
