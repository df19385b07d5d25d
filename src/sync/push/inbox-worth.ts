/** Pure: decides which offers keep a place when the inbox is full. */

/** Offers in all, and of one peer or host. A quarter is kept for ledgers that are trusted or come from members. */
export const MAX_OFFERS_KEPT = 64
export const MAX_STRANGERS = 48
export const MAX_OF_ONE = 8
/** An offer that was not repeated for this long ranks below any newer one. */
export const STALE_MS = 24 * 60 * 60_000

export interface Placed {
  peer: string
  host: string
  trusted: boolean
  /** When it was made last, ms since the epoch. */
  last: number
}

/**
 * Where a new offer goes: `free`: there is a place; an offer: in its place; null: nowhere. A sender with many places
 * gives one up to a sender with fewer; a stale offer gives its place to any; trusted offers displace those of unknown
 * peers, and never the other way round.
 */
export function placeFor<Offer extends Placed>(offers: readonly Offer[], newcomer: Placed): Offer | 'free' | null {
  const mine = offers.filter((one) => one.peer === newcomer.peer || one.host === newcomer.host)
  if (mine.length >= MAX_OF_ONE) return null
  const strangers = offers.filter(({ trusted }) => !trusted)
  if (offers.length < MAX_OFFERS_KEPT && (newcomer.trusted || strangers.length < MAX_STRANGERS)) return 'free'
  const [victim] = strangers
    .map((offer) => ({
      offer,
      places: strangers.filter(({ host, peer }) => host === offer.host || peer === offer.peer).length
    }))
    .sort(
      (a, b) =>
        Number(isStale(b.offer, newcomer)) - Number(isStale(a.offer, newcomer)) ||
        b.places - a.places ||
        a.offer.last - b.offer.last
    )
  if (victim === undefined) return null
  const takes = newcomer.trusted || isStale(victim.offer, newcomer) || victim.places > mine.length + 1
  return takes ? victim.offer : null
}

function isStale({ last }: Placed, newcomer: Placed): boolean {
  return last + STALE_MS <= newcomer.last
}
