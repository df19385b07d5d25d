import { readFileSync } from 'node:fs'

// dist/src/node → the project's package.json
const manifest = JSON.parse(readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

export const VERSION = manifest.version
/** The name of this software as peers see it. */
export const SOFTWARE = `ledgermesh/${VERSION}`
