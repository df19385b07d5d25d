/** What a checked file says, for a person: in words, with what it does not say. */
import type { VerifiedExport } from '../core/export.js'
import type { LedgerId } from '../core/ledger-id.js'
import type { VerifiedIndexFault } from '../core/lmx1/verify-index-fault.js'
import type { VerifiedAnswer } from '../core/verify-answer.js'
import type { VerifiedEvidence } from '../core/verify-evidence.js'
import type { VerifiedProof } from '../core/verify-proof.js'
import type { LedgerEntry } from '../core/view.js'

/** `text` may be anybody's: it is shown as text, cut at `most` characters. */
export interface Row {
  label: string
  text: string
  most: number
  /** Whose ledger: the page says whether it is one that was named. Never for what authors choose, as a name. */
  isLedger: boolean
}

export interface Finding {
  /** What the file shows, if it speaks of the ledger that is meant. */
  headline: string
  /** Whose ledgers it speaks of. */
  ledgers: LedgerId[]
  rows: Row[]
  /** What it does not show: goes on after these words. */
  limits: string
}

/**
 * Is it about what is meant? `holds`: all ledgers that it speaks of were named; `partly`: some; `another`: none; `unnamed`:
 * no ledger was named.
 */
export type Standing = 'holds' | 'partly' | 'another' | 'unnamed'

export function standing({ ledgers }: Finding, named: readonly LedgerId[]): Standing {
  if (named.length === 0) return 'unnamed'
  const meant = ledgers.filter((ledger) => named.includes(ledger))
  return meant.length === 0 ? 'another' : meant.length === ledgers.length ? 'holds' : 'partly'
}

/** Characters of a name, or of an id. */
const NAME = 64
const HASH = 128
const PAYLOAD = 20_000
/** Sources of an answer, and entries, that are shown one by one. */
const LISTED = 100

export function ofProof({ ledger, network, name, access, size, root, entry }: VerifiedProof): Finding {
  return {
    headline: 'The ledger contains this entry.',
    ledgers: [ledger],
    rows: [
      ledgerRow('ledger', ledger),
      row('its own name', name),
      row('network, access', `${network}, ${access}`),
      row('entry', `${entry.seq}, among the first ${size}`),
      ...entryRows(entry),
      row('hash', entry.hash, HASH),
      row('root', root, HASH)
    ],
    limits:
      'that the key was not retired later, that the author shows everybody the same history, or who is behind the ledger: its name is what its author chose.'
  }
}

export function ofEvidence({ ledger, network, access, kind, seq, id }: VerifiedEvidence): Finding {
  return {
    headline: 'The author of the ledger signed statements that an honest author could not have made together.',
    ledgers: [ledger],
    rows: [
      ledgerRow('ledger', ledger),
      row('network, access', `${network}, ${access}`),
      row('kind', kind),
      row('disputed', `from entry ${seq} on`),
      row('id', id, HASH)
    ],
    limits:
      'which of the statements is the right one, nor why they were made: a fault, a copy that was restored, or fraud.'
  }
}

export function ofExport(checked: VerifiedExport): Finding {
  const { ledger, network, name, access, entries, headHash, payloads, checkpoint } = checked
  return {
    headline: `All ${entries} entries chain, and are signed by keys that were in force.`,
    ledgers: [ledger],
    rows: [
      ledgerRow('ledger', ledger),
      row('its own name', name),
      row('network, access', `${network}, ${access}`),
      row('newest entry', headHash, HASH),
      row('payloads', `${payloads.present} present, ${payloads.absent} absent, ${payloads.none} entries without one`),
      row('checkpoint', checkpoint === null ? 'none' : `over ${checkpoint.size} entries, root ${checkpoint.root}`, HASH)
    ],
    limits: 'how the ledger went on since, or that its author shows everybody the same history.'
  }
}

export function ofIndexFault({ ledger, network, access, fault, index, tree, id }: VerifiedIndexFault): Finding {
  return {
    headline: 'The author of the ledger signed an index that his own entries contradict.',
    ledgers: [ledger],
    rows: [
      ledgerRow('ledger', ledger),
      row('network, access', `${network}, ${access}`),
      row('fault', fault),
      row('index', `entry ${index.seq}, over ${index.size} entries`),
      row('shown in', `the first ${tree.size} entries, root ${tree.root}`, HASH),
      row('id', id, HASH)
    ],
    limits: 'why: a fault of a program, or a lie.'
  }
}

export function ofAnswer({ network, question, entries, sources, proved, complete }: VerifiedAnswer): Finding {
  const { order, ...filter } = question
  return {
    headline: `Each of the ${entries.length} entries is under the checkpoint of its ledger.`,
    ledgers: sources.map(({ ledger }) => ledger),
    rows: [
      row('network', network),
      row('question', `${JSON.stringify(filter)}, ${order}`, PAYLOAD),
      row(
        'complete',
        proved
          ? 'shown: nothing that matches was left out of any of these ledgers'
          : `not shown by this file (its maker says ${complete ? 'yes' : 'no'})`,
        HASH
      ),
      ...sources
        .slice(0, LISTED)
        .flatMap(({ ledger, name, state, entries: count, as_of: tree }) => [
          ledgerRow('asked', ledger),
          row(
            '',
            `${name ?? 'nothing is shown of it'} · ${state}${tree === null ? '' : ` · ${count} among its first ${tree.size} entries`}`,
            HASH
          )
        ]),
      ...entries.slice(0, LISTED).flatMap((entry) => [ledgerRow('found in', entry.ledger), ...entryRows(entry)])
    ],
    limits: 'anything of other ledgers, or of what came later. Names are what authors chose.'
  }
}

function entryRows({ id, stream, type, timestamp, payload, payload_state: state }: LedgerEntry): Row[] {
  return [
    row('id', id, HASH),
    row('stream, type', `${stream}, ${type}`, HASH),
    row('time, by its author', new Date(timestamp).toISOString()),
    row(
      'payload',
      state === 'present' ? JSON.stringify(payload) : state === 'malformed' ? 'malformed' : 'not in the file',
      PAYLOAD
    )
  ]
}

function row(label: string, text: string, most = NAME): Row {
  return { label, text, most, isLedger: false }
}

function ledgerRow(label: string, ledger: LedgerId): Row {
  return { label, text: ledger, most: HASH, isLedger: true }
}
