import { sha256 } from '../../core/hash.js'
import { isObject } from '../../core/grammar.js'
import { parseIJson } from '../../core/ijson.js'
import { checkDepth, type Json, type JsonObject } from '../../core/canonical.js'
import { LedgermeshError } from '../../core/errors.js'
import { MAX_PAYLOAD_DEPTH } from '../../core/limits.js'
import { METHODS } from '../../rpc/methods/index.js'
import type { ParamsOf } from '../../rpc/method.js'
import { readParams } from '../../rpc/read-params.js'

export type AppendParams = ParamsOf<(typeof METHODS)['ledger.append']>

export interface ImportLine {
  number: number
  bytes: number
  /** With an id, always: appending it again is no second entry. */
  params: AppendParams & { id: string }
}

const METHOD = METHODS['ledger.append']

/**
 * A line has the members of ledger.append; `references[].ledger` is the name of a ledger, or its id. A line without an
 * id gets `import:<sha256 of the line>`, so that an interrupted import can be run again. Throws what is wrong with it.
 */
export function parseLine(number: number, bytes: Buffer, ledgerNamed: (name: string) => string): ImportLine {
  const value = parseIJson(bytes)
  // The node would refuse the whole batch, not only this line.
  checkDepth(value, MAX_PAYLOAD_DEPTH)
  if (!isObject(value)) throw new LedgermeshError('MALFORMED', 'not a JSON object')
  if (value.allowUnresolved !== undefined)
    throw new LedgermeshError('MALFORMED', 'allowUnresolved is not a member of an entry')
  const { references, ...rest } = value
  const given: JsonObject = rest
  if (references != null) given.references = readReferences(references, ledgerNamed)
  const params = readParams(METHOD, given) as AppendParams
  return { number, bytes: bytes.length, params: { ...params, id: params.id ?? `import:${sha256(bytes)}` } }
}

function readReferences(references: Json, ledgerNamed: (name: string) => string): Json {
  if (!Array.isArray(references)) throw new LedgermeshError('MALFORMED', 'references is not a list')
  return references.map((reference) => {
    if (!isObject(reference)) throw new LedgermeshError('MALFORMED', 'a reference is not an object')
    const { ledger, ...rest } = reference
    if (ledger === undefined) return rest
    if (typeof ledger !== 'string') throw new LedgermeshError('MALFORMED', 'the ledger of a reference is not a text')
    if (rest.ledgerId !== undefined) throw new LedgermeshError('MALFORMED', 'a reference has both ledger and ledgerId')
    return { ...rest, ledgerId: ledgerNamed(ledger) }
  })
}
