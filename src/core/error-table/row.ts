/**
 * Where an error is read: on the command line, by a program that talks to the socket, or by one that embeds the ledger.
 */
export type Surface = 'cli' | 'socket' | 'library'

export interface ErrorRow {
  /** The RPC number. Those below -32000 are JSON-RPC's own; ours are grouped by family in thousands. */
  rpc: number
  /** Can the same call help later, when nothing was changed but time has passed? */
  retryable: boolean
  /**
   * What to do next. Of three kinds where what can be done differs; it is true for every place that throws the code.
   */
  next: string | Record<Surface, string>
}
