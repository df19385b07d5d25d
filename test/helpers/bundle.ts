/** What an entry point of the package is made of: everything that it imports at once, found by a bundler. */
import { builtinModules } from 'node:module'
import { rolldown } from 'rolldown'

export interface Bundle {
  code: string
  /** Paths of all modules in it. */
  modules: string[]
  /** Modules of Node that it imports. */
  builtins: string[]
}

const BUILTIN = new RegExp(`^(?:node:.*|${builtinModules.join('|')})$`)

/** `entry` is a compiled file. What is imported only when it is needed (`await import`) is no part of it. */
export async function bundle(entry: string, platform: 'node' | 'browser'): Promise<Bundle> {
  const build = await rolldown({
    input: entry,
    platform,
    external: [BUILTIN],
    onLog: (level, log) => {
      if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
    }
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const chunks = new Map(output.flatMap((chunk) => (chunk.type === 'chunk' ? [[chunk.fileName, chunk] as const] : [])))
  const wanted = [output[0].fileName]
  const modules: string[] = []
  const builtins = new Set<string>()
  for (const name of wanted) {
    const chunk = chunks.get(name)
    if (chunk === undefined) builtins.add(name)
    else {
      modules.push(...chunk.moduleIds)
      wanted.push(...chunk.imports.filter((id) => !wanted.includes(id)))
    }
  }
  return { code: output[0].code, modules, builtins: [...builtins] }
}
