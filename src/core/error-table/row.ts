/**
 * Where an error is read: on the command line, by a program that talks to the socket, or by one that embeds the ledger.
 */
export type Surface = 'cli' | 'socket' | 'library'

export interface ErrorRow {
  /** The RPC number. Those below -32000 are JSON-RPC's own; ours are grouped by family in thousands. */
  rpc: number
  /** Can the same call succeed later, when nothing but time has changed? */
  retryable: boolean
  /**
   * What to do next: one text, or three where the remedy differs by place. It must be true for every place that throws
   * the code.
   */
  next: string | Record<Surface, string>
}
