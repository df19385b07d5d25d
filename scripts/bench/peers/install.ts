/** Installs the peers in their own folder, exactly as the lock file says; nothing to do when that was done before. */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

export const FOLDER = resolve('scripts/bench/peers')

/** Returns the versions that are compared. */
export async function install(say: (what: string) => void): Promise<Record<string, string>> {
  const lock = await readFile(join(FOLDER, 'package-lock.json'), 'utf8')
  const mark = join(FOLDER, 'node_modules', '.installed-lock.json')
  if ((await readFile(mark, 'utf8').catch(() => null)) !== lock) {
    say('installing hypercore and OrbitDB, once')
    // their native parts come prebuilt; --prefix: never the folder of the product, whatever npm run says of it
    const npm = process.env['npm_execpath']
    const words = ['ci', '--ignore-scripts', '--prefix', FOLDER]
    await promisify(execFile)(
      npm === undefined ? 'npm' : process.execPath,
      npm === undefined ? words : [npm, ...words],
      { cwd: FOLDER }
    )
    await writeFile(mark, lock)
  }
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> }
  return Object.fromEntries(
    ['hypercore', '@orbitdb/core'].map((name) => [name, packages[`node_modules/${name}`]!.version])
  )
}
