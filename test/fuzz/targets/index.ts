/** The table: every decoder of bytes or text that a peer, a socket, a file or the disk can hand us. */
import type { Target } from '../target.js'
import { conflictTargets } from './conflicts.js'
import { coreTargets } from './core.js'
import { fileTargets } from './files.js'
import { nodeTargets } from './node.js'
import { storeTargets } from './store.js'
import { wireTargets } from './wire.js'

export const TARGETS: readonly Target[] = [
  ...coreTargets,
  ...conflictTargets,
  ...wireTargets,
  ...nodeTargets,
  ...fileTargets,
  ...storeTargets
]
