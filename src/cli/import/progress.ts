/** How far an import is: a bar on a terminal, a line now and then elsewhere, JSON lines on stdout for programs. */
import { Presets, SingleBar } from 'cli-progress'
import { PROGRESS_JSON_MS, PROGRESS_TEXT_MS } from './limits.js'
import { answer, remark } from '../print.js'

/** Lines; `total` 0: not known (standard input). */
export interface ProgressCounts {
  total: number
  done: number
  parked: number
}

/** Calls `counts` from time to time until the returned function is called. */
export function showProgress(style: 'json' | 'text', quiet: boolean, counts: () => ProgressCounts): () => void {
  if (style === 'json') return jsonProgress(counts)
  if (quiet) return () => undefined
  return process.stderr.isTTY ? barProgress(counts) : textProgress(counts)
}

function jsonProgress(counts: () => ProgressCounts): () => void {
  const print = (): void => answer(true, { progress: counts() }, () => '')
  const timer = setInterval(print, PROGRESS_JSON_MS)
  return () => {
    clearInterval(timer)
    print()
  }
}

function textProgress(counts: () => ProgressCounts): () => void {
  const timer = setInterval(() => {
    const { total, done, parked } = counts()
    remark(`${done}${total === 0 ? '' : ` of ${total}`} lines, ${parked} waiting`)
  }, PROGRESS_TEXT_MS)
  return () => clearInterval(timer)
}

function barProgress(counts: () => ProgressCounts): () => void {
  const bar = new SingleBar(
    {
      format: '{bar} {value}/{total} lines, {parked} waiting, {duration_formatted}',
      hideCursor: true,
      stream: process.stderr
    },
    Presets.shades_classic
  )
  const update = (): void => {
    const { total, done, parked } = counts()
    bar.setTotal(Math.max(total, done))
    bar.update(done, { parked })
  }
  bar.start(counts().total, 0, { parked: 0 })
  const timer = setInterval(update, PROGRESS_JSON_MS)
  return () => {
    clearInterval(timer)
    update()
    bar.stop()
  }
}
