/** Asks again until `check` gives a value; fails after `timeoutMs` with what was waited for. */
export async function waitFor<T>(what: string, timeoutMs: number, check: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await check()
    if (value !== null) return value
    if (Date.now() > deadline) throw new Error(`gave up after ${timeoutMs / 1000} s waiting for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
