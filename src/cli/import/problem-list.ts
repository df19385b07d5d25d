/** The lines that could not be taken: the first ones are listed, the rest is counted. */
import type { ErrorCode } from '../../core/errors.js'
import type { Problem } from './importer.js'

export class ProblemList {
  readonly #most: number
  readonly #tell: (problem: Problem) => void
  readonly #unlisted = new Map<ErrorCode, number>()
  #listed = 0

  /** Tells at most so many. */
  constructor(most: number, tell: (problem: Problem) => void) {
    this.#most = most
    this.#tell = tell
  }

  add(problem: Problem): void {
    if (this.#listed < this.#most) {
      this.#listed++
      this.#tell(problem)
    } else this.#unlisted.set(problem.code, (this.#unlisted.get(problem.code) ?? 0) + 1)
  }

  /** How many were not listed, by code. */
  get unlisted(): Partial<Record<ErrorCode, number>> {
    return Object.fromEntries(this.#unlisted)
  }
}
