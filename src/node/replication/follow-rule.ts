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

/** Changes of trust within this time, in ms, are looked at once. */
const GATHER_MS = 50
/** Timers run no longer than this, in ms; then they are set again. */
const MAX_TIMER_MS = 24 * 60 * 60_000

export interface FollowRuleInit {
  trust: TrustService
  own: LedgerId
  clock: Clock
  /** 0–1000; 0: any trust at all. null: everybody may be followed. */
  minMilli: number | null
  follows: Follows
  /** Trust has changed: `held` of these ledgers may say something else now. */
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

  /** Headers alone may always be followed: without them nobody's attestations could ever count. */
  allows(ledger: LedgerId, wanted: Wanted): boolean {
    const { trust, own, minMilli } = this.#init
    return minMilli === null || wanted === 'headers' || meets(trust.level(own, ledger), { minMilli, purpose: 'sync' })
  }

  /** What keeps a followed ledger from being believed: the operator's word first, then trust. */
  heldBack(ledger: LedgerId): 'PAUSED' | 'UNTRUSTED' | null {
    const { paused, filters } = this.#init.follows.get(ledger)!
    if (paused) return 'PAUSED'
    return this.allows(ledger, filters) ? null : 'UNTRUSTED'
  }

  /** What keeps it from being pulled. Of one that is restricted the headers come. */
  blockedBy(ledger: LedgerId): 'PAUSED' | 'UNTRUSTED' | null {
    const code = this.heldBack(ledger)
    return code === 'UNTRUSTED' && this.#init.follows.get(ledger)!.restricted === true ? null : code
  }

  /** Is nothing but headers pulled of it, whatever its filters say? */
  isRestricted(ledger: LedgerId): boolean {
    const follow = this.#init.follows.get(ledger)
    return follow?.restricted === true && !this.allows(ledger, follow.filters)
  }

  /** Throws UNTRUSTED with the level, the rule and what to do. */
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

  /** Attestations end without anybody saying a word. */
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
