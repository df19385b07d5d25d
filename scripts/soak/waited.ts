import { readFile } from 'node:fs/promises'

/**
 * ms that the process's first thread, where its event loop runs, was ready to run and waited for a core, since it
 * began. 0 where the system does not count them.
 */
export async function waitedMs(pid: number | 'self'): Promise<number> {
  const text = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => null)
  return text === null ? 0 : Number(text.split(' ')[1]) / 1e6
}
