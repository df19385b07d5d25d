/** Puts the methods of the table into the Python client. */
import { METHODS } from '../src/rpc/methods/index.js'

export const PYTHON_CLIENT = 'examples/python/ledgermesh_client.py'

const START = 'METHODS = {\n'

/** The client with the methods of today. */
export function pythonClient(text: string): string {
  const rows = Object.entries(METHODS).map(([name, { params }]) => {
    const names = params.map((param) => `"${param.name}"`)
    return `    "${name}": (${names.join(', ')}${names.length === 1 ? ',' : ''}),\n`
  })
  return `${text.slice(0, text.indexOf(START) + START.length)}${rows.join('')}}\n`
}
