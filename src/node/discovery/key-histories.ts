/** Key histories of one ledger that come with records: genesis and every rotation. */
interface KeyEntry {
  header: Uint8Array
  signature: Uint8Array
}

/** Does `later` begin with all of `earlier`, byte for byte, and continue? */
export function continues(later: readonly KeyEntry[], earlier: readonly KeyEntry[]): boolean {
  return later.length > earlier.length && agree(later, earlier)
}

/** Do the two diverge: is neither the beginning of the other? */
export function part(a: readonly KeyEntry[], b: readonly KeyEntry[]): boolean {
  return !agree(a, b)
}

function agree(a: readonly KeyEntry[], b: readonly KeyEntry[]): boolean {
  return a
    .slice(0, b.length)
    .every(
      ({ header, signature }, i) =>
        Buffer.compare(header, b[i]!.header) === 0 && Buffer.compare(signature, b[i]!.signature) === 0
    )
}
