/** What runs a method: typed from the table, so that a missing or wrong handler does not compile. */
import type { Node } from '../node/api/node.js'
import type { Actor } from './actor.js'
import type { Method, ParamsOf, ResultOf } from './method.js'
import type { Begin } from './subscriptions.js'

/** What a call comes with. */
export interface CallContext {
  /** Whose call it is. */
  actor: Actor
  /** Absent when the call was a notification: nobody would learn the id, so nothing may be pushed. */
  subscriptions: { add: (notice: string, begin: Begin) => string; remove: (id: string) => boolean } | undefined
  /** Ends the process in order, after the answer has been sent. */
  stop: () => void
}

/** What a handler may use. */
export interface Context extends Omit<CallContext, 'actor'> {
  /** As the caller may see it. */
  node: Node
  /** Who calls, as it is noted beside what the caller brings. */
  from: string
}

export type Handlers<Methods extends Record<string, Method>> = {
  [Name in keyof Methods]: (params: ParamsOf<Methods[Name]>, context: Context) => Promise<ResultOf<Methods[Name]>>
}
