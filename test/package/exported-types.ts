/**
 * What an entry point's declarations say, read from the compiled ones: which of our types they use without exporting
 * them, and which of its exports have no doc comment.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A name, and the file that declares it. */
interface Symbol {
  file: string
  name: string
}

interface Source {
  /** Declarations by name. */
  declared: Map<string, string>
  /** Names that other files of ours declare. */
  imported: Map<string, Symbol>
  /** As others see them. */
  exported: Map<string, Symbol>
  /** `export * from`. */
  all: string[]
}

const STATEMENT = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) (\w+)/
const VALUE = /^(?:export )?(?:declare )?const /
const FUNCTION = /^(?:export )?(?:declare )?function /
const WORD = /[A-Za-z_$][\w$]*/g

const sources = new Map<string, Source>()

function sourceOf(file: string): Source {
  const known = sources.get(file)
  if (known !== undefined) return known
  const source: Source = { declared: new Map(), imported: new Map(), exported: new Map(), all: [] }
  sources.set(file, source)
  for (const statement of statementsOf(readFileSync(file, 'utf8'))) {
    const from = /^(import|export) (?:type )?(?:\{([^}]*)\}|(\*)) from '([^']+)'/.exec(statement)
    if (from === null) {
      const name = STATEMENT.exec(statement)?.[1]
      if (name !== undefined && !VALUE.test(statement)) {
        source.declared.set(name, `${source.declared.get(name) ?? ''}${statement}`)
        if (statement.startsWith('export')) source.exported.set(name, { file, name })
      }
      for (const [name, as] of namesOf(/^export (?:type )?\{([^}]*)\};/.exec(statement)?.[1]))
        source.exported.set(as, source.imported.get(name) ?? { file, name })
      continue
    }
    const target = from[4]!.startsWith('.') ? join(dirname(file), from[4]!.replace(/\.js$/, '.d.ts')) : null
    if (target === null || !existsSync(target)) continue
    if (from[3] !== undefined) source.all.push(target)
    for (const [name, as] of namesOf(from[2]))
      (from[1] === 'import' ? source.imported : source.exported).set(as, { file: target, name })
  }
  return source
}

/** Top-level statements, without comments. */
function statementsOf(text: string): string[] {
  return text
    .replace(/\/\*[^]*?\*\//g, '')
    .split(/\n(?=export |import |declare |interface |type |class |function |const )/)
}

function namesOf(list: string | undefined): [name: string, as: string][] {
  return (list ?? '')
    .split(',')
    .map((item) => item.trim().replace(/^type /, ''))
    .filter((item) => item !== '')
    .map((item) => {
      const [name, as] = item.split(' as ')
      return [name!, as ?? name!]
    })
}

/** Where a name that a file exports is declared. */
function resolve({ file, name }: Symbol): Symbol | null {
  const source = sourceOf(file)
  const found = source.exported.get(name)
  if (found !== undefined) return found.file === file && source.declared.has(found.name) ? found : resolve(found)
  for (const other of source.all) {
    const behind = resolve({ file: other, name })
    if (behind !== null) return behind
  }
  return null
}

function allExports(file: string): string[] {
  const source = sourceOf(file)
  return [...source.exported.keys(), ...source.all.flatMap(allExports)]
}

/**
 * `name (file)` for each type of ours that a public declaration names, and that the entry point does not export. What a
 * file keeps to itself is no name for others: then what stands in it counts. A value (`typeof TABLE`) is none either.
 */
export function missingTypes(entry: string): string[] {
  const keyOf = ({ file, name }: Symbol): string => `${name} (${file})`
  const open = allExports(entry)
    .map((name) => resolve({ file: entry, name }))
    .filter((symbol) => symbol !== null)
  const seen = new Set(open.map(keyOf))
  const missing: string[] = []
  for (const symbol of open) {
    const source = sourceOf(symbol.file)
    for (const word of new Set((source.declared.get(symbol.name) ?? '').match(WORD))) {
      const imported = source.imported.get(word)
      const used =
        imported !== undefined
          ? resolve(imported)
          : source.declared.has(word)
            ? { file: symbol.file, name: word }
            : null
      if (used === null || seen.has(keyOf(used)) || FUNCTION.test(sourceOf(used.file).declared.get(used.name) ?? ''))
        continue
      seen.add(keyOf(used))
      open.push(used)
      if (sourceOf(used.file).exported.has(used.name)) missing.push(keyOf(used))
    }
  }
  return missing.sort()
}

/**
 * `name (file)` for each export whose declaration has no doc comment right before it; a `const` with a type of its own
 * counts like a function.
 */
export function undocumented(entry: string): string[] {
  const missing = new Set<string>()
  for (const exported of allExports(entry)) {
    const symbol = declarationOf({ file: entry, name: exported })
    const text = readFileSync(symbol.file, 'utf8')
    const declared = new RegExp(
      `(\\*/\\n)?^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|function|const|enum) ${symbol.name}\\b`,
      'm'
    ).exec(text)
    if (declared?.[1] === undefined) missing.add(`${symbol.name} (${symbol.file})`)
  }
  return [...missing].sort()
}

/** Like `resolve`, for values too. */
function declarationOf({ file, name }: Symbol): Symbol {
  const source = sourceOf(file)
  const found = source.exported.get(name)
  if (found !== undefined) return found.file === file ? found : declarationOf(found)
  for (const other of source.all) {
    if (allExports(other).includes(name)) return declarationOf({ file: other, name })
  }
  return { file, name }
}
