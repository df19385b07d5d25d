/** Reads the import graph of our sources, type imports included (the linter's cycle rule does not see those). */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

// The compiled file lies in dist/scripts/house.
export const ROOT = join(import.meta.dirname, '../../..')

/** File → files that it imports, both relative to the root of the repository. */
export type Imports = Map<string, string[]>

export function readImports(): Imports {
  const files = globSync('{src,protocols}/**/*.ts', { cwd: ROOT }).toSorted()
  const known = new Set(files)
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(ROOT, file), 'utf8')
      const targets = [...text.matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)\.js'/g)].map(([, path]) =>
        normalize(`${join(dirname(file), path!)}.ts`)
      )
      return [file, [...new Set(targets)].filter((target) => known.has(target))]
    })
  )
}

/** Strongly connected parts of more than one file (Tarjan). */
export function circles(imports: Imports): string[][] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (file: string): void => {
    order.set(file, order.size)
    low.set(file, order.get(file)!)
    stack.push(file)
    for (const target of imports.get(file) ?? []) {
      if (!order.has(target)) {
        visit(target)
        low.set(file, Math.min(low.get(file)!, low.get(target)!))
      } else if (stack.includes(target)) {
        low.set(file, Math.min(low.get(file)!, order.get(target)!))
      }
    }
    if (low.get(file) !== order.get(file)) return
    const part = stack.splice(stack.indexOf(file))
    if (part.length > 1) found.push(part.toSorted())
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file)
  return found
}
