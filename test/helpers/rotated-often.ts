import { keyHash } from '../../src/core/chain.js'
import { Author } from '../core/author.js'
import { keyAt } from './key-at.js'

/** Genesis, and `rotations` rotations right behind it, each to a key of its own. */
export async function rotatedOften(rotations: number): Promise<Author> {
  const author = await Author.create()
  for (let n = 0; n < rotations; n++) {
    author.signer = author.next
    author.next = keyAt(n)
    await author.append({ type: 'ledger.rotate-key', meta: { next_key_hash: keyHash(author.next.publicKey) } })
  }
  return author
}
