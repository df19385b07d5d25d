/**
 * Files that are nearly right: honest ones with something changed, in the bytes, in the structure, or before they were
 * signed.
 */
import { canonicalize, type Json, type JsonObject } from '../../src/core/canonical.js'
import { ruleBrokenEvidence } from '../../src/core/evidence.js'
import type { Author } from '../core/author.js'
import { signBytes } from '../core/author.js'
import type { Dice } from '../helpers/dice.js'

const ODD_TEXTS = [
  '',
  ' ',
  'x',
  'é',
  '\u0000',
  '\u007f',
  '\u0085',
  '\uffff',
  '\ufdd0',
  '\u{1fffe}',
  '\ufeff',
  '\u2028',
  'a'.repeat(128),
  'a'.repeat(129),
  'é'.repeat(64),
  'é'.repeat(65),
  '\\',
  '"',
  '\u{1f602}'
]
const ODD_NUMBERS = [0, -1, 1, 2, 0.5, 1e21, 2 ** 53 - 1, 2 ** 53, 253402300799999, 253402300800000, 1000, 1001]
const ODD: Json[] = [
  null,
  true,
  false,
  [],
  {},
  [[]],
  { a: { b: { c: { d: { e: { f: { g: {} } } } } } } },
  { a: { b: { c: { d: { e: { f: {} } } } } } },
  ...ODD_TEXTS,
  ...ODD_NUMBERS
]
/** What stands in such files anyway, in the wrong place or spelling. */
const FRAGMENTS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u0000',
  '\\ud800',
  '\\uffff',
  '\n',
  '\r\n',
  ' ',
  '0',
  '1',
  '-',
  '.0',
  'e0',
  'null',
  '"v":1,',
  '\ufeff',
  '\uffff',
  '\u007f',
  'É',
  '='
].map((text) => Buffer.from(text))

export function below(dice: Dice, end: number): number {
  return Math.floor(dice() * end)
}

export function pick<T>(dice: Dice, from: readonly T[]): T {
  return from[below(dice, from.length)]!
}

/** One to three changes of bytes. */
export function mutateBytes(bytes: Buffer, dice: Dice): Buffer {
  let mutant = Buffer.from(bytes)
  for (let change = 0; change <= below(dice, 3); change++) {
    const at = below(dice, mutant.length + 1)
    const end = Math.min(mutant.length, at + below(dice, below(dice, 4) === 0 ? 400 : 4))
    const [head, tail] = [mutant.subarray(0, at), mutant.subarray(end)]
    switch (below(dice, 5)) {
      case 0:
        mutant = Buffer.concat([head, tail])
        break
      case 1:
        mutant = Buffer.concat([head, pick(dice, FRAGMENTS), mutant.subarray(at)])
        break
      case 2:
        mutant = Buffer.concat([head, mutant.subarray(at, end), mutant.subarray(at)])
        break
      case 3:
        mutant = Buffer.concat([head, pick(dice, FRAGMENTS), tail])
        break
      default:
        if (at < mutant.length) mutant[at]! ^= 1 << below(dice, 8)
    }
  }
  return mutant
}

/** Members and items of all depths: as a list of ways to put something else there. */
function places(
  value: Json,
  put: (to: Json) => void,
  found: { value: Json; put: (to: Json) => void; drop?: () => void }[] = []
): typeof found {
  if (typeof value !== 'object' || value === null) return found
  const container = value as Record<string, Json>
  for (const key of Object.keys(container)) {
    found.push({
      value: container[key]!,
      put: (to) => {
        container[key] = to
      },
      drop: () => {
        if (Array.isArray(value)) value.splice(Number(key), 1)
        else Reflect.deleteProperty(container, key)
      }
    })
    places(container[key]!, put, found)
  }
  return found
}

/** One change of structure; texts that are JSON themselves (headers, payloads) are changed inside half of the time. */
export function mutateJson(value: Json, dice: Dice): Json {
  const copy = structuredClone(value)
  const all = places(copy, () => undefined)
  if (all.length === 0) return pick(dice, ODD)
  const place = pick(dice, all)
  if (typeof place.value === 'string' && place.value.startsWith('{') && below(dice, 2) === 0) {
    place.put(canonicalize(mutateJson(JSON.parse(place.value) as Json, dice)))
    return copy
  }
  switch (below(dice, 6)) {
    case 0:
      place.drop!()
      break
    case 1:
      place.put(pick(dice, ODD))
      break
    case 2:
      place.put(structuredClone(pick(dice, all).value))
      break
    case 3: {
      const other = pick(dice, all)
      const value = structuredClone(other.value)
      other.put(structuredClone(place.value))
      place.put(value)
      break
    }
    case 4:
      if (typeof place.value === 'number') place.put(place.value + (below(dice, 2) === 0 ? 1 : -1))
      else place.put(String(JSON.stringify(place.value)))
      break
    default:
      if (typeof place.value === 'object' && place.value !== null && !Array.isArray(place.value))
        (place.value as JsonObject).added = pick(dice, ODD)
      else place.put([structuredClone(place.value)])
  }
  return copy
}

/** JSON that means the same, or nearly. */
export function respell(text: string, dice: Dice): string {
  switch (below(dice, 6)) {
    case 0:
      return JSON.stringify(JSON.parse(text), null, 1)
    case 1:
      return text.replace(/:(\d+)/g, (whole, digits: string) => (below(dice, 3) === 0 ? `:${digits}.0` : whole))
    case 2:
      return text.replace(/:(\d+)/g, (whole, digits: string) => (below(dice, 3) === 0 ? `:${digits}e0` : whole))
    case 3:
      return text.replaceAll('e', () => (below(dice, 40) === 0 ? '\\u0065' : 'e'))
    case 4:
      return `${text}${pick(dice, ['\n', '\n\n', ' ', '\r\n', '\t\n', '\u00a0', '{}', ','])}`
    default:
      return text.replace(
        /\{/,
        () =>
          `{${pick(dice, ['"v":1,', '"x":NaN,', '"kind":"same-seq",', '"x":1e999,', '"x":1e-999,', '"x":9007199254740993,', ' '])}`
      )
  }
}

/**
 * Evidence that the author's own signature under a changed header breaks a rule: it does exactly when the change breaks
 * the grammar.
 */
export async function signedMutant(author: Author, dice: Dice): Promise<JsonObject> {
  const entry = pick(dice, author.entries.slice(1))
  const changed = mutateJson(
    {
      ...entry.header,
      seq: author.size,
      prev_hash: author.entries.at(-1)!.hash,
      key: author.signer.publicKey
    } as unknown as Json,
    dice
  )
  let text = canonicalize(changed)
  if (below(dice, 4) === 0) text = respell(text, dice)
  const signed = await signBytes(Buffer.from(text), author.signer)
  return ruleBrokenEvidence(
    author.accused(),
    author.size,
    signed,
    below(dice, 4) === 0 ? author.entries.at(-1)!.raw : null
  ) as unknown as JsonObject
}
