import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const ENGINE: readonly Mutation[] = [
  {
    part: 'engine',
    rule: 'what is stored is audited',
    file: `${REPLICATION}/sync-engine.js`,
    from: 'this.heads.onStored(ledger);\n        this.#audit.wake();',
    to: 'this.heads.onStored(ledger);',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'engine',
    rule: 'what was stored and not judged is judged after a restart (R1)',
    file: `${REPLICATION}/sync-engine.js`,
    from: 'this.#review(ledger);\n        this.#audit.wake();',
    to: 'void ledger;\n        this.#audit.wake();',
    probe: 'scene',
    seed: 11
  }
]
