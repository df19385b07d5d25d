/**
 * docs/FORMATS.md with the examples that its comments name: `<!-- file proof.json -->` and the like, each before the
 * block that it fills.
 */
import { fromUtf8 } from '#platform'
import { exampleLedger, makeFiles } from './make-files.js'

const EXAMPLE = /<!-- ([^\n]+) -->\n```(\w*)\n[^]*?```/g

export async function fillExamples(page: string): Promise<string> {
  const files = await makeFiles()
  const { author } = await exampleLedger()
  const metas = Object.fromEntries(
    author.entries
      .filter(({ header }) => /^(?:ledger|trust)\./.test(header.type))
      .map(({ header: { type, meta } }) => [type, meta])
  )
  const examples: Record<string, string> = {
    'header of entry 2': fromUtf8(author.entries[2]!.raw.header),
    'hash of entry 2': author.entries[2]!.hash,
    metas: `{\n${Object.entries(metas)
      .map(([type, meta]) => `  ${JSON.stringify(type)}: ${JSON.stringify(meta)}`)
      .join(',\n')}\n}`,
    'first lines of export.jsonl': files['export.jsonl']!.split('\n').slice(0, 2).join('\n'),
    'newer slot of signer.json': files['signer.json']!.split('\n')[0]!.trimEnd(),
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`file ${name}`, shown(name, text)]))
  }
  return page.replace(EXAMPLE, (_whole, name: string, language: string) => {
    if (examples[name] === undefined) throw new Error(`docs/FORMATS.md names an example that there is not: ${name}`)
    return `<!-- ${name} -->\n\`\`\`${language}\n${examples[name]}\n\`\`\``
  })
}

/** Evidence and proofs with white space; what is signed or hashed as it is. */
function shown(name: string, text: string): string {
  return /^(?:evidence|index-fault|proof|backup|answer|multiproof)/.test(name)
    ? JSON.stringify(JSON.parse(text), null, 2)
    : text.trimEnd()
}
