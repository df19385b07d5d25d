import type { Handlers } from '../handler.js'
import type { feedMethods } from '../methods/feed.js'
import { beginSubscription } from './begin-subscription.js'

export const feedHandlers: Handlers<typeof feedMethods> = {
  'feed.snapshot': (options, { node }) => node.feed.snapshot(options),
  'feed.read': (options, { node }) => node.feed.read(options),
  'feed.subscribe': async (options, { node, subscriptions }) => {
    await node.feed.check(options)
    return beginSubscription(subscriptions, 'feed.events_subscription', (_deliver, send) =>
      node.feed.subscribe(options, send)
    )
  },
  'feed.unsubscribe': async ({ subscription }, { subscriptions }) => ({
    unsubscribed: subscriptions?.remove(subscription) ?? false
  })
}
