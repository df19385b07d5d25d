/**
 * The one way in which a text that is not ours gets onto a page: as text, in its own direction, with what nobody sees shown
 * as escapes, and cut.
 */
import { visible } from '../dist/src/core/visible.js'

/** A `<bdi>` with the text; `most`: characters of it that are shown. */
export function foreign(text: string, most: number): HTMLElement {
  const element = document.createElement('bdi')
  // cut before it is escaped, by characters: an escape is never cut in half
  const characters = Array.from(text.slice(0, 2 * most)).slice(0, most)
  const shown = visible(characters.join(''))
  element.textContent = characters.join('').length < text.length ? `${shown}…` : shown
  return element
}
