/** How numbers, times and tables look to people. */
import Table from 'cli-table3'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const SPANS: [ms: number, unit: string][] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']]

export function showBytes (bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]!}`
}

/** A span of time in its two largest units. */
export function showSpan (ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const at = SPANS.findIndex(([size]) => ms >= size)
  const [size, unit] = SPANS[at]!
  const whole = Math.floor(ms / size)
  const finer = SPANS[at + 1]
  if (finer === undefined) return `${(ms / 1000).toFixed(1)} s`
  const rest = Math.floor((ms % size) / finer[0])
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${finer[1]}`
}

/** UTC, to the second. */
export function showTime (ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

export function showAgo (ms: number): string {
  const span = Date.now() - ms
  return span < 0 ? `in ${showSpan(-span)}` : `${showSpan(span)} ago`
}

export function showCount (count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`
}

export function shorten (text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** Other nodes choose their names: nothing that a terminal would obey may come through. */
export function plain (text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd')
}

export function showTable (head: string[], rows: string[][]): string {
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' }
  const table = new Table({ head, chars: none, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } })
  table.push(...rows.map((row) => row.map((cell) => cell.split('\n').map(plain).join('\n'))))
  return table.toString().replace(/ +$/gm, '')
}

/** Names and values, one pair a line. */
export function showPairs (pairs: [name: string, value: string][]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}`).join('\n')
}
