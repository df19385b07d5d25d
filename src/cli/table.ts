/**
 * Tables that fit the screen. Whole ids are shown when there is room for them; else their beginnings, which every
 * command that reads takes.
 * Then texts are wrapped between words; and what still does not fit is shown as a list of rows instead.
 */
import { cut, screenColumns, widthOf, wrapLine } from './layout.js'
import { showPairs } from './pairs.js'
import { visible } from './visible.js'

const GAP = 2
/** Only where nothing else helps are words longer than this cut. */
const NARROWEST = 16
/** Characters of a ledger id, of a peer id (all begin alike) and of a hash that tell it apart. */
const SHORT_IDS: [shape: RegExp, characters: number][] = [
  [/^b[a-z2-7]{51}[aq]$/, 12],
  [/^12D3KooW[1-9A-HJ-NP-Za-km-z]{40,48}$/, 16],
  [/^[0-9a-f]{64}$/, 12]
]

/** `word`: its longest one. */
interface Column {
  head: string
  cells: string[][]
  width: number
  word: number
  narrowest: number
}

/** Cells may have several lines. */
export function showTable(head: string[], rows: string[][], columns = screenColumns()): string {
  const clean = rows.map((row) => row.map((cell) => cell.split('\n').map(visible)))
  const whole = head.map((name, index) =>
    columnOf(
      name,
      clean.map((row) => row[index]!)
    )
  )
  const short = whole.map(({ head: name, cells }) =>
    columnOf(
      name,
      cells.map((lines) => lines.map(shortId))
    )
  )
  const chosen = fits(whole, columns) ? whole : short
  if (chosen === short)
    for (const [index, column] of whole.entries()) if (fits(short.with(index, column), columns)) short[index] = column
  if (!narrow(chosen, columns, 'word') && !narrow(chosen, columns, 'narrowest')) return showRows(head, chosen, columns)
  const lines = [head.map((name) => [name]), ...rows.map((_, row) => chosen.map(({ cells }) => cells[row]!))].flatMap(
    (cells) => rowLines(cells, chosen)
  )
  return lines.join('\n')
}

function columnOf(head: string, cells: string[][]): Column {
  const lines = cells.flat()
  const words = [head, ...lines].flatMap((line) => line.split(' ')).map(widthOf)
  const word = Math.max(...words)
  return {
    head,
    cells,
    width: Math.max(widthOf(head), ...lines.map(widthOf)),
    word,
    narrowest: Math.max(widthOf(head), Math.min(word, NARROWEST))
  }
}

function shortId(line: string): string {
  const characters = SHORT_IDS.find(([shape]) => shape.test(line))?.[1]
  return characters === undefined ? line : line.slice(0, characters)
}

function totalOf(table: Column[]): number {
  return table.reduce((sum, { width }) => sum + width, GAP * (table.length - 1))
}

function fits(table: Column[], columns: number): boolean {
  return totalOf(table) <= columns
}

/** Takes from the widest column that can give, until the table fits. False: it cannot. */
function narrow(table: Column[], columns: number, down: 'word' | 'narrowest'): boolean {
  for (let excess = totalOf(table) - columns; excess > 0; excess--) {
    const widest = table.filter((column) => column.width > column[down]).toSorted((a, b) => b.width - a.width)[0]
    if (widest === undefined) return false
    widest.width--
  }
  return true
}

function rowLines(cells: string[][], table: Column[]): string[] {
  const wrapped = cells.map((lines, index) =>
    lines.flatMap((line) => wrapLine(line, table[index]!.width)).map((line) => cut(line, table[index]!.width))
  )
  return Array.from({ length: Math.max(...wrapped.map(({ length }) => length)) }, (_, line) =>
    wrapped
      .map((lines, index) => (lines[line] ?? '') + ' '.repeat(table[index]!.width - widthOf(lines[line] ?? '')))
      .join(' '.repeat(GAP))
      .trimEnd()
  )
}

function showRows(head: string[], table: Column[], columns: number): string {
  const count = table[0]?.cells.length ?? 0
  return Array.from({ length: count }, (_, row) =>
    showPairs(
      head.map((name, index) => [name.toLowerCase(), table[index]!.cells[row]!]),
      columns
    )
  ).join('\n\n')
}
