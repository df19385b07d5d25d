/** Reads the memberships in the issuers' ledgers, as far as they are audited, and writes those of the own ledger. */
import { Mutex } from '../../core/mutex.js'
import { LedgermeshError } from '../../core/errors.js'
import type { Hash } from '../../core/hash.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { isPeerIdText } from '../../core/ledger-types.js'
import type { LedgerEntry } from '../../core/view.js'
import type { LedgerReader } from '../../ledger/ledger-reader.js'
import type { Ledgers } from '../../ledger/ledgers.js'
import type { Clock, Log } from '../../ports.js'
import { MEMBERSHIP_REVOCATION_TYPE, MEMBERSHIP_TYPE, MembershipBook } from '../../trust/membership.js'
import type { Appended } from '../api/node.js'
import type { Member } from '../api/access.js'

/** Entries read per step. */
const PAGE = 256
/** How long an issuer's node renews its own membership for; it does so when less than half is left. */
const OWN_TERM_MS = 90 * 24 * 60 * 60 * 1000

/** The part that replicates ledgers. */
export interface Follower {
  isFollowed: (id: LedgerId) => boolean
  follow: (id: LedgerId) => Promise<unknown>
}

/** `next`, `size`, `cuts`: how far the ledger was read, and the size and number of cuts that it had then. */
interface Read {
  book: MembershipBook
  next: number
  size: number
  cuts: number
}

export class Members {
  readonly issuers: readonly LedgerId[]
  readonly #ledgers: Ledgers
  readonly #clock: Clock
  readonly #log: Log
  readonly #read = new Map<LedgerId, Read>()
  readonly #reading = new Mutex()

  constructor(issuers: readonly LedgerId[], { ledgers, clock, log }: { ledgers: Ledgers; clock: Clock; log: Log }) {
    this.#log = log
    this.issuers = issuers
    this.#ledgers = ledgers
    this.#clock = clock
  }

  /** Memberships follow from the issuers' ledgers, which every node of a closed network holds. */
  follow({ isFollowed, follow }: Follower): void {
    for (const id of this.issuers) {
      if (id === this.#ledgers.own.id || isFollowed(id)) continue
      follow(id).catch((error: Error) => {
        this.#log.error(
          { event: 'admission.issuer-not-followed', ledger: id, error: error.message },
          'a membership issuer cannot be followed'
        )
      })
    }
  }

  /** Reads new entries. Cheap when there are none. */
  refresh(): Promise<void> {
    return this.#reading.run(async () => {
      for (const issuer of this.issuers) await this.#readOn(issuer)
    })
  }

  /** member: of at least one issuer; ended: no longer of any. */
  stateOf(peer: string): 'member' | 'ended' | 'unknown' {
    const now = this.#clock.now()
    const states = [...this.#read.values()].map(({ book }) => book.stateOf(peer, now))
    return states.includes('member') ? 'member' : states.includes('ended') ? 'ended' : 'unknown'
  }

  list(): Member[] {
    const now = this.#clock.now()
    return [...this.#read].flatMap(([issuer, { book }]) =>
      book.inForce(now).map(({ peer, expires, hash }) => ({ peer, issuer, expires, hash }))
    )
  }

  /** When, in ms since the epoch, a membership that is in force ends, or this node (`self`) is to renew its own. */
  ends(self: string): number[] {
    const all = this.list()
    const renewed =
      this.#ledgers.hasOwn && this.issuers.includes(this.#ledgers.own.id) ? all.filter(({ peer }) => peer === self) : []
    return [...all.map(({ expires }) => expires), ...renewed.map(({ expires }) => expires - OWN_TERM_MS / 2)]
  }

  /** An entry of the own ledger, which must be an issuer's. Throws INVALID_PARAMS. */
  async admit(peer: string, expires: number): Promise<Appended> {
    const own = this.#ownIssuer()
    if (!isPeerIdText(peer)) throw new LedgermeshError('INVALID_PARAMS', 'that is no peer id')
    if (expires <= this.#clock.now()) throw new LedgermeshError('INVALID_PARAMS', 'a membership ends in the future')
    const [membership] = await own.appendReserved([
      { stream: 'trust', type: MEMBERSHIP_TYPE, meta: { peer_id: peer, expires } }
    ])
    await this.refresh()
    return membership!
  }

  /** Revokes all memberships of the peer that the own ledger gave. Throws NOT_FOUND when none is in force. */
  async expel(peer: string): Promise<Hash[]> {
    const own = this.#ownIssuer()
    await this.refresh()
    const revoked = (this.#read.get(own.id)?.book.inForce(this.#clock.now(), peer) ?? []).map(({ hash }) => hash)
    if (revoked.length === 0)
      throw new LedgermeshError('NOT_FOUND', `${peer} has no membership of this ledger in force`)
    await own.appendReserved(
      revoked.map((membership) => ({ stream: 'trust', type: MEMBERSHIP_REVOCATION_TYPE, meta: { membership } }))
    )
    await this.refresh()
    return revoked
  }

  /** The issuer's own node is a member like all others: it writes its own membership. */
  async admitSelf(peer: string): Promise<void> {
    const { own } = this.#ledgers
    if (!this.issuers.includes(own.id) || own.signer !== 'ready') return
    const now = this.#clock.now()
    const held = this.#read.get(own.id)?.book.inForce(now, peer) ?? []
    if (held.every(({ expires }) => expires < now + OWN_TERM_MS / 2)) await this.admit(peer, now + OWN_TERM_MS)
  }

  #ownIssuer(): Ledgers['own'] {
    const { own } = this.#ledgers
    if (!this.issuers.includes(own.id))
      throw new LedgermeshError(
        'INVALID_PARAMS',
        'this ledger is no issuer of memberships: ask one of the issuers in the configuration'
      )
    return own
  }

  async #readOn(issuer: LedgerId): Promise<void> {
    const ledger = this.#ledgers.get(issuer)
    const [end, size, cuts] =
      ledger === undefined ? [0, 0, 0] : [Math.min(ledger.believed, ledger.audited), ledger.size, ledger.cuts]
    const known = this.#read.get(issuer)
    if (known?.next === end && known.size === size && known.cuts === cuts) return
    // After a freeze or a cut: entries read above that point no longer count, and another branch is read from its
    // beginning.
    const read =
      known === undefined || end < known.next || known.cuts !== cuts ? { book: new MembershipBook(), next: 0 } : known
    if (ledger !== undefined) {
      for (const entry of await entriesOf(ledger, [MEMBERSHIP_TYPE, MEMBERSHIP_REVOCATION_TYPE], read.next, end))
        read.book.note(entry)
      // An expelled peer stays expelled, whether the entry is audited or not, disputed or not (R6).
      read.book.restrict(await entriesOf(ledger, [MEMBERSHIP_REVOCATION_TYPE], end, size))
    }
    this.#read.set(issuer, { book: read.book, next: end, size, cuts })
  }
}

async function entriesOf(
  ledger: LedgerReader,
  types: readonly string[],
  from: number,
  end: number
): Promise<LedgerEntry[]> {
  const found: LedgerEntry[] = []
  for (const type of types) {
    for (let next: number | null = from; next !== null && next < end;) {
      const page: { entries: LedgerEntry[]; next: number | null } = await ledger.pageOfAll({ type, limit: PAGE }, next)
      found.push(...page.entries.filter(({ seq }) => seq < end))
      next = page.next
    }
  }
  return found.toSorted((a, b) => a.seq - b.seq)
}
