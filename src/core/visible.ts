/**
 * Names, ids and texts come from others: what a terminal or a page would obey, and what nobody sees, is shown as `\u202e`.
 * Inside JSON that is the same text, so what is printed as JSON stays what it was.
 */

/**
 * Controls, format characters (bidirectional, zero width, tags), separators of lines, what renderers ignore, and halves
 * of characters.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/gu

/** Of one value: a line break in it is somebody else's. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escape)
}

function escape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  ).join('')
}
