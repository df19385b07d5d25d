import type { Command } from 'commander'
import { homeFolder, paths, type Paths } from '../config/paths.js'

/** What stands before or after any command. */
export interface Globals {
  json: boolean
  paths: Paths
}

export function globalsOf(command: Command): Globals {
  const { home, json = false } = command.optsWithGlobals<{ home?: string; json?: boolean }>()
  return { json, paths: paths(homeFolder(home)) }
}
