/**
 * Push: an offer of signed heads, answered by decisions and then by how far the receiver has fetched them (SPEC.md). No
 * entry travels here: the
 * receiver pulls what it wants, over the connection that the pusher opened.
 *
 * ```ts
 * for await (const news of offer(await host.open(peer, push, signal), { offers: [{ ledger, header, signature, mode:
 * 'mirror' }] }, { signal })) …
 * ```
 */
export type * from './contract.js'
export { offer } from './client.js'
export { OTHER_REASON, OUTCOMES, REASONS, reasonOf } from './reasons.js'
export type { Reason, ReasonName } from './reasons.js'
export { push, pushProtocol } from './server.js'
