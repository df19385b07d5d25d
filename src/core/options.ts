/**
 * Checks options that a caller gives by name. A misspelt or outdated name must not silently mean the default. Loads no
 * crypto: the client of the socket needs it too.
 */
import { LedgermeshError } from './errors.js'
import { isObject } from './is-object.js'

/** Every member of an options type: the compiler rejects an incomplete list. */
export type Members<Options> = Readonly<Record<keyof Required<Options>, true>>

/** Characters of an unknown name that are shown. */
const SHOWN_CHARS = 64

/**
 * The given options; absent: none. Throws INVALID_PARAMS for a value that is not an object, and for an unknown member,
 * which it names.
 */
export function readOptions<Options extends object>(
  given: Options | undefined,
  known: Members<Options>,
  what = 'option'
): Options {
  if (given === undefined) return {} as Options
  if (!isObject(given)) throw new LedgermeshError('INVALID_PARAMS', `${what}s are given as an object`)
  refuseUnknown(given, Object.keys(known), what)
  return given
}

/**
 * The one member that is given, of several that exclude each other. Throws INVALID_PARAMS for an unknown one, none, or
 * several.
 */
export function readOneOf<Name extends string>(given: unknown, names: readonly Name[]): { name: Name; value: unknown } {
  const choice = `give exactly one of ${names.join(', ')}`
  if (!isObject(given)) throw new LedgermeshError('INVALID_PARAMS', choice)
  refuseUnknown(given, names, 'member')
  const [name, ...more] = names.filter((one) => given[one] !== undefined)
  if (name === undefined || more.length > 0) throw new LedgermeshError('INVALID_PARAMS', choice)
  return { name, value: given[name] }
}

/** `what`: option, member … Throws INVALID_PARAMS that names it, with the known ones. */
export function refuseUnknown(value: object, known: readonly string[], what: string): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new LedgermeshError('INVALID_PARAMS', `there is no ${what} ${JSON.stringify(key.slice(0, SHOWN_CHARS))}`, {
        known: [...known]
      })
  }
}
