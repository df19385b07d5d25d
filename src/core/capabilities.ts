/** What a node record says that its node can do. */

/**
 * A node says these of itself while it serves them, and not because somebody wrote them down: others would ask, and
 * nobody would answer.
 */
const SERVED = ['sync', 'query', 'cross-ref', 'registry']

export const SERVED_TEXT = `${SERVED.join(', ')} are said by the node itself, while it serves them`

/** May an operator add it by hand? */
export function isFreeCapability(capability: string): boolean {
  return !SERVED.includes(capability)
}
