/**
 * Writes REFERENCE.md, and the methods in the Python client, from the tables: `npm run reference`. A test holds that the committed page is what the tables
 * say.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { referencePage } from '../src/rpc/reference-page.js'
import { PYTHON_CLIENT, pythonClient } from './python-client.js'

writeFileSync('REFERENCE.md', referencePage())
writeFileSync(PYTHON_CLIENT, pythonClient(readFileSync(PYTHON_CLIENT, 'utf8')))
