/** The package as somebody gets it: packed, and installed into an empty folder from npm's cache, without a network. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const INSTALL_TIMEOUT_MS = 110_000
/** Never in the package, and large. */
const UNPACKED = /^(?:\.git|node_modules|src|test|scripts|dist\/(?:test|scripts))(?:\/|$)/

interface Locked {
  dev?: boolean
  link?: boolean
}
interface Manifest {
  version: string
  license: string
  bin: object
  dependencies: object
  optionalDependencies: object
  engines: object
}

export interface Installed {
  /** Of the tarball. */
  bytes: number
  /** Where it was installed. */
  folder: string
}

/** Node of the two versions that the package is for; null: it is not installed here. */
export const NODES: Record<string, string | null> = {
  'Node 22': binaryFolder('test/package/node-22/node_modules/node/bin'),
  'Node 24': binaryFolder('node_modules/node/bin')
}

function binaryFolder(path: string): string | null {
  return existsSync(join(path, 'node')) ? resolve(path) : null
}

/**
 * A text: why not, because npm is missing or its cache does not hold what the lock file names (`npm ci` fills it).
 * Anything else that fails throws.
 */
export async function install(into: string): Promise<Installed | string> {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest
  try {
    const staged = await stage(into)
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', into], { cwd: staged })
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return 'there is no npm on this machine'
    throw error
  }
  const [tarball] = (await readdir(into)).filter((name) => name.endsWith('.tgz'))
  const folder = join(into, 'consumer')
  await mkdir(folder)
  const dependencies = { ledgermesh: `file:../${tarball!}` }
  const consumer = { name: 'consumer', version: '0.0.0', private: true, type: 'module', dependencies }
  await writeFile(join(folder, 'package.json'), JSON.stringify(consumer))
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lockFor(manifest, dependencies)))
  await writeFile(join(folder, '.npmrc'), readFileSync('.npmrc'))
  try {
    await run('npm', ['ci', '--offline'], { cwd: folder, timeout: INSTALL_TIMEOUT_MS })
  } catch (error) {
    const { stderr } = error as { stderr: string }
    if (!stderr.includes('ENOTCACHED')) throw error
    return `npm's cache does not hold all packages: ${stderr.split('\n').find((line) => line.includes('request to')) ?? 'ENOTCACHED'}`
  }
  return { bytes: (await stat(join(into, tarball!))).size, folder }
}

/** What `prepack` leaves to be packed, elsewhere: dist is there already, and other tests read it now. */
async function stage(into: string): Promise<string> {
  const folder = join(into, 'staged')
  await cp('.', folder, { recursive: true, filter: (path) => !UNPACKED.test(path) })
  const dist = join(folder, 'dist')
  await run('tsc', ['-p', 'scripts/package', '--outDir', dist])
  await run(process.execPath, ['scripts/package/prune-types.js', dist])
  await run(process.execPath, ['scripts/package/with-tabs.js', dist])
  await run(process.execPath, ['scripts/package/verify-page.js', folder])
  return folder
}

/** The versions that our own lock file names, of what the package needs to run. */
function lockFor(manifest: Manifest, dependencies: { ledgermesh: string }): object {
  const ours = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
  const { version, license, bin, engines, dependencies: needs, optionalDependencies } = manifest
  const needed = ([path, { dev, link }]: [string, Locked]): boolean =>
    path.startsWith('node_modules/') && dev !== true && link !== true
  const packages = Object.fromEntries(Object.entries(ours.packages).filter(needed))
  return {
    name: 'consumer',
    version: '0.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'consumer', version: '0.0.0', dependencies },
      'node_modules/ledgermesh': {
        version,
        resolved: dependencies.ledgermesh,
        license,
        bin,
        engines,
        dependencies: needs,
        optionalDependencies
      },
      ...packages
    }
  }
}
