/** Text in the width that there is: broken between words alone. */
import stringWidth from 'string-width'

/** Columns of a screen that does not say how wide it is, and the fewest that are laid out for. */
const USUAL_COLUMNS = 80
const FEWEST_COLUMNS = 40

/** Of the terminal; else what $COLUMNS says; else 80. */
export function screenColumns(): number {
  return columnsOf(process.stdout) ?? USUAL_COLUMNS
}

/** The same of standard error; in a log, which is no screen, lines are not broken: null. */
export function remarkColumns(): number | null {
  return columnsOf(process.stderr)
}

function columnsOf({ columns }: { columns?: number }): number | null {
  const said = columns ?? Number(process.env.COLUMNS)
  return Number.isInteger(said) && said > 0 ? Math.max(said, FEWEST_COLUMNS) : null
}

/** Columns that a text takes on a screen. */
export function widthOf(text: string): number {
  return stringWidth(text)
}

/**
 * Breaks one line between words; a word that does not fit stays whole on a line of its own. Further lines begin with
 * `indent`.
 */
export function wrapLine(line: string, columns: number, indent = ''): string[] {
  if (widthOf(line) <= columns) return [line]
  const margin = /^ */.exec(line)![0]
  const lines: string[] = []
  let current = margin
  let empty = true
  for (const word of line.slice(margin.length).split(' ')) {
    if (empty) current += word
    else if (widthOf(current) + 1 + widthOf(word) <= columns) current += ` ${word}`
    else {
      lines.push(current.trimEnd())
      current = indent + word
    }
    empty = false
  }
  return [...lines, current.trimEnd()]
}

/** Commands that stand on a line of their own are there to be copied, so they stay on one line. */
const COMMAND = /^ +(?:npx|export|[A-Z_]+=\S+) /

/** A whole screen: what continues a line is indented like it, below the text of a list's member. */
export function fitScreen(screen: string, columns: number): string {
  return screen
    .split('\n')
    .flatMap((line) =>
      COMMAND.test(line) ? [line] : wrapLine(line, columns, ' '.repeat(/^ *(?:[-✗!✓→] )?/.exec(line)![0].length))
    )
    .join('\n')
}

/** Cut to so many columns, the last of which says that it was. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let kept = ''
  let width = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += widthOf(segment)
    if (width > columns - 1) break
    kept += segment
  }
  return `${kept}…`
}
