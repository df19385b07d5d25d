/** What fsck finds, by name. */
import type { LedgerId } from '../../core/ledger-id.js'

/**
 * Each kind of damage, and its repair: `rebuild`: the data is derived, and `fsck --rebuild` makes it again; `pull`:
 * `fsck --rebuild` takes it out, and sync pulls it again from other nodes; `operator`: only a person can decide (see
 * `ADVICE`).
 */
export const DAMAGES = {
  'unreadable-database': 'rebuild',
  schema: 'rebuild',
  'ledger-row': 'rebuild',
  'dangling-keys': 'rebuild',
  'unreadable-range': 'operator',
  'unreadable-state': 'rebuild',
  'wrong-state': 'rebuild',
  'missing-index': 'rebuild',
  'wrong-index': 'rebuild',
  'missing-tree-node': 'rebuild',
  'wrong-tree-node': 'rebuild',
  'wrong-checkpoint': 'rebuild',
  'unreadable-follow': 'rebuild',
  'unreadable-standing': 'rebuild',
  'unreadable-rule': 'rebuild',
  'wrong-claims': 'rebuild',
  'unreadable-remote': 'rebuild',
  'unreadable-flow': 'rebuild',
  'unreadable-adoption': 'rebuild',
  'wrong-feed': 'rebuild',
  'erased-payload-held': 'rebuild',
  'damaged-payload': 'pull',
  'torn-mirror': 'pull',
  'damaged-entry': 'pull',
  'invalid-entry': 'pull',
  'torn-own': 'operator',
  'damaged-own-entry': 'operator',
  'missing-evidence': 'operator',
  'unreadable-mark': 'operator',
  'mark-missing': 'operator',
  'mark-ahead': 'operator',
  'mark-differs': 'operator',
  'mark-of-another-ledger': 'operator'
} as const satisfies Record<string, 'rebuild' | 'pull' | 'operator'>

export type DamageKind = keyof typeof DAMAGES
export type Repair = (typeof DAMAGES)[DamageKind]

const PULL_OWN =
  'Put back a backup of the home folder but keep the present signer.json: the node signs nothing until what it lacks is pulled back from its mirrors. ' +
  'Without a backup, and if another node follows this ledger: move the db folder away and start the node; it pulls the ledger back.'
const WAITS =
  'Nothing is broken by starting the node: it signs nothing until its own ledger is pulled back from its mirrors (RESTORING).'

const NO_MARK =
  'Without its mark the node signs nothing. Put the newest copy of signer.json back; the one of a backup (signer.json.at-backup) only if nothing was signed since.'

/** What the operator has to do. */
export const ADVICE: Partial<Record<DamageKind, string>> = {
  'unreadable-range':
    'The disk or the file is broken: save a copy of the folder, then run fsck --rebuild on a healthy disk.',
  'unreadable-rule': 'fsck --rebuild takes the rule out: set it again.',
  'torn-own': PULL_OWN,
  'damaged-own-entry': PULL_OWN,
  'missing-evidence': 'The ledger stays frozen; the evidence comes again from any node that has it.',
  'unreadable-mark': `Put the newest copy of signer.json back, or take it away. ${NO_MARK}`,
  'mark-missing': NO_MARK,
  'mark-ahead': WAITS,
  'mark-differs': WAITS,
  'mark-of-another-ledger': 'This signer.json, or this db folder, belongs to another home: put the right one back.'
}

export interface Damage {
  kind: DamageKind
  repair: Repair
  /** null: the store as a whole. */
  ledger: LedgerId | null
  /** null: no single entry is meant. */
  seq: number | null
  detail: string
  /** Advice for the operator; null when fsck --rebuild is all that is needed. */
  advice: string | null
}

/** Damages of one kind in one ledger that are listed individually; all are counted. */
const LISTED = 100

/** Collects damages: all are counted, the first hundred of a kind and ledger are named. */
export class DamageList {
  readonly listed: Damage[] = []
  readonly #counts = new Map<string, number>()
  total = 0

  add(kind: DamageKind, ledger: LedgerId | null, seq: number | null, detail: string): void {
    const at = `${kind} ${ledger ?? ''}`
    const count = (this.#counts.get(at) ?? 0) + 1
    this.#counts.set(at, count)
    this.total++
    if (count <= LISTED)
      this.listed.push({ kind, repair: DAMAGES[kind], ledger, seq, detail, advice: ADVICE[kind] ?? null })
  }

  /** Damages of a ledger that are of one of these kinds. */
  has(ledger: LedgerId | null, ...kinds: DamageKind[]): boolean {
    return kinds.some((kind) => this.#counts.has(`${kind} ${ledger ?? ''}`))
  }

  counts(): { kind: DamageKind; ledger: LedgerId | null; count: number }[] {
    return [...this.#counts].map(([at, count]) => {
      const [kind, ledger] = at.split(' ') as [DamageKind, string]
      return { kind, ledger: ledger === '' ? null : ledger, count }
    })
  }
}
