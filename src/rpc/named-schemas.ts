/**
 * The schemas of the OpenRPC document by name (`components.schemas`): the shapes that methods share, and the result of
 * each method, so that what a generator makes of them has names and comes once.
 */
import { z } from 'zod'
import type { Json, JsonObject } from '../core/canonical.js'
import { isObject } from '../core/grammar.js'
import * as shapes from './methods/shapes.js'

/** Params are what callers may write, results what is answered: the same shape may have a schema for each. */
export type Direction = 'input' | 'output'
type Target = 'draft-7' | 'draft-2020-12'

/** Shapes with less to say than this (`{"type":"boolean"}`) are said in place. */
const MIN_NAMED_CHARS = 40

export class NamedSchemas {
  readonly #target: Target
  readonly #byName = new Map<string, JsonObject>()
  /** Which name stands for a schema, by its text. */
  readonly #names = new Map<string, string>()
  /** Names that something refers to, in the order in which it did. */
  readonly #used = new Set<string>()

  /** `target`: OpenRPC speaks draft 7, OpenAPI 3.1 the newest. */
  constructor(target: Target = 'draft-7') {
    this.#target = target
    for (const [name, shape] of shapesIn(shapes)) {
      const base = name.replace(/Input$/, '')
      this.#name(base, this.#jsonSchema(shape, 'output'))
      this.#name(`${base}Input`, this.#jsonSchema(shape, 'input'))
    }
  }

  /** A schema, with references in place of what has a name. */
  schema(shape: z.ZodType, direction: Direction): Json {
    return this.#refer(this.#jsonSchema(shape, direction))
  }

  /** A reference to the schema of a method's result, which gets the method's name unless it is a shape of its own. */
  result(method: string, shape: z.ZodType): Json {
    const schema = this.#jsonSchema(shape, 'output')
    const shared = this.#names.get(JSON.stringify(schema))
    if (shared !== undefined) return this.#reference(shared)
    const name = `${method.split('.').map(capitalized).join('')}Result`
    this.#byName.set(name, schema)
    return this.#reference(name)
  }

  /** All that something refers to, by name; each refers to others in turn. */
  components(): JsonObject {
    const components: JsonObject = {}
    // what one refers to joins the set, and has its turn
    for (const name of this.#used) components[name] = this.#referWithin(this.#byName.get(name)!)
    return components
  }

  #name(name: string, schema: JsonObject): void {
    const text = JSON.stringify(schema)
    if (text.length < MIN_NAMED_CHARS || this.#names.has(text) || this.#byName.has(name)) return
    this.#names.set(text, name)
    this.#byName.set(name, schema)
  }

  #refer(schema: Json): Json {
    const name = isObject(schema) ? this.#names.get(JSON.stringify(schema)) : undefined
    return name === undefined ? this.#referWithin(schema) : this.#reference(name)
  }

  #referWithin(schema: Json): Json {
    if (Array.isArray(schema)) return schema.map((one) => this.#refer(one))
    if (!isObject(schema)) return schema
    return Object.fromEntries(
      Object.entries(schema as JsonObject).map(([key, member]) => [key, this.#refer(member)] as const)
    ) as JsonObject
  }

  #jsonSchema(shape: z.ZodType, io: Direction): JsonObject {
    const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, { unrepresentable: 'any', target: this.#target, io })
    return schema as JsonObject
  }

  #reference(name: string): JsonObject {
    this.#used.add(name)
    return { $ref: `#/components/schemas/${name}` }
  }
}

function shapesIn(module: Readonly<Record<string, unknown>>): [string, z.ZodType][] {
  return Object.entries(module).flatMap(([name, value]): [string, z.ZodType][] =>
    value instanceof z.ZodType ? [[capitalized(name), value]] : []
  )
}

function capitalized(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}
