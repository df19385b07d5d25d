/** The capabilities that a node record lists. */

/**
 * A node adds these itself while it serves them. They cannot be configured: peers would send requests that the node
 * does not answer.
 */
const SERVED = ['sync', 'query', 'cross-ref', 'registry']

export const SERVED_TEXT = `${SERVED.join(', ')} are added by the node itself, while it serves them`

/** May an operator add it by hand? */
export function isFreeCapability(capability: string): boolean {
  return !SERVED.includes(capability)
}
