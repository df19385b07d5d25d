import { isCoded } from '../../core/errors.js'

/** The result of `read`; null: the stored bytes are damaged (STORE_DAMAGED). Other errors are rethrown. */
export function unlessDamaged<T>(read: () => Promise<T>): Promise<T | null>
export function unlessDamaged<T>(read: () => T): T | null
export function unlessDamaged<T>(read: () => T | Promise<T>): T | null | Promise<T | null> {
  try {
    const answer = read()
    return answer instanceof Promise ? answer.catch(nullIfDamaged) : answer
  } catch (error) {
    return nullIfDamaged(error)
  }
}

function nullIfDamaged(error: unknown): null {
  if (isCoded(error, 'STORE_DAMAGED')) return null
  throw error
}
