/** Standard output that waits for a slow reader, and is not cut off at the end. */
import { once } from 'node:events'

/** One line; waits while the reader is behind, so that a long answer does not pile up in memory. */
export async function printLine (text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain')
}

/** A pipe is written asynchronously: exiting before this would cut its end off. */
export async function flushOutput (): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => { stream.write('', () => resolve()) })
  }
}
