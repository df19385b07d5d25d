/**
 * What the method table is made of. A method is data: what it takes, gives, refuses, and an example that a test runs.
 */
import type { z } from 'zod'
import type { JsonObject } from '../core/canonical.js'
import type { ErrorCode } from '../core/errors.js'
import { TOKEN_SCOPES } from '../node/api/tokens.js'

/** The classes of access, from the least to the most. */
export const ACCESS = [...TOKEN_SCOPES, 'socket-only'] as const

/** What it takes to call a method; also the name of the right that it takes. */
export type MethodAccess = (typeof ACCESS)[number]

/** As REFERENCE.md and the OpenRPC document tell it. */
export const ACCESS_MEANING: Readonly<Record<MethodAccess, string>> = {
  read: 'Reads public ledgers, each by its whole id.',
  private: 'Tells of private ledgers, too, and of the node as a whole.',
  decrypt: "Shows what only the node's keys open. No method does so yet.",
  'ask-network': 'Makes the node ask others, who learn of it.',
  append: 'Appends to the own ledger. To read it is another right.',
  push: 'Brings entries that others have signed.',
  operate: 'Changes what the node does, grants or trusts.',
  'socket-only': 'Cannot be taken back, ends the node, or touches keys: no token will ever give this right.'
}

/** A parameter of a method: by name, or by its place in the list. */
export interface Param {
  name: string
  summary: string
  required: boolean
  schema: z.ZodType
  /** A right that it takes on top of its method's, when it is given. */
  needs?: MethodAccess
}

/** What a subscription sends. */
export interface Notifies {
  method: string
  result: z.ZodType
}

/** One row of the method table, from which server, client, CLI, OpenRPC and REFERENCE.md are made. */
export interface Method {
  /** What it takes to call it; `principal.ts` decides by it. */
  access: MethodAccess
  summary: string
  /**
   * What it does signs, grants, trusts or names: of the short names of ids it takes only those that the operator chose.
   * Absent: no.
   */
  binds?: boolean
  /** In the order of their positions. */
  params: readonly Param[]
  /** Always an object, so that members can be added. */
  result: z.ZodType
  /** What it sends from then on: the method of the notifications, and the `result` that each has. Absent: nothing. */
  notifies?: Notifies
  /** Refusals of its own; those of JSON-RPC, INTERNAL and OVERLOADED can always come. */
  errors: readonly ErrorCode[]
  example: { params: JsonObject; result: JsonObject }
}

type Simplify<T> = { [K in keyof T]: T[K] }
type Required<M extends Method> = Extract<M['params'][number], { required: true }>
type Optional<M extends Method> = Extract<M['params'][number], { required: false }>

/** The params of a method by name, after validation: absent and null ones are not there. */
export type ParamsOf<M extends Method> = Simplify<
  { [P in Required<M> as P['name']]: z.output<P['schema']> } & {
    [P in Optional<M> as P['name']]?: z.output<P['schema']>
  }
>

/** The params as a caller may write them: a time as a date, a level as a part of one. */
export type GivenTo<M extends Method> = Simplify<
  { [P in Required<M> as P['name']]: z.input<P['schema']> } & { [P in Optional<M> as P['name']]?: z.input<P['schema']> }
>

/** What a method answers. */
export type ResultOf<M extends Method> = z.output<M['result']>

export function required<const Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  summary: string
): { name: Name; schema: Schema; summary: string; required: true } {
  return { name, schema, summary, required: true }
}

export function optional<const Name extends string, Schema extends z.ZodType>(
  name: Name,
  schema: Schema,
  summary: string,
  needs?: MethodAccess
): { name: Name; schema: Schema; summary: string; required: false; needs?: MethodAccess } {
  return { name, schema, summary, required: false, ...(needs !== undefined && { needs }) }
}

/** Keeps the exact types of the params, so that handlers and clients are checked against them. */
export function method<const Params extends readonly Param[], Result extends z.ZodType>(definition: {
  access: MethodAccess
  summary: string
  binds?: boolean
  params: Params
  result: Result
  notifies?: Notifies
  errors: readonly ErrorCode[]
  example: { params: JsonObject; result: JsonObject }
}): {
  access: MethodAccess
  summary: string
  binds?: boolean
  params: Params
  result: Result
  notifies?: Notifies
  errors: readonly ErrorCode[]
  example: { params: JsonObject; result: JsonObject }
} {
  return definition
}
