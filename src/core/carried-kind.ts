import { isExportHead } from './export.js'
import { isObject } from './is-object.js'

export type CarriedKind = 'proof' | 'evidence' | 'export' | 'answer' | 'index-fault'

/** What a file says that it is, by its first line or all of it as JSON; null: none of ours. */
export function carriedKind(value: unknown): CarriedKind | null {
  if (isExportHead(value)) return 'export'
  if (!isObject(value)) return null
  if ('kind' in value) return 'evidence'
  if ('path' in value) return 'proof'
  if ('parts' in value) return 'answer'
  return 'fault' in value ? 'index-fault' : null
}
