/** Frames of every protocol are made of these. */
import { WireError, type WireErrorCode } from '../../../protocols/wire.js'
import { author, evidences } from '../samples.js'
import type { Coded } from '../target.js'

export function wire(...allowed: WireErrorCode[]): Coded {
  return (error) => error instanceof WireError && allowed.includes(error.code)
}

export const frameErrors = wire('INVALID_FRAME', 'TOO_LARGE')
export const { ledger } = author
export const other = `b${'a'.repeat(52)}`
export const entries = author.entries.map(({ raw }) => raw)
export const keyEntries = author.keyEntries().map(({ raw: { header, signature } }) => ({ header, signature }))
export const head = async () => ({
  ledger,
  header: entries[6]!.header,
  signature: entries[6]!.signature,
  checkpoint: await author.checkpoint(),
  evidence: (await evidences())[0]!,
  earliest: 0
})
export const busy = new WireError('BUSY', '', { retryMs: 500 })
export const unavailable = new WireError('UNAVAILABLE', '', { available: { earliest: 0, size: 7 } })
export const denied = new WireError('DENIED', '')
