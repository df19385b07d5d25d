/** From a param of the method table to an option or an argument of the command line, and from its text to a value. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { decodeUtf8, parseText, type Json } from '../core/canonical.js'
import { checkIJson } from '../core/ijson.js'
import { isCoded, LedgermeshError } from '../core/errors.js'
import type { Param } from '../rpc/method.js'

type Kind = 'text' | 'number' | 'flag' | 'texts' | 'json'

/** `allowUnresolved` becomes `--allow-unresolved`; `issuer_oid` becomes `--issuer-oid`, or `--issuer` for short. */
export function flagOf(param: Param): string {
  const name = param.name.replaceAll('_', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  const kind = kindOf(param)
  if (kind === 'flag') return `--${name}`
  const short = name.endsWith('-oid') ? `--${name.slice(0, -'-oid'.length)}, ` : ''
  return `${short}--${name} <${writtenAs(param) ?? (kind === 'texts' ? 'text...' : kind === 'json' ? 'json|@file' : kind)}>`
}

/** The member of commander's options that `flagOf` leads to. */
export function optionKey(param: Param): string {
  return param.name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

/** Throws INVALID_PARAMS. Whether the value is a good one, the schema says. */
export function valueOf(param: Param, given: unknown): unknown {
  const kind = kindOf(param)
  if (typeof given !== 'string') return given
  if (kind === 'json') return readJson(param, given)
  if (kind === 'texts') return [given]
  if (kind !== 'number') return given
  if (!/^-?\d+$/.test(given))
    throw new LedgermeshError('INVALID_PARAMS', `${param.name}: ${JSON.stringify(given)} is not a whole number`)
  return Number(given)
}

/** What the table calls a value that is written in several ways: time, level, days. */
function writtenAs(param: Param): string | undefined {
  const { 'x-written': kind } = z.toJSONSchema(param.schema, { unrepresentable: 'any', io: 'input' }) as {
    'x-written'?: string
  }
  return kind
}

export function kindOf(param: Param): Kind {
  const { type, anyOf, items } = z.toJSONSchema(param.schema, { unrepresentable: 'any', io: 'input' })
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'boolean') return 'flag'
  if (type === 'string' || anyOf !== undefined) return 'text'
  if (type === 'array' && typeof items === 'object' && !Array.isArray(items) && items.type === 'string') return 'texts'
  return 'json'
}

/**
 * JSON, or @ and the name of a file of JSON. Throws INVALID_PARAMS for what is not JSON, MALFORMED for JSON that is not
 * I-JSON.
 */
function readJson(param: Param, given: string): unknown {
  let text: string
  let value: Json
  try {
    text = given.startsWith('@') ? decodeUtf8(readFileSync(given.slice(1))) : given
    value = parseText(text)
  } catch (error) {
    const hint = given.startsWith('@') ? '' : `; a text needs quotes: '${JSON.stringify(given.slice(0, 40))}'`
    throw new LedgermeshError('INVALID_PARAMS', `${param.name}: ${(error as Error).message}${hint}`, undefined, {
      cause: error
    })
  }
  try {
    checkIJson(text, value)
    return value
  } catch (error) {
    if (!isCoded(error)) throw error
    throw new LedgermeshError(error.code, `${param.name}: ${error.message}`, error.details, { cause: error })
  }
}
