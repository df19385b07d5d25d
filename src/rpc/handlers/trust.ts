import { LedgermeshError } from '../../core/errors.js'
import type { Handlers } from '../handler.js'
import type { trustMethods } from '../methods/trust.js'

/** Attestations in one answer. */
const MAX_LISTED = 1000

export const trustHandlers: Handlers<typeof trustMethods> = {
  'trust.attest': async (input, { node }) => ({ entry: await node.trust.attest(input) }),
  'trust.revoke': async ({ attestation, ledger }, { node }) => {
    if (attestation !== undefined && ledger === undefined) return { entry: await node.trust.revoke({ attestation }) }
    if (ledger !== undefined && attestation === undefined) return { entry: await node.trust.revoke({ ledger }) }
    throw new LedgermeshError('INVALID_PARAMS', 'give the attestation or the ledger, exactly one of them')
  },
  'trust.accept': async ({ attestation }, { node }) => ({ entry: await node.trust.accept(attestation) }),
  'trust.verify': async ({ attestation, confirmed = true }, { node }) => ({
    entry: await node.trust.verify(attestation, confirmed)
  }),
  'trust.level': (question, { node }) => node.trust.level(question),
  'trust.verifyChain': (question, { node }) => node.trust.explain(question),
  'trust.explain': (question, { node }) => node.trust.explain(question),
  'trust.find': async ({ about, by }, { node }) => {
    if (about !== undefined && by === undefined) return { attestations: await node.trust.find({ about }) }
    if (by !== undefined && about === undefined) return { attestations: await node.trust.find({ by }) }
    throw new LedgermeshError('INVALID_PARAMS', 'give about or by, exactly one of them')
  },
  'trust.list': async ({ limit = MAX_LISTED, ...filter }, { node }) => ({
    attestations: await node.trust.list({ ...filter, limit })
  })
}
