/** Every log call in the sources: its event, its message and its keys, as far as they are constant. */
import { parseAst } from 'rolldown/parseAst'

export interface LogCall {
  /** file:line. */
  where: string
  /** null: no literal, or not the first key. */
  event: string | null
  /** null: no literal. */
  message: string | null
  keys: string[]
}

interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

const LEVELS = /^(debug|info|warn|error)$/

export function logCalls(file: string, text: string): LogCall[] {
  const found: LogCall[] = []
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one)
      return
    }
    if (!isNode(value)) return
    if (value.type === 'CallExpression' && isLog(value['callee'] as Node, text))
      found.push(readCall(value['arguments'] as Node[], `${file}:${text.slice(0, value.start).split('\n').length}`))
    for (const child of Object.values(value)) visit(child)
  }
  visit(parseAst(text, { lang: 'ts' }))
  return found
}

/** `log.warn`, `this.#init.log.warn`, `log[isOurs ? 'error' : 'debug']`. */
function isLog(callee: Node, text: string): boolean {
  if (callee.type !== 'MemberExpression') return false
  const object = callee['object'] as Node
  const property = callee['property'] as Node
  if (!/(^|[.#])(\w+L|l)og$/.test(text.slice(object.start, object.end))) return false
  const name = text.slice(property.start, property.end)
  return callee['computed'] === true ? /'(debug|info|warn|error)'/.test(name) : LEVELS.test(name)
}

function readCall([fields, message]: Node[], where: string): LogCall {
  const properties = fields?.type === 'ObjectExpression' ? (fields['properties'] as Node[]) : []
  const keys = properties.flatMap((property) =>
    property.type === 'Property' ? [(property['key'] as { name?: string }).name ?? '?'] : []
  )
  const first = properties[0]
  return {
    where,
    event: keys[0] === 'event' && first?.type === 'Property' ? literal(first['value'] as Node) : null,
    message: literal(message),
    keys
  }
}

function literal(node: Node | undefined): string | null {
  return node?.type === 'Literal' && typeof node['value'] === 'string' ? node['value'] : null
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
