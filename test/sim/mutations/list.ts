/**
 * Rules that a simulated network must miss when they are broken, and the seed that did, or the test of the part itself
 * where no network tells the difference: `node dist/scripts/soak/mutations.js` breaks them one by one.
 */
import type { Probe } from './probes.js'

export type Mutation = Broken & CaughtBy

export interface Broken {
  /** Of the code. */
  part: string
  /** What is broken. */
  rule: string
  /** Under dist. */
  file: string
  /** Built code that stands there once, and what takes its place. */
  from: string
  to: string
}

/** Who notices: a seed of a simulated network, or a test file (its path under dist). */
export type CaughtBy = { probe: Probe; seed: number } | { test: string }

const REPLICATION = 'src/node/replication'
const FORKS = 'src/node/forks'
const TESTS = 'test/node'

export const MUTATIONS: readonly Mutation[] = [
  {
    part: 'head asker',
    rule: 'a frozen ledger is asked for with what is undisputed',
    file: `${REPLICATION}/head-asker.js`,
    from: 'Math.min(size, this.#init.ledgers.get(ledger)?.visible ?? size)',
    to: 'size',
    probe: 'key fork',
    seed: 3
  },
  {
    part: 'head asker',
    rule: 'a peer that has the same has the ledger',
    file: `${REPLICATION}/head-asker.js`,
    from: 'if (hash != null)',
    to: 'if (false)',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'Effects',
    rule: 'a fetch that failed says whose fault it was',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'batch-failed', fetch, ...failure });",
    to: "this.dispatch({ type: 'batch-failed', fetch, ...failure, fault: 'none' });",
    probe: 'liars',
    seed: 2
  },
  {
    part: 'head check',
    rule: "a head by a key that is not the ledger's is no claim",
    file: `${REPLICATION}/head-check.js`,
    from: 'if (ledger.chain?.key === key)',
    to: 'if (true)',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'head check',
    rule: 'who has more than a frozen ledger is looked behind',
    file: `${REPLICATION}/head-check.js`,
    from: '                this.#behind(peer, ledger);',
    to: '',
    probe: 'robbery',
    seed: 1
  },
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
    part: 'fork triage',
    rule: 'two signed entries of one seq are evidence (I4)',
    file: `${FORKS}/fork-tracker.js`,
    from: 'return signed ? await this.#twoEntries(ledger, theirs)',
    to: 'return signed ? false',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'fork triage',
    rule: 'evidence that names no first difference is looked into',
    file: `${REPLICATION}/head-check.js`,
    from: 'await this.#init.forks.findEarlierFork(peer, ledger);',
    to: '',
    probe: 'storm',
    seed: 19
  },
  {
    part: 'fork triage',
    rule: 'evidence that is told is heard',
    file: `${FORKS}/fork-tracker.js`,
    from: 'return (await this.#init.court.hear(ledger, proven',
    to: 'return (false && await this.#init.court.hear(ledger, proven',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'court',
    rule: 'evidence that comes before anything is held is kept (R1)',
    file: `${FORKS}/evidence-court.js`,
    from: 'early: true',
    to: 'early: undefined',
    probe: 'key fork',
    seed: 1
  },
  {
    part: 'court',
    rule: 'who took another branch is not firm any more',
    file: `${FORKS}/evidence-court.js`,
    from: 'standing.replaced();\n            await ledger.acceptBranch',
    to: 'await ledger.acceptBranch',
    probe: 'robbery',
    seed: 1
  },
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
  },
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
  },
  {
    part: 'Effects',
    rule: 'a batch that failed is reported',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'batch-failed', fetch, ...failure });",
    to: '',
    probe: 'liars',
    seed: 1
  },
  {
    part: 'Effects',
    rule: 'a range that was not stored is reported',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'store-failed', ledger, fetch, code });",
    to: '',
    probe: 'scene',
    seed: 9
  },
  {
    part: 'head asker',
    rule: 'a head exchange that failed is reported',
    file: `${REPLICATION}/head-asker.js`,
    from: "answered({ type: 'heads-failed', peer, ledgers: rest, ...failureOf(error) }, rest);",
    to: '',
    probe: 'scene',
    seed: 5
  },
  {
    part: 'Effects',
    rule: 'who is to be dropped is dropped',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'this.#init.peerNetwork.drop(effect.peer, effect.code);',
    to: '',
    probe: 'liars',
    seed: 1
  },
  {
    part: 'Effects',
    rule: 'who says that our head is the newest is heard',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'this.#init.onConfirmed(effect.ledger);',
    to: '',
    probe: 'scene',
    seed: 6
  },
  {
    part: 'Effects',
    rule: 'early evidence is judged with the first entries (R1)',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'await this.#init.court.first(ledger, entries, payloadStates)',
    to: 'await ledger.ingest(entries, { payloadStates })',
    probe: 'scene',
    seed: 10
  },
  {
    part: 'head check',
    rule: 'a head is signed by the key that it names',
    file: `${REPLICATION}/head-check.js`,
    from: "throw new LedgermeshError('BAD_SIGNATURE', 'a head that is not signed by its key');",
    to: ';',
    probe: 'scene',
    seed: 1
  },
  {
    part: 'head check',
    rule: 'a head is of the ledger that was asked for',
    file: `${REPLICATION}/head-check.js`,
    from: 'if (ledgerOf(entry) !== head.ledger)',
    to: 'if (false)',
    probe: 'scene',
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
    part: 'engine',
    rule: 'what is stored is audited',
    file: `${REPLICATION}/sync-engine.js`,
    from: 'this.heads.onStored(ledger);\n        this.#audit.wake();',
    to: 'this.heads.onStored(ledger);',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'judgement',
    rule: 'sync hears of a freeze',
    file: `${REPLICATION}/judgement-effects.js`,
    from: "dispatch({ type: 'evidence', ledger: ledger.id, size, keyFork: keyFork === true });",
    to: '',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'judgement',
    rule: 'sync goes on when a freeze has ended',
    file: `${REPLICATION}/judgement-effects.js`,
    from: 'again(ledger);\n        //',
    to: '//',
    probe: 'robbery',
    seed: 1
  },
  {
    part: 'payload backfill',
    rule: 'the next peer is asked',
    file: `${REPLICATION}/payload-backfill.js`,
    from: 'for (const peer of peers)',
    to: 'for (const peer of peers.slice(0, 1))',
    probe: 'storm',
    seed: 1
  },
  {
    part: 'payload backfill',
    rule: 'sync hears how many are missing (I6)',
    file: `${REPLICATION}/payload-backfill.js`,
    from: 'this.#init.onRound(ledger, missing, peers.length > 0);',
    to: '',
    probe: 'storm',
    seed: 2
  },
  {
    part: 'fetch-verified',
    rule: 'a range starts where it was asked to',
    file: `${REPLICATION}/fetch-verified.js`,
    from: 'if (entries[0]?.header.seq !== from)',
    to: 'if (false)',
    test: `${TESTS}/replication/fetch-verified.test.js`
  },
  {
    part: 'Effects',
    rule: 'a fork that was not found is reported',
    file: `${REPLICATION}/sync-effects.js`,
    from: "this.dispatch({ type: 'fork-not-found', ledger: id, peer, fault });",
    to: '',
    test: `${TESTS}/replication/sync-effects.test.js`
  },
  {
    part: 'Effects',
    rule: 'a fetch ends in time',
    file: `${REPLICATION}/sync-effects.js`,
    from: 'const cancel = abortAfter(this.#init.clock, FETCH_TIMEOUT_MS, abort);',
    to: 'const cancel = () => { };',
    test: `${TESTS}/replication/sync-effects.test.js`
  },
  {
    part: 'head asker',
    rule: 'a head exchange ends in time',
    file: `${REPLICATION}/head-asker.js`,
    from: 'const cancel = abortAfter(this.#init.clock, HEADS_TIMEOUT_MS, abort);',
    to: 'const cancel = () => { };',
    test: `${TESTS}/replication/sync-effects.test.js`
  },
  {
    part: 'head check',
    rule: 'what a retired key signs is no claim (R1)',
    file: `${REPLICATION}/head-check.js`,
    from: 'if (await this.#isRetired(ledger, key))',
    to: 'if (false)',
    test: `${TESTS}/replication/head-check.test.js`
  },
  {
    part: 'head check',
    rule: 'a key history that does not continue ours says nothing (R1)',
    file: `${REPLICATION}/head-check.js`,
    from: '(held === null || continues(held, shown.history.keys))',
    to: 'true',
    test: `${TESTS}/replication/head-check.test.js`
  },
  {
    part: 'look behind',
    rule: 'what is pulled ends with the rotation whose signature was checked',
    file: `${FORKS}/look-behind.js`,
    from: 'if (chain.headHash !== rotation.hash)',
    to: 'if (false)',
    test: `${TESTS}/forks/look-behind.test.js`
  },
  {
    part: 'look behind',
    rule: 'a peer hands over what it was asked for',
    file: `${FORKS}/look-behind.js`,
    from: 'if (first?.header.seq !== from || ledgerOf(first) !== ledger.id || entries.length > count)',
    to: 'if (false)',
    test: `${TESTS}/forks/look-behind.test.js`
  },
  {
    part: 'judgement',
    rule: 'who is connected is told of evidence (I4)',
    file: `${REPLICATION}/judgement-effects.js`,
    from: 'peerNetwork.tellEvidence(ledger, evidence);',
    to: '',
    test: `${TESTS}/replication/judgement-effects.test.js`
  },
  {
    part: 'judgement',
    rule: 'who is frozen by the same evidence is told when it has ended',
    file: `${REPLICATION}/judgement-effects.js`,
    from: 'peerNetwork.tellHead(ledger);',
    to: ';',
    test: `${TESTS}/replication/judgement-effects.test.js`
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

/** Throws unless what is to be broken stands there once. */
export function broken(text: string, { part, rule, from, to }: Mutation): string {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`${part}: ${rule}: stands there ${parts.length - 1} times`)
  return parts.join(to)
}
