/**
 * Writes test/vectors/files, test/vectors/judgements.json and the examples in docs/FORMATS.md anew: `node
 * dist/test/vectors/write-files.js`. What is there must never change but for new files: the formats are final.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fillExamples } from './formats-page.js'
import { makeJudgements } from './judgements-make.js'
import { makeFiles } from './make-files.js'

for (const [name, text] of Object.entries(await makeFiles())) writeFileSync(`test/vectors/files/${name}`, text)
writeFileSync('docs/FORMATS.md', await fillExamples(readFileSync('docs/FORMATS.md', 'utf8')))
writeFileSync('test/vectors/judgements.json', `${JSON.stringify(await makeJudgements(), null, 1)}\n`)
