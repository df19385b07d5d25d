import { LedgermeshError } from '../../core/errors.js'
import type { Context } from '../handler.js'
import type { Begin } from '../subscriptions.js'

/** Throws INVALID_REQUEST for a notification: nobody would learn the id. */
export function beginSubscription(
  subscriptions: Context['subscriptions'],
  notice: string,
  begin: Begin
): { subscription: string } {
  if (subscriptions === undefined)
    throw new LedgermeshError(
      'INVALID_REQUEST',
      'a subscription needs a request with an id: its answer names the subscription'
    )
  return { subscription: subscriptions.add(notice, begin) }
}
