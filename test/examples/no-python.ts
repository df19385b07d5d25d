/** Why Python's part of the examples cannot run here; null: it can. */
import { execFileSync } from 'node:child_process'

export const noPython: string | null = whyNot()

function whyNot(): string | null {
  try {
    execFileSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))'], { stdio: 'pipe' })
    return null
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no python3 on this machine'
      : 'python3 here is older than 3.9'
  }
}
