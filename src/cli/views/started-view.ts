import { homeFolder } from '../../config/paths.js'
import { showPairs } from '../pairs.js'

/** What `start` says when the socket serves; with --json exactly this. */
export interface Started {
  ledger: string
  name: string
  access: 'public' | 'private'
  network: string
  peerId: string
  addrs: string[]
  home: string
  socket: string
  created: boolean
}

export function showStarted({ ledger, name, access, network, addrs, home, socket, created }: Started): string {
  const lines = [
    created ? 'A new ledger was made, and its node is running.' : 'The node is running.',
    showPairs([
      ['ledger', ledger],
      ['name', `${name} (${access})`],
      ['network', network],
      ...addrs.map((addr): [string, string] => ['address', addr]),
      ['home', home],
      ['socket', socket]
    ]),
    '',
    'Try in another terminal:',
    ...(home === homeFolder() ? [] : [`  export LEDGERMESH_HOME=${home}`]),
    '  npx ledgermesh status',
    '  npx ledgermesh append --stream notes --type note --payload \'"hello"\'',
    '  npx ledgermesh query --stream notes',
    '  npx ledgermesh discover'
  ]
  if (addrs.length > 0) lines.push(`Others reach this node with:\n  npx ledgermesh connect ${addrs.at(-1)!}`)
  return lines.join('\n')
}
