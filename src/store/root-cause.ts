/** The innermost error: LevelDB's own words, and not the "not open" that is wrapped around them. */
export function rootCause(thrown: unknown): Error {
  let error = thrown instanceof Error ? thrown : new Error(String(thrown))
  while (error.cause instanceof Error) error = error.cause
  return error
}
