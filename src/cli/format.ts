/** How numbers, times and texts look to people. */
import { cut } from './layout.js'
import { visible } from './visible.js'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const SPANS: [ms: number, unit: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's']
]

export function showBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]!}`
}

/** A span of time in its two largest units. */
export function showSpan(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const index = SPANS.findIndex(([size]) => ms >= size)
  const [size, unit] = SPANS[index]!
  const whole = Math.floor(ms / size)
  const finer = SPANS[index + 1]
  if (finer === undefined) return `${(ms / 1000).toFixed(1)} s`
  const rest = Math.floor((ms % size) / finer[0])
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${finer[1]}`
}

/** UTC, to the second. */
export function showTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

export function showAgo(ms: number): string {
  const span = Date.now() - ms
  return span < 0 ? `in ${showSpan(-span)}` : `${showSpan(span)} ago`
}

export function showCount(count: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`
}

/** Of others' text: escaped, then cut to so many columns. */
export function shorten(text: string, columns: number): string {
  return cut(visible(text), columns)
}

/** JSON that can be broken between its members. */
export function showJson(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll(/\n */g, ' ')
}
