/**
 * A group of the node's methods: those of `more`, and the fake's own. Of the rest it says that there is none, so that a
 * new method needs no line here.
 */
export function group<T extends object>(fake: object, ...more: object[]): T {
  return new Proxy({} as T, {
    get: (_target, name) => {
      const member: unknown = [...more, fake]
        .map((source): unknown => Reflect.get(source, name))
        .find((found) => found !== undefined)
      if (member !== undefined) return typeof member === 'function' ? member.bind(fake) : member
      if (typeof name === 'symbol' || name === 'then') return undefined
      throw new Error(`the fake node has no ${name}`)
    }
  })
}
