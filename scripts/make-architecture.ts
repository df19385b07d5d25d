/** Writes the picture of the rooms into docs/ARCHITECTURE.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './house/imports.js'
import { withPicture } from './house/picture.js'

const page = join(ROOT, 'docs/ARCHITECTURE.md')
writeFileSync(page, withPicture(readFileSync(page, 'utf8')))
