/** Lets the operator end a freeze after a rotation (I4, R1): finds the branch that can be accepted, and accepts it. */
import { keyHash, keyEpoch } from '../../core/chain.js'
import type { Entry } from '../../core/entry.js'
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import { Standing } from '../../core/standing.js'
import type { HeldLedger } from '../../ledger/held-ledger.js'
import type { Log } from '../../ports.js'
import type { EvidenceCourt } from './evidence-court.js'
import type { LookBehind, Target } from './look-behind.js'
import { rotationsOffered } from './rotation-branch.js'

/** Peers that are asked for the rotation when the evidence does not contain it. */
const MAX_ASKED = 16

export interface ResolveInit {
  /** Connected peers that may know of the ledger. */
  peersFor: (ledger: LedgerId) => string[]
  court: EvidenceCourt
  behind: LookBehind
  log: Log
}

/**
 * Cuts the ledger where the branch of the rotation diverges from the held entries, and continues with the rotation.
 * Returns the number of voided entries. `pin` (hex): the key that is in force on the owner's branch, or that this
 * branch commits to; needed when a key signed two rotations. Throws READ_ONLY for the own ledger, NOT_FROZEN, or
 * NO_ROTATION when there is no such branch, or more than one.
 */
export async function acceptRotation(init: ResolveInit, ledger: HeldLedger, pin: string | null): Promise<number> {
  const { court, log } = init
  if (ledger.own)
    throw new LedgermeshError('READ_ONLY', 'the own ledger has no branches to choose from: only its key signs it')
  if (ledger.frozen === null) {
    if (court.standing(ledger).facts.doubtedFrom === null)
      throw new LedgermeshError('NOT_FROZEN', `there is no evidence that freezes ${ledger.id}`)
    await court.trustAgain(ledger)
    return 0
  }
  const { frozenAt } = ledger
  const voided = (await fromEvidence(init, ledger, pin)) ?? (await fromPeers(init, ledger, pin))
  log.warn(
    { event: 'fork.rotation-accepted', ledger: ledger.id, voided, pin, was: frozenAt, frozenAt: ledger.frozenAt },
    'the operator accepted the branch of a key rotation'
  )
  return voided
}

/** The rotation in the evidence itself, right after the undisputed entries. Null: there is none. */
async function fromEvidence(
  { court, behind }: ResolveInit,
  ledger: HeldLedger,
  pin: string | null
): Promise<number | null> {
  const offered = (await rotationsOffered(ledger, await court.kept(ledger))).filter(
    (rotation) => pin === null || leadsTo(rotation, pin)
  )
  if (offered.length > 1) throw twoRotations(ledger)
  const [rotation] = offered
  if (rotation === undefined) return null
  return await behind.put(ledger, rotation, { pin })
}

/** The evidence may be older than the rotation: a peer that holds the branch has both. */
async function fromPeers(
  { peersFor, court, behind, log }: ResolveInit,
  ledger: HeldLedger,
  pin: string | null
): Promise<number> {
  // The operator's decision counts only when there is such a branch: until then the standing is unchanged.
  const facts = court.standing(ledger).facts
  const standing = new Standing({ ...facts, pin: pin ?? facts.pin })
  const found = new Map<string, { peer: string; target: Target }>()
  for (const peer of peersFor(ledger.id).slice(0, MAX_ASKED)) {
    try {
      const target = await behind.target(peer, ledger, standing, true)
      if (target !== null && !found.has(target.rotation.hash)) found.set(target.rotation.hash, { peer, target })
    } catch (error) {
      log.debug(
        { event: 'fork.rotation-not-found', peer, ledger: ledger.id, error: (error as Error).message },
        'a peer did not return the key rotation'
      )
    }
  }
  const [one] = found.values()
  if (one === undefined)
    throw new LedgermeshError(
      'NO_ROTATION',
      `neither the evidence against ${ledger.id} nor a connected peer shows a rotation by the key that its undisputed entries commit to`
    )
  if (found.size > 1) throw twoRotations(ledger)
  return await behind.take(one.peer, ledger, one.target, { pin })
}

function leadsTo(rotation: Entry, pin: string): boolean {
  return rotation.header.key === pin || keyEpoch(rotation).nextKeyHash === keyHash(pin)
}

function twoRotations({ id }: HeldLedger): LedgermeshError {
  return new LedgermeshError(
    'NO_ROTATION',
    `a key of ${id} signed two rotations and neither takes precedence: name the owner's key`
  )
}
