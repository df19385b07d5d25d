import { Level } from 'level'
import { vi } from 'vitest'

interface Batch {
  write: (...args: unknown[]) => Promise<void>
  close: () => Promise<void>
}

/**
 * LevelDB refuses writes with this error: the next one, or all until `restore`. `persisted`: they reached the disk
 * nevertheless.
 */
export function failWrites(error: Error, { all = false, persisted = false } = {}): { restore: () => void } {
  const { batch: begin } = Level.prototype as unknown as { batch: (this: unknown) => Batch }
  const spy = vi.spyOn(Level.prototype, 'batch')
  const failing = function (this: unknown, ...list: unknown[]): Batch | Promise<never> {
    if (list.length > 0) return Promise.reject(error) // the whole batch in one call, as when the store is opened
    const batch = begin.call(this)
    const write = batch.write.bind(batch)
    batch.write = async (...args) => {
      await (persisted ? write(...args) : batch.close())
      throw error
    }
    return batch
  } as never
  if (all) spy.mockImplementation(failing)
  else spy.mockImplementationOnce(failing)
  return {
    restore: () => {
      spy.mockRestore()
    }
  }
}
