/**
 * Collections of limited size: when the limit is exceeded, the member that was added, or added again, longest ago is
 * removed.
 */

/** A map of at most `limit` keys. */
export class BoundedMap<K, V> extends Map<K, V> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override set(key: K, value: V): this {
    this.delete(key)
    super.set(key, value)
    if (this.size > this.#limit) this.delete(this.keys().next().value!)
    return this
  }
}

/** A set of at most `limit` values. */
export class BoundedSet<T> extends Set<T> {
  readonly #limit: number

  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  override add(value: T): this {
    this.delete(value)
    super.add(value)
    if (this.size > this.#limit) this.delete(this.values().next().value!)
    return this
  }
}
