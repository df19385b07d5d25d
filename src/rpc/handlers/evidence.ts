import type { Handlers } from '../handler.js'
import type { evidenceMethods } from '../methods/evidence.js'

export const evidenceHandlers: Handlers<typeof evidenceMethods> = {
  'evidence.list': async ({ ledger }, { node }) => ({ evidence: await node.evidence.list(ledger) })
}
