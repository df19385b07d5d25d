import type { Mutation } from '../mutation.js'

export const AUDIT: readonly Mutation[] = [
  {
    part: 'audit',
    rule: 'every signature is checked (I3)',
    file: 'src/node/signatures/audit.js',
    from: 'const bad = valid.indexOf(false);',
    to: 'const bad = -1;',
    probe: 'storm',
    seed: 11
  },
  {
    part: 'audit',
    rule: "a bad one is its author's fault, and told",
    file: 'src/node/signatures/audit.js',
    from: 'await this.#init.onFailed(ledger, from + bad);',
    to: '',
    probe: 'storm',
    seed: 11
  },
  {
    part: 'audit',
    rule: 'a freeze while it waits for a pause is no damage',
    file: 'src/node/signatures/audit.js',
    from: 'if (from >= ledger.visible)',
    to: 'if (false)',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'audit',
    rule: 'woken again it runs again',
    file: 'src/node/signatures/audit.js',
    from: 'this.#running ??= this.#run().finally(() => {\n            this.#running = null;\n        });',
    to: 'this.#running ??= this.#run();',
    probe: 'storm',
    seed: 2
  }
]
