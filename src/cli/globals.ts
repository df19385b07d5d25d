import { resolve } from 'node:path'
import type { Command } from 'commander'
import { homeFolder, paths, type Paths } from '../config/paths.js'

/** What stands before or after any command. */
export interface Globals {
  json: boolean
  paths: Paths
  /** Where the node is spoken to: `--socket`, else $LEDGERMESH_SOCKET, else the socket in the home. */
  socket: string
}

export function globalsOf(command: Command): Globals {
  const { home, json = false, socket } = command.optsWithGlobals<{ home?: string; json?: boolean; socket?: string }>()
  const files = paths(homeFolder(home))
  const given = socket ?? process.env.LEDGERMESH_SOCKET
  return { json, paths: files, socket: given === undefined || given === '' ? files.socket : resolve(given) }
}
