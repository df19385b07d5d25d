/**
 * Which ledgers this node follows by trust: a ledger that the own one does not trust enough is not pulled until it
 * does.
 */
import { LedgermeshError } from '../../core/errors.js'
import type { LedgerId } from '../../core/ledger-id.js'
import type { Clock } from '../../ports.js'
import { MAX_LEVEL_MILLI } from '../../trust/limits.js'
import { meets } from '../../trust/policy.js'
import { TRUST_REASONS } from '../../trust/reasons.js'
import type { Wanted } from '../../core/payload-filter.js'
import type { Follows } from './follows.js'
import type { TrustService } from '../trust/trust-service.js'

/** Changes of trust within this time, in ms, are handled together. */
const GATHER_MS = 50
/** Longest run of a timer, in ms; then it is set again. */
const MAX_TIMER_MS = 24 * 60 * 60_000

export interface FollowRuleInit {
  trust: TrustService
  own: LedgerId
  clock: Clock
  /** 0–1000; 0: any trust at all. null: every ledger may be followed. */
  minMilli: number | null
  follows: Follows
  /** Trust has changed: the result of `held` may have changed for these ledgers. */
  onChange: (followed: LedgerId[]) => void
}

export class FollowRule {
  readonly #init: FollowRuleInit
  #end: () => void = () => {}
  #cancelLook: (() => void) | null = null
  #cancelExpiry: () => void = () => {}

  constructor(init: FollowRuleInit) {
    this.#init = init
  }

  start(): void {
    if (this.#init.minMilli === null) return
    this.#end = this.#init.trust.onChange(() => {
      this.#soon()
    })
    this.#awaitExpiry()
  }

  stop(): void {
    this.#end()
    this.#cancelLook?.()
    this.#cancelExpiry()
  }

  /** Headers alone may always be followed: without them no attestation could ever count. */
  allows(ledger: LedgerId, wanted: Wanted): boolean {
    const { trust, own, minMilli } = this.#init
    return minMilli === null || wanted === 'headers' || meets(trust.level(own, ledger), { minMilli, purpose: 'sync' })
  }

  /** The reason why a followed ledger is not believed: the operator's pause first, then trust. */
  heldBack(ledger: LedgerId): 'PAUSED' | 'UNTRUSTED' | null {
    const { paused, filters } = this.#init.follows.get(ledger)!
    if (paused) return 'PAUSED'
    return this.allows(ledger, filters) ? null : 'UNTRUSTED'
  }

  /** The reason why it is not pulled. The headers of a restricted ledger are pulled. */
  blockedBy(ledger: LedgerId): 'PAUSED' | 'UNTRUSTED' | null {
    const code = this.heldBack(ledger)
    return code === 'UNTRUSTED' && this.#init.follows.get(ledger)!.restricted === true ? null : code
  }

  /** Are only its headers pulled, whatever its filters? */
  isRestricted(ledger: LedgerId): boolean {
    const follow = this.#init.follows.get(ledger)
    return follow?.restricted === true && !this.allows(ledger, follow.filters)
  }

  /** Throws UNTRUSTED with the level, the rule and the remedy. */
  assert(ledger: LedgerId, wanted: Wanted): void {
    if (this.allows(ledger, wanted)) return
    const { trust, own, minMilli } = this.#init
    const { level_milli: level, kind, reason } = trust.explain(own, ledger)
    const why = reason === null ? `its level is ${level}${kind === null ? '' : ` (${kind})`}` : TRUST_REASONS[reason]
    throw new LedgermeshError(
      'UNTRUSTED',
      `${ledger} is not trusted enough to follow: this node wants ${minMilli} of ${MAX_LEVEL_MILLI} for sync. ${why}`,
      { level, wanted: minMilli, reason }
    )
  }

  #soon(): void {
    this.#cancelLook ??= this.#init.clock.after(GATHER_MS, () => {
      this.#look()
    })
  }

  #look(): void {
    this.#cancelLook = null
    this.#init.onChange(this.#init.follows.list())
    this.#awaitExpiry()
  }

  /** Attestations expire without an event. */
  #awaitExpiry(): void {
    const { trust, own, clock, follows } = this.#init
    const now = clock.now()
    const weighed = follows.list().filter((ledger) => follows.get(ledger)!.filters !== 'headers')
    const ends = weighed.flatMap((ledger) => trust.explain(own, ledger, now).validUntil ?? [])
    this.#cancelExpiry()
    if (ends.length > 0)
      this.#cancelExpiry = clock.after(Math.min(Math.max(Math.min(...ends) - now, 1), MAX_TIMER_MS), () => {
        this.#look()
      })
  }
}

/** 0–1 as options say it, in milli. Throws INVALID_PARAMS. */
export function trustMilli(level: number): number {
  if (!(level >= 0 && level <= 1)) throw new LedgermeshError('INVALID_PARAMS', 'a trust level is 0 to 1')
  return Math.round(level * MAX_LEVEL_MILLI)
}
