/** A head becomes a claim only when its bytes, its signature and its key hold: a stranger's self-signed head is no claim at all. */
import type { WireHead } from '../../protocols/wire.js'
import { decodeUtf8, parseText } from '../core/canonical.js'
import { keyInForce, verifyKeyEntries } from '../core/chain.js'
import { decodeEntry, entryHash, ledgerOf, type Entry } from '../core/entry.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { isInteger, isObject } from '../core/grammar.js'
import { fromHex, isHash, type Hash } from '../core/hash.js'
import type { LedgerId } from '../core/ledger-id.js'
import { signingInput } from '../core/signature.js'
import type { Mirror } from '../ledger/mirror.js'
import type { Ledgers } from '../ledger/ledgers.js'
import type { Log } from '../ports.js'
import type { PeerHead } from '../sync/types.js'
import { isLie } from './failure.js'
import { CheckpointWatch } from './checkpoint-watch.js'
import type { ForkWatch } from './fork-watch.js'
import type { Mesh } from './mesh.js'
import type { Verifier } from './verifier.js'

const KEYS_TIMEOUT_MS = 10_000
/** For asking a peer what it has of our own ledger, and for looking into the answer. */
const OWN_TIMEOUT_MS = 15_000

export interface HeadCheckInit {
  mesh: Mesh
  ledgers: Ledgers
  verifier: Verifier
  forks: ForkWatch
  log: Log
  /** A peer showed an own entry that is not here: nothing is signed until it is (I2). */
  onRestoring: () => void
}

/** What a head says of itself, also when only a newer version can read all of it. */
interface Shown { seq: number, key: string, hash: Hash, entry: Entry | null }

export class HeadCheck {
  readonly #init: HeadCheckInit
  readonly #checkpoints: CheckpointWatch

  constructor (init: HeadCheckInit) {
    this.#init = init
    this.#checkpoints = new CheckpointWatch(init)
  }

  /** More of the ledger is stored: a checkpoint that was shown earlier may be confirmed by now. */
  stored (ledger: Mirror): void {
    this.#checkpoints.grown(ledger).catch((error: Error) => { this.#init.log.error({ ledger: ledger.id, error: error.message }, 'a checkpoint could not be compared') })
  }

  /** I2: a mirror may hold more of the own ledger than this node, when it runs on an older copy of its folder. */
  askForOwn (peer: string): void {
    const { mesh, ledgers: { own }, log } = this.#init
    const ask = async (): Promise<void> => {
      if (!mesh.rights.mayHear(peer, own)) return
      const signal = AbortSignal.timeout(OWN_TIMEOUT_MS)
      const { heads } = await mesh.askHeads(peer, [{ ledger: own.id, size: own.visible }], signal)
      await this.check(peer, heads, signal)
    }
    ask().catch((error: Error) => { log.debug({ peer, error: error.message }, 'a peer was not asked for our own ledger') })
  }

  /** The heads that are claims, and the ledgers that `signal` left no time for. A forged head costs the peer its connection; evidence and conflicts go their way. */
  async check (peer: string, heads: WireHead[], signal: AbortSignal): Promise<{ claims: PeerHead[], unchecked: LedgerId[] }> {
    const claims: PeerHead[] = []
    for (const [i, head] of heads.entries()) {
      const ledger = this.#init.ledgers.get(head.ledger)
      if (ledger === undefined) continue
      if (signal.aborted) return { claims, unchecked: heads.slice(i).map((left) => left.ledger) }
      try {
        if (head.evidence !== null) await this.#init.forks.evidence(peer, head.ledger, head.evidence)
        const shown = await this.#read(peer, ledger, head)
        if (shown !== null && await this.#isClaim(peer, ledger, shown)) claims.push({ ledger: ledger.id, size: shown.seq + 1, hash: shown.hash })
        if (head.checkpoint !== null) await this.#checkpoints.saw(peer, ledger, head.checkpoint)
      } catch (error) {
        if (isLie(error) || isCoded(error, 'WRONG_NETWORK')) {
          this.#init.log.warn({ peer, ledger: head.ledger, error: error.message }, 'a peer sent a head that does not hold')
          this.#init.mesh.drop(peer, error.code)
          break
        }
        const known = isCoded(error, 'OVERLOADED') || isCoded(error, 'UPGRADE_NEEDED') || isCoded(error, 'CLOSED')
        if (!known) this.#init.log.error({ peer, ledger: head.ledger, error: (error as Error).message }, 'a head could not be checked')
      }
    }
    return { claims, unchecked: [] }
  }

  /** A well-signed head: is its key the ledger's at that seq? What contradicts an entry that we hold is a conflict instead. */
  async isClaim (peer: string, ledger: Mirror, entry: Entry): Promise<boolean> {
    return await this.#isClaim(peer, ledger, { ...entry.header, hash: entry.hash, entry })
  }

  async #isClaim (peer: string, ledger: Mirror, { seq, key, hash, entry }: Shown): Promise<boolean> {
    if (ledger.frozenAt !== null && seq >= ledger.visible) {
      if (seq >= ledger.frozenAt) await this.#init.forks.older(peer, ledger)
      return seq < ledger.frozenAt
    }
    if (seq < ledger.size && await ledger.hashAt(seq) === hash) return true
    if (ledger.own && entry !== null) await this.#ownEntry(entry)
    if (seq < ledger.size) {
      if (entry !== null) await this.#init.forks.conflict(peer, ledger, entry)
      return false
    }
    const links = entry === null || seq !== ledger.size || ledger.size === 0 || entry.header.prev_hash === ledger.headHash
    if (entry !== null && (!links || seq > ledger.size) && await this.#init.forks.rules.link(peer, ledger, entry)) return false
    if (ledger.chain?.key === key) return true
    // What a key signs after the chain that we hold has retired it, continues nothing.
    if (await this.#isRetired(ledger, key)) return false
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

  async #isRetired (ledger: Mirror, key: string): Promise<boolean> {
    return (await ledger.keyEntries()).some((raw) => decodeEntry({ ...raw, payload: null }).header.key === key)
  }

  /** I2: a valid own entry that is not here, or not this one, ends signing. */
  async #ownEntry (entry: Entry): Promise<void> {
    const { own } = this.#init.ledgers
    if (await own.sawOwnEntry(entry) !== 'known' && own.signer === 'restoring') this.#init.onRestoring()
  }

  /** Throws what proves that the peer made it up. null: the author made it, against the rules. */
  async #read (peer: string, ledger: Mirror, head: WireHead): Promise<Shown | null> {
    const verify = this.#init.verifier.forPeer(peer)
    let shown: Shown
    try {
      const entry = decodeEntry({ header: head.header, signature: head.signature, payload: null })
      if (ledgerOf(entry) !== head.ledger) throw new LedgermeshError('WRONG_LEDGER', 'a head of another ledger')
      shown = { seq: entry.header.seq, key: entry.header.key, hash: entry.hash, entry }
    } catch (error) {
      if (isCoded(error) && error.code !== 'UPGRADE_NEEDED' && await this.#init.forks.rules.header(peer, ledger, head)) return null
      if (!isCoded(error, 'UPGRADE_NEEDED')) throw error
      shown = newerHead(head) ?? await Promise.reject(error)
    }
    if (!await verify(fromHex(shown.key), signingInput('entry', head.header), head.signature)) throw new LedgermeshError('BAD_SIGNATURE', 'a head that is not signed by its key')
    return shown
  }
}

/** A head of a newer version that still says where it stands: then there is more, although this version cannot read it. */
function newerHead ({ ledger, header, signature }: WireHead): Shown | null {
  const value = parseText(decodeUtf8(header))
  if (!isObject(value) || value.ledger !== ledger || !isInteger(value.seq, Number.MAX_SAFE_INTEGER - 1) || !isHash(value.key)) return null
  return { seq: value.seq, key: value.key, hash: entryHash({ header, signature }), entry: null }
}
