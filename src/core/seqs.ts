/** The seqs from ≤ seq < to, ascending; none if `to` is not above `from`. */
export function seqsFrom(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
