/**
 * Before a build: removes from dist what no source makes any more, so that a renamed test does not run twice. The rest
 * stays, and the compiler makes only what changed. `--all` removes everything.
 */
import { existsSync, globSync, rmSync } from 'node:fs'

if (process.argv.includes('--all') || !existsSync('dist/.tsbuildinfo')) {
  rmSync('dist', { recursive: true, force: true })
} else {
  for (const file of globSync('dist/**/*.{js,d.ts,map}')) {
    const source = file.replace(/^dist[\\/]/, '').replace(/(?:\.js|\.d\.ts)(?:\.map)?$/, '.ts')
    if (!existsSync(source)) rmSync(file)
  }
}
