/** What runs a method: typed from the table, so that a missing or wrong handler does not compile. */
import type { Node } from '../node/api/node.js'
import type { Method, ParamsOf, ResultOf } from './method.js'
import type { Rights } from './rights.js'
import type { Begin } from './subscriptions.js'

/** What a handler may use. */
export interface Context {
  /** As its rights let the caller see it (`nodeFor`). */
  node: Node
  rights: Rights
  /** Absent when the call was a notification: nobody would learn the id, so nothing may be pushed. */
  subscriptions: { add: (notice: string, begin: Begin) => string; remove: (id: string) => boolean } | undefined
  /** Ends the process in order, after the answer has been sent. */
  stop: () => void
}

export type Handlers<Methods extends Record<string, Method>> = {
  [Name in keyof Methods]: (params: ParamsOf<Methods[Name]>, context: Context) => Promise<ResultOf<Methods[Name]>>
}
