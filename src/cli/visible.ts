import { visible } from '../core/visible.js'

export { visible }

/** Of a whole screen: its line breaks are ours. */
export function visibleLines(screen: string): string {
  return screen.split('\n').map(visible).join('\n')
}
