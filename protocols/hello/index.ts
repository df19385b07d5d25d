/**
 * Hello: the long-lived stream per peer (SPEC.md). Both sides introduce themselves; then each may ask, answer and tell,
 * in any order.
 *
 * ```ts
 * const session = await openHello(await host.open(peer, hello, signal), source, peer, signal)
 * const { heads } = await session.askHeads([{ ledger, size: 17 }])
 * ```
 */
export type * from './contract.js'
export { EVIDENCE_IDS } from './contract.js'
export { openHello } from './client.js'
export { hello, helloProtocol } from './server.js'
export { HelloSession } from './session.js'
export type { HelloSource } from './source.js'
