import { readFileSync } from 'node:fs'
import { isCoded, LedgermeshError } from '../core/errors.js'
import { foreignKind, withoutMark } from '../core/file-kind.js'
import { parseIJson } from '../core/ijson.js'
import { systemReason } from '../core/system-error.js'

/** JSON that a person wrote; a byte order mark is skipped. Throws the code with the file, and what is wrong with it. */
export function readJsonFile(file: string, code: 'BAD_CONFIG' | 'BAD_FILE'): unknown {
  try {
    const bytes = readFileSync(file)
    const kind = foreignKind(bytes)
    if (kind !== null) throw new LedgermeshError(code, `${kind}, not JSON in UTF-8`)
    return parseIJson(withoutMark(bytes))
  } catch (error) {
    const reason = isCoded(error) ? error.message : systemReason(error)
    if (reason === null) throw error
    throw new LedgermeshError(code, `${file}: ${reason}`, undefined, { cause: error })
  }
}
