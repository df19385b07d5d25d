/** A head becomes a claim only when its bytes, its signature and its key hold: a stranger's self-signed head is no claim at all. */
import type { WireHead } from '../../protocols/wire.js'
import { keyInForce, verifyKeyEntries } from '../core/chain.js'
import { decodeEntry, ledgerOf, verifyEntrySignature, type Entry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Log } from '../ports.js'
import type { PeerHead } from '../sync/types.js'
import type { ForkWatch } from './fork-watch.js'
import type { Mesh } from './mesh.js'
import type { Verifier } from './verifier.js'

const KEYS_TIMEOUT_MS = 10_000

export interface HeadCheckInit { mesh: Mesh, ledgers: Ledgers, verifier: Verifier, forks: ForkWatch, log: Log }

export class HeadCheck {
  readonly #init: HeadCheckInit

  constructor (init: HeadCheckInit) {
    this.#init = init
  }

  /** The heads that are claims. One that is forged costs the peer its connection; evidence and conflicts go their way. */
  async check (peer: string, heads: WireHead[]): Promise<PeerHead[]> {
    const claims: PeerHead[] = []
    for (const head of heads) {
      const ledger = this.#init.ledgers.get(head.ledger)
      if (ledger === undefined) continue
      try {
        if (head.evidence !== null) await this.#init.forks.evidence(peer, head.ledger, head.evidence)
        const entry = decodeEntry({ header: head.header, signature: head.signature, payload: null })
        if (ledgerOf(entry) !== head.ledger) throw new LedgermeshError('WRONG_LEDGER', 'a head of another ledger')
        if (!await verifyEntrySignature(entry, this.#init.verifier.forPeer(peer))) throw new LedgermeshError('BAD_SIGNATURE', 'a head that is not signed by its key')
        if (await this.isClaim(peer, ledger, entry)) claims.push({ ledger: ledger.id, size: entry.header.seq + 1, hash: entry.hash })
      } catch (error) {
        if (isCoded(error, 'OVERLOADED') || isCoded(error, 'UPGRADE_NEEDED') || isCoded(error, 'CLOSED')) continue
        this.#init.log.warn({ peer, ledger: head.ledger, error: (error as Error).message }, 'a peer sent a head that does not hold')
        this.#init.mesh.drop(peer, isCoded(error) ? error.code : 'MALFORMED')
        break
      }
    }
    return claims
  }

  /** A well-signed head: is its key the ledger's at that seq? What contradicts an entry that we hold is a conflict instead. */
  async isClaim (peer: string, ledger: Mirror, entry: Entry): Promise<boolean> {
    const { seq, key } = entry.header
    if (seq < ledger.size) {
      if (await ledger.hashAt(seq) === entry.hash) return true
      await this.#init.forks.conflict(peer, ledger, entry)
      return false
    }
    if (ledger.chain?.key === key) return true
    // A rotation that we have not seen, or a ledger of which we hold nothing: the peer can show the key entries.
    try {
      const shown = await this.#init.mesh.fetchKeyEntries(peer, ledger.id, AbortSignal.timeout(KEYS_TIMEOUT_MS))
      const history = await verifyKeyEntries(ledger.id, shown.map((raw) => decodeEntry({ ...raw, payload: null })), this.#init.verifier.forPeer(peer))
      return keyInForce(history, seq) === key
    } catch (error) {
      this.#init.log.debug({ peer, ledger: ledger.id, error: (error as Error).message }, 'the key of a head could not be shown to be in force')
      return false
    }
  }
}
