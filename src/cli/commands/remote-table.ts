/** The commands that are one call over the socket. Their options and help come from the method table. */
import type { MethodName, Methods } from '../../rpc/methods/index.js'
import type { ResultOf } from '../../rpc/method.js'
import type { LedgerEntry } from '../../core/view.js'
import { showBytes, showCount, showTime } from '../format.js'
import { showPairs } from '../pairs.js'
import { showAdoption, showAdoptions } from '../views/adopt-view.js'
import { showMembers, showRefusals } from '../views/access-view.js'
import { showIndexFaults } from '../views/answer-view.js'
import { showAliases, showAliasSet } from '../views/alias-view.js'
import { showVerification } from '../views/check-view.js'
import { showEntry } from '../views/entry-view.js'
import { showDisk } from '../views/disk-view.js'
import { showErasures } from '../views/erasures-view.js'
import { showDiscovery, showRegistered } from '../views/discovery-view.js'
import { showJobs } from '../views/jobs-view.js'
import { showPeers } from '../views/network-view.js'
import { showInvitation, showOffers, showPush, showRemotes, showReplicas, showState } from '../views/push-view.js'
import { showFollowed, showReferences, showReferenceStates } from '../views/reference-view.js'
import { showRules } from '../views/rule-view.js'
import { showSyncStatuses } from '../views/sync-view.js'
import { showNewToken, showTokens } from '../views/token-view.js'
import { showAttestations, showExplanation, showHints, showTrustLevel } from '../views/trust-view.js'

export interface RemoteCommand {
  name: string
  method: MethodName
  /** Params that are arguments; the others are options. */
  args: string[]
  show: (result: never) => string
  /** Did it find what is wrong? Then the exit code is 1. */
  bad?: (result: never) => boolean
  /** The ledger that it should be known of: a warning when it is not, and what can be done then. */
  about?: (result: never) => { ledger: string; then: string }
  /** It prints what belongs into a file: lines as they are, in whatever width. */
  forFile?: boolean
}

function command<Name extends MethodName>(
  name: string,
  method: Name,
  args: string[],
  show: (result: ResultOf<Methods[Name]>) => string,
  bad?: (result: ResultOf<Methods[Name]>) => boolean
): RemoteCommand {
  return { name, method, args, show, ...(bad === undefined ? {} : { bad }) }
}

/** What was signed, in full: the id that a short name stood for. */
function said({ meta }: Pick<LedgerEntry, 'meta'>, member: string): string {
  return typeof meta[member] === 'string' ? meta[member] : '?'
}

export const REMOTE_COMMANDS: RemoteCommand[] = [
  command('append', 'ledger.append', [], ({ entry, existing, confirmed, waiting }) =>
    [
      existing ? 'Was there already.' : 'Appended.',
      showEntry(entry),
      ...(confirmed === undefined || waiting === undefined ? [] : [showReplicas({ confirmed, waiting })])
    ].join('\n')
  ),
  command('get', 'ledger.get', ['id'], ({ entry }) => showEntry(entry)),
  command('head', 'ledger.head', [], (head) =>
    showPairs([
      ['ledger', head.ledger],
      ['size', showCount(head.size, 'entry')],
      ['newest', showTime(head.timestamp)],
      ['hash', head.hash],
      ['root', head.root]
    ])
  ),
  { ...command('checkpoint', 'ledger.checkpoint', [], ({ note }) => note.trimEnd()), forFile: true },
  command('override', 'ledger.override', [], (status) => showSyncStatuses([status])),
  {
    ...command('consistency', 'ledger.consistency', ['size1', 'size2'], (proof) => JSON.stringify(proof)),
    forFile: true
  },
  { ...command('prove', 'ledger.prove', ['id'], (proof) => JSON.stringify(proof)), forFile: true },
  command('erase', 'ledger.erase', ['hashes'], ({ appended }) =>
    appended.length === 0
      ? 'Nothing to erase: these entries have no payload, or it is already erased.'
      : `Erasure recorded (${appended.map(({ entry }) => `entry ${entry.seq}`).join(', ')}): every holder deletes the payloads.`
  ),
  command('erasures', 'ledger.erasures', [], showErasures),
  command('references', 'ledger.references', ['id'], showReferences),
  command('reference-states', 'ledger.referenceStates', [], showReferenceStates),
  command('trace', 'network.followReferences', ['id'], showFollowed),
  command('trace-across', 'network.fetchReferences', ['id'], showFollowed),
  command('verify-entry', 'ledger.verifyEntry', ['id'], showVerification, ({ valid }) => !valid),
  command('unfollow', 'sync.unfollow', ['ledger'], ({ forgotten }) =>
    forgotten ? 'Unfollowed; its entries are deleted.' : 'Unfollowed; its entries are kept.'
  ),
  command('sync', 'sync.status', ['ledger'], ({ ledgers }) => showSyncStatuses(ledgers)),
  command(
    'pull',
    'sync.pull',
    ['ledger'],
    (status) => showSyncStatuses([status]),
    ({ status }) => status === 'stalled'
  ),
  command('pause', 'sync.pause', ['ledger'], (status) => showSyncStatuses([status])),
  command('resume', 'sync.resume', ['ledger'], (status) => showSyncStatuses([status])),
  command('adopt start', 'sync.adopt', ['ledger'], showAdoption),
  command('adopt list', 'sync.adoptions', [], ({ adoptions }) => showAdoptions(adoptions)),
  command('adopt status', 'sync.adoptions', ['ledger'], ({ adoptions }) =>
    adoptions.length === 0 ? showAdoptions([]) : adoptions.map(showAdoption).join('\n\n')
  ),
  command('adopt stop', 'sync.stopAdopting', ['ledger'], showAdoption),
  { ...command('metrics', 'node.metrics', [], ({ text }) => text.trimEnd()), forFile: true },
  command('disk', 'node.disk', [], showDisk),
  command(
    'compact',
    'node.compact',
    [],
    ({ before, after }) => `The store took ${showBytes(before)}, and takes ${showBytes(after)}.`
  ),
  command('jobs', 'sync.jobs', ['ledger'], ({ jobs }) => showJobs(jobs)),
  command('remotes list', 'sync.remotes', [], ({ remotes }) => showRemotes(remotes)),
  command('remotes add', 'sync.addRemote', ['ledger'], (remote) => showRemotes([remote])),
  command('remotes update', 'sync.updateRemote', ['ledger'], (remote) => showRemotes([remote])),
  command(
    'remotes remove',
    'sync.removeRemote',
    ['ledger'],
    ({ ledger }) => `Removed remote ${ledger}; its entries are kept.`
  ),
  command(
    'sync-with',
    'sync.bidirectional',
    ['remote'],
    ({ pull, push }) => `${showSyncStatuses([pull])}\n\n${showPush(push)}`
  ),
  command('state', 'sync.state', [], showState),
  command('state retry', 'sync.retryState', [], ({ retried }) => `Retrying ${showCount(retried, 'entry')}.`),
  command('state clear', 'sync.clearState', [], ({ cleared }) => `${showCount(cleared, 'entry')} will not be retried.`),
  command('offers list', 'sync.offers', [], ({ offers }) => showOffers(offers)),
  command('offers accept', 'sync.acceptOffer', ['ledger'], ({ ledger }) => `${ledger} is followed.`),
  command('offers dismiss', 'sync.dismissOffer', ['ledger'], ({ ledger }) => `Dismissed the offer of ${ledger}.`),
  command(
    'offers block',
    'sync.blockOffers',
    ['ledger'],
    ({ ledger }) => `Refused ${ledger} to the peers that offered it.`
  ),
  command('invite', 'sync.invite', [], showInvitation),
  command('rule list', 'sync.rules', [], ({ rules }) => showRules(rules)),
  command(
    'rule set',
    'sync.setRule',
    ['rule'],
    ({ name, complete }) => `Rule ${name} is active${complete ? '.' : '; stored entries are being checked.'}`
  ),
  command('rule remove', 'sync.removeRule', ['name'], ({ removed }) => `Removed rule ${removed} and its conflicts.`),
  {
    ...command('voided', 'sync.voided', ['ledger'], ({ entries }) =>
      entries.map((entry) => JSON.stringify(entry)).join('\n')
    ),
    forFile: true
  },
  command('discover', 'network.discover', [], showDiscovery),
  command('register', 'network.register', ['registryPeer'], ({ registered }) => showRegistered(registered)),
  command(
    'authorize-node',
    'network.authorizeNode',
    ['peerId'],
    ({ entry }) =>
      `Authorized ${said(entry, 'peer_id')} to speak for the ledger (entry ${entry.seq}); it needs "speaksFor": "${entry.ledger}" in its config.json.`
  ),
  command(
    'revoke-node',
    'network.revokeNode',
    ['peerId'],
    ({ entry }) => `${said(entry, 'peer_id')} no longer speaks for the ledger (entry ${entry.seq}).`
  ),
  command('peers', 'network.peers', [], ({ peers }) => showPeers(peers)),
  command('connect', 'network.connect', ['address'], (peer) => showPeers([peer])),
  command(
    'disconnect',
    'network.disconnect',
    ['peer'],
    ({ disconnected }) => `Disconnected ${disconnected}. It may come back: \`deny\` in config.json keeps it away.`
  ),
  command('members', 'network.members', [], showMembers),
  command(
    'admit',
    'network.admit',
    ['peer'],
    ({ entry }) => `Admitted ${said(entry, 'peer_id')} (entry ${entry.seq}).`
  ),
  command(
    'expel',
    'network.expel',
    ['peer'],
    ({ peer, revoked }) =>
      `Expelled ${peer}: ${showCount(revoked.length, 'membership')} revoked. Connected nodes drop it as soon as they hear of it.`
  ),
  command('refusals', 'network.refusals', [], showRefusals),
  command('token create', 'tokens.create', ['name'], showNewToken),
  command('token list', 'tokens.list', [], ({ tokens }) => showTokens(tokens)),
  command('token revoke', 'tokens.revoke', ['name'], ({ name }) => `Revoked the access token ${name}: it ends now.`),
  command('index-faults', 'network.indexFaults', [], showIndexFaults),
  command(
    'pardon-index',
    'network.pardonIndex',
    ['ledger'],
    ({ ledger, pardoned }) => `${showCount(pardoned.length, 'index fault')} of ${ledger} pardoned.`
  ),
  command('alias set', 'alias.set', ['alias', 'ledger'], showAliasSet),
  command('alias list', 'alias.list', [], ({ aliases }) => showAliases(aliases)),
  command('alias remove', 'alias.remove', ['alias'], ({ alias, ledger }) => `Removed alias ${alias} of ${ledger}.`),
  {
    ...command(
      'trust attest',
      'trust.attest',
      ['ledger', 'levelMilli'],
      ({ entry }) => `Attested ${said(entry, 'subject')}.\n${showEntry(entry)}`
    ),
    about: attested
  },
  command(
    'trust revoke',
    'trust.revoke',
    [],
    ({ entry }) => `Revoked attestation ${said(entry, 'attestation')} (entry ${entry.seq}).`
  ),
  command(
    'trust accept',
    'trust.accept',
    ['attestation'],
    ({ entry }) => `Accepted attestation ${said(entry, 'attestation')} (entry ${entry.seq}).`
  ),
  command(
    'trust verify',
    'trust.verify',
    ['attestation'],
    ({ entry }) => `Verification of attestation ${said(entry, 'attestation')} recorded in entry ${entry.seq}.`
  ),
  command('trust level', 'trust.level', ['to'], showTrustLevel, ({ level_milli: level }) => level === 0),
  command('trust chain', 'trust.verifyChain', ['to'], showExplanation, ({ valid }) => !valid),
  command('trust explain', 'trust.explain', ['to'], showExplanation),
  command('trust find', 'trust.find', [], ({ attestations }) => showHints(attestations)),
  command('trust list', 'trust.list', [], ({ attestations }) => showAttestations(attestations))
]

function attested({ entry }: ResultOf<Methods['trust.attest']>): { ledger: string; then: string } {
  return { ledger: said(entry, 'subject'), then: 'The attestation stays until `npx ledgermesh trust revoke` ends it.' }
}
