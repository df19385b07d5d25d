/**
 * LevelDB syncs the log that it writes to, and no older one. When a log is full it begins another, and turns what the
 * old one held into a table, which it syncs: until then a power cut can take what the old one held, although a synced
 * write to the new one has come back.
 */
import { readdir } from 'node:fs/promises'

const LOG_FILE = /^\d+\.log$/
/** Milliseconds between two looks: a table of 16 MiB is written in some tens of them. */
const LOOK_MS = 5

/** Resolves when the folder has one log at most. To be called after a synced write. False: it `failed` meanwhile. */
export async function oldLogsGone(dir: string, failed: () => boolean): Promise<boolean> {
  for (;;) {
    const logs = (await readdir(dir)).filter((name) => LOG_FILE.test(name))
    if (logs.length <= 1) return true
    if (failed()) return false
    await new Promise<void>((resolve) => {
      setTimeout(resolve, LOOK_MS).unref()
    })
  }
}
