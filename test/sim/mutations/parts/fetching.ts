import type { Mutation } from '../mutation.js'

const REPLICATION = 'src/node/replication'

export const FETCHING: readonly Mutation[] = [
  {
    part: 'fetch-verified',
    rule: 'a range chains and ends in a valid signature (I3)',
    file: `${REPLICATION}/fetch-verified.js`,
    from: '        await verifyRange(ledger, entries, verify);\n    }\n    catch (error) {\n        const good',
    to: '    }\n    catch (error) {\n        const good',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'fetch-verified',
    rule: 'an end that is not signed needs a signature behind it',
    file: `${REPLICATION}/fetch-verified.js`,
    from: 'if (!(await isAuthenticatedBehind(ledger, entries, behind, verify)))',
    to: 'if (false)',
    probe: 'scene',
    seed: 4
  },
  {
    part: 'fetch-verified',
    rule: 'a signature behind it is enough (I4)',
    file: `${REPLICATION}/fetch-verified.js`,
    from: 'if (!(await isAuthenticatedBehind(ledger, entries, behind, verify)))',
    to: 'if (true)',
    probe: 'scene',
    seed: 8
  },
  {
    part: 'fetch-verified',
    rule: 'a range starts where it was asked to',
    file: `${REPLICATION}/fetch-verified.js`,
    from: 'if (entries[0]?.header.seq !== from)',
    to: 'if (false)',
    test: 'test/node/replication/fetch-verified.test.js'
  }
]
