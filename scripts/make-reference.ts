/**
 * Writes REFERENCE.md from the tables: `npm run reference`. A test holds that the committed page is what the tables
 * say.
 */
import { writeFileSync } from 'node:fs'
import { referencePage } from '../src/rpc/reference-page.js'

writeFileSync('REFERENCE.md', referencePage())
