import type { FakeNode } from './fake-node.js'

/** Calls that the fake node does not answer before `open`: node.status and sync.pull. */
export interface HeldCalls {
  /** Calls that have come. */
  readonly count: number
  open: () => void
}

export function holdCalls(node: FakeNode): HeldCalls {
  const opened = Promise.withResolvers<void>()
  const held = {
    count: 0,
    open: () => {
      Object.defineProperty(node, 'gate', { value: undefined, writable: true, configurable: true })
      opened.resolve()
    }
  }
  Object.defineProperty(node, 'gate', {
    get: () => {
      held.count++
      return opened.promise
    },
    configurable: true
  })
  return held
}
