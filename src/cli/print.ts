/**
 * Everything that the command prints goes through here: for people escaped and in the width that there is, for programs
 * as it is.
 */
import { once } from 'node:events'
import { fitScreen, remarkColumns, screenColumns } from './layout.js'
import { visibleLines } from './visible.js'

/** The answer of a command: one line of JSON, or a screen. */
export function answer(json: boolean, value: unknown, screen: () => string): void {
  if (json) console.log(JSON.stringify(value))
  else say(screen())
}

/** A screen for people, on standard output. */
export function say(screen: string): void {
  console.log(fitScreen(visibleLines(screen), screenColumns()))
}

/** For people, on standard error: what goes wrong, how far it is, and what is no part of the answer. */
export function remark(screen: string): void {
  const columns = remarkColumns()
  console.error(columns === null ? visibleLines(screen) : fitScreen(visibleLines(screen), columns))
}

/** JSON on standard error. */
export function remarkJson(value: unknown): void {
  console.error(JSON.stringify(value))
}

/**
 * One line as it is; waits while the reader is behind, so that a long answer does not pile up in memory. On a terminal
 * it is escaped.
 */
export async function printLine(text: string): Promise<void> {
  if (!process.stdout.write(`${process.stdout.isTTY ? visibleLines(text) : text}\n`))
    await once(process.stdout, 'drain')
}

/** A part of a long screen; waits like `printLine`. */
export async function printScreen(screen: string): Promise<void> {
  if (!process.stdout.write(`${fitScreen(visibleLines(screen), screenColumns())}\n`))
    await once(process.stdout, 'drain')
}

/** A pipe is written asynchronously: exiting before this would cut its end off. */
export async function flushOutput(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => resolve())
    })
  }
}
