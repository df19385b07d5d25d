import type { Mutation } from '../mutation.js'

export const JUDGE: readonly Mutation[] = [
  {
    part: 'judge',
    rule: "a timeout is nobody's fault (I5)",
    file: 'src/core/verdict.js',
    from: "TIMEOUT: 'line'",
    to: "TIMEOUT: 'made up'",
    probe: 'storm',
    seed: 2
  },
  {
    part: 'judge',
    rule: 'being busy is never punished (I5)',
    file: 'src/core/verdict.js',
    from: "OVERLOADED: 'busy'",
    to: "OVERLOADED: 'made up'",
    probe: 'storm',
    seed: 5
  },
  {
    part: 'judge',
    rule: "what does not link may be its author's fork (I5)",
    file: 'src/core/verdict.js',
    from: "store: { ...ASKED, unlinked: 'ignore',",
    to: 'store: { ...ASKED,',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'judge',
    rule: 'who makes it up is dropped (I5)',
    file: 'src/core/verdict.js',
    from: "'made up': 'drop',\n    unsigned: 'drop',\n    unlinked: 'drop',\n    elsewhere",
    to: "'made up': 'ignore',\n    unsigned: 'ignore',\n    unlinked: 'ignore',\n    elsewhere",
    probe: 'liars',
    seed: 1
  }
]
