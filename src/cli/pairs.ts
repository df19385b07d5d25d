import { screenColumns, widthOf, wrapLine } from './layout.js'
import { visible } from './visible.js'

/** Names and values, one pair a line; a value is continued below where it begins, and a list has a line for each. */
export function showPairs(pairs: [name: string, value: string | string[]][], columns = screenColumns()): string {
  const width = Math.max(...pairs.map(([name]) => widthOf(name)))
  const indent = ' '.repeat(width + 2)
  return pairs
    .flatMap(([name, value]) => {
      const lines = [value].flat().flatMap((one) => wrapLine(visible(one), columns - indent.length))
      return lines.map((line, index) => `${(index === 0 ? name : '').padEnd(width)}  ${line}`)
    })
    .join('\n')
}
