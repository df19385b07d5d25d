/** The commands that are one call over the socket. Their options and help come from the method table. */
import type { MethodName, Methods } from '../../rpc/methods/index.js'
import type { ResultOf } from '../../rpc/method.js'
import { showCount, showPairs, showTime } from '../format.js'
import { showMembers, showRefusals } from '../views/access-view.js'
import { showHealth, showVerification } from '../views/check-view.js'
import { showConflicts } from '../views/conflict-view.js'
import { showEntry } from '../views/entry-view.js'
import { showErasures } from '../views/erasures-view.js'
import { showDiscovery, showRegistered } from '../views/discovery-view.js'
import { showLedgers, showPeers } from '../views/network-view.js'
import { showSyncStatuses } from '../views/sync-view.js'
import { showAttestations, showExplanation, showHints, showTrustLevel } from '../views/trust-view.js'

export interface RemoteCommand {
  name: string
  method: MethodName
  /** Params that are arguments; the others are options. */
  args: string[]
  show: (result: never) => string
  /** Did it find what is wrong? Then the exit code is 1. */
  bad?: (result: never) => boolean
}

function command<Name extends MethodName> (name: string, method: Name, args: string[], show: (result: ResultOf<Methods[Name]>) => string, bad?: (result: ResultOf<Methods[Name]>) => boolean): RemoteCommand {
  return { name, method, args, show, ...(bad === undefined ? {} : { bad }) }
}

export const REMOTE_COMMANDS: RemoteCommand[] = [
  command('append', 'ledger.append', [], ({ entry, existing }) => `${existing ? 'Was there already.' : 'Appended.'}\n${showEntry(entry)}`),
  command('get', 'ledger.get', ['id'], ({ entry }) => showEntry(entry)),
  command('head', 'ledger.head', [], (head) => showPairs([
    ['ledger', head.ledger], ['size', showCount(head.size, 'entry')], ['newest', showTime(head.timestamp)], ['hash', head.hash], ['root', head.root]])),
  command('checkpoint', 'ledger.checkpoint', [], ({ note }) => note.trimEnd()),
  command('override', 'ledger.override', [], (status) => showSyncStatuses([status])),
  command('consistency', 'ledger.consistency', ['size1', 'size2'], (proof) => JSON.stringify(proof)),
  command('prove', 'ledger.prove', ['id'], (proof) => JSON.stringify(proof)),
  command('erase', 'ledger.erase', ['hashes'], ({ appended }) => appended.length === 0
    ? 'There is nothing to erase: these entries have no payload, or it is erased already.'
    : `Every holder deletes the payloads from now on: ${appended.map(({ entry }) => `entry ${entry.seq}`).join(', ')} says so.`),
  command('erasures', 'ledger.erasures', [], showErasures),
  command('verify-entry', 'ledger.verifyEntry', ['id'], showVerification, ({ valid }) => !valid),
  command('unfollow', 'sync.unfollow', ['ledger'], ({ forgotten }) => forgotten ? 'Unfollowed, and what was held is deleted.' : 'Unfollowed; what is held stays.'),
  command('sync', 'sync.status', ['ledger'], ({ ledgers }) => showSyncStatuses(ledgers)),
  command('pull', 'sync.pull', ['ledger'], (status) => showSyncStatuses([status]), ({ status }) => status === 'stalled'),
  command('pause', 'sync.pause', ['ledger'], (status) => showSyncStatuses([status])),
  command('resume', 'sync.resume', ['ledger'], (status) => showSyncStatuses([status])),
  command('conflicts', 'sync.conflicts', ['ledger'], showConflicts),
  command('resolve', 'sync.resolve', ['ledger'], ({ status, voided }) => `Accepted the branch of the rotation; ${showCount(voided, 'disputed entry')} gave way to it (\`ledgermesh voided ${status.ledger}\`).\n${showSyncStatuses([status])}`),
  command('voided', 'sync.voided', ['ledger'], ({ entries }) => entries.map((entry) => JSON.stringify(entry)).join('\n')),
  command('ledgers', 'network.ledgers', [], ({ ledgers }) => showLedgers(ledgers)),
  command('discover', 'network.discover', [], showDiscovery),
  command('register', 'network.register', ['registryPeer'], ({ registered }) => showRegistered(registered)),
  command('locate', 'network.getLedger', ['ledger'], ({ ledger }) => showLedgers([ledger])),
  command('authorize-node', 'network.authorizeNode', ['peerId'], ({ entry }) => `From entry ${entry.seq} on, this node speaks for the ledger; it needs "speaksFor": "${entry.ledger}" in its config.json.`),
  command('revoke-node', 'network.revokeNode', ['peerId'], ({ entry }) => `From entry ${entry.seq} on, this node speaks for the ledger no more.`),
  command('find', 'network.findLedgers', [], ({ ledgers }) => showLedgers(ledgers)),
  command('peers', 'network.peers', [], ({ peers }) => showPeers(peers)),
  command('connect', 'network.connect', ['address'], (peer) => showPeers([peer])),
  command('members', 'network.members', [], showMembers),
  command('admit', 'network.admit', ['peer'], ({ entry }) => `Admitted; entry ${entry.seq} says so.`),
  command('expel', 'network.expel', ['peer'], ({ revoked }) => `Expelled: ${showCount(revoked.length, 'membership')} revoked. Connected nodes drop it as soon as they hear of it.`),
  command('refusals', 'network.refusals', [], showRefusals),
  command('trust attest', 'trust.attest', ['ledger', 'levelMilli'], ({ entry }) => `Attested.\n${showEntry(entry)}`),
  command('trust revoke', 'trust.revoke', [], ({ entry }) => `Revoked: entry ${entry.seq} says so.`),
  command('trust accept', 'trust.accept', ['attestation'], ({ entry }) => `Accepted: entry ${entry.seq} says so.`),
  command('trust verify', 'trust.verify', ['attestation'], ({ entry }) => `Said in entry ${entry.seq}.`),
  command('trust level', 'trust.level', ['to'], showTrustLevel, ({ level_milli: level }) => level === 0),
  command('trust chain', 'trust.verifyChain', ['to'], showExplanation, ({ valid }) => !valid),
  command('trust explain', 'trust.explain', ['to'], showExplanation),
  command('trust find', 'trust.find', [], ({ attestations }) => showHints(attestations)),
  command('trust list', 'trust.list', [], ({ attestations }) => showAttestations(attestations)),
  command('health', 'node.health', [], showHealth, ({ healthy }) => !healthy)
]
