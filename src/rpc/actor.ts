/**
 * A caller at the door: the one place that decides what it may call and what of the node it sees, whichever way it came
 * (a socket, HTTP, server-sent events, the feed). Whoever serves callers makes an actor for each principal, and
 * hands nothing but the actor to what answers.
 */
import type { Node } from '../node/api/node.js'
import type { Method } from './method.js'
import { limitStreams } from './limit-streams.js'
import { checkAccess, checkParams, isLimited, type Principal } from './principal.js'
import { publicPart } from './public-part.js'
import { withholdPayloads } from './withhold-payloads.js'

export class Actor {
  /** The node as this caller sees it. */
  readonly node: Node
  readonly #principal: Principal

  constructor(node: Node, principal: Principal) {
    this.#principal = principal
    this.node = nodeFor(node, principal)
  }

  /** Who it is, as it is noted beside what it brings. */
  get from(): string {
    return this.#principal.from ?? 'socket'
  }

  /** Throws READING_ONLY or NOT_PERMITTED, before the params are looked at. */
  checkAccess(name: string, method: Method): void {
    checkAccess(name, method, this.#principal)
  }

  /** Throws READING_ONLY or NOT_PERMITTED for a param that takes more than its method. */
  checkParams(name: string, method: Method, given: Readonly<Record<string, unknown>>): void {
    checkParams(name, method, given, this.#principal)
  }
}

function nodeFor(node: Node, principal: Principal): Node {
  if (!principal.scopes.has('private') || isLimited(principal)) {
    const part = publicPart(node, principal)
    return principal.streams === undefined ? part : limitStreams(part, { ...principal, streams: principal.streams })
  }
  return principal.privatePayloads ? node : withholdPayloads(node)
}
