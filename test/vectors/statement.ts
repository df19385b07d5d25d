import { fromUtf8 } from '#platform'
import type { SignedHeader } from '../../src/core/entry.js'
import { toHex } from '../../src/core/hash.js'

export function statement({ header, signature }: SignedHeader): { header: string; signature: string } {
  return { header: fromUtf8(header), signature: toHex(signature) }
}
