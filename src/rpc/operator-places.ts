/**
 * Connections beyond the limit are for operators: to see what is wrong, and to stop the node, when a program has taken
 * all the others.
 */
import { OPERATOR_CONNECTIONS } from './limits.js'

/** What a connection shows of itself. */
interface Place {
  readonly idle: boolean
  readonly closed: Promise<void>
  destroy: () => void
}

export class OperatorPlaces {
  readonly #connections = new Set<Place>()

  /** The longest there that has nothing under way makes room: nobody can take these places for good. */
  add(connection: Place): void {
    if (this.#connections.size >= OPERATOR_CONNECTIONS) [...this.#connections].find(({ idle }) => idle)?.destroy()
    this.#connections.add(connection)
    void connection.closed.then(() => this.#connections.delete(connection))
  }

  get full(): boolean {
    return this.#connections.size >= OPERATOR_CONNECTIONS && [...this.#connections].every(({ idle }) => !idle)
  }
}
