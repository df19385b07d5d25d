/**
 * The shell blocks of a document, under each heading: one session each. Blocks with a mark (`sh long`) are not among
 * them.
 */
export interface Section {
  title: string
  blocks: string[]
}

export function sections(markdown: string): Section[] {
  const found: Section[] = []
  for (const part of markdown.split(/^#+ /m)) {
    const title = part.slice(0, part.indexOf('\n'))
    const blocks = [...part.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
    if (blocks.length > 0) found.push({ title, blocks })
  }
  return found
}

/**
 * `entrance`: installs everything first. `long`: needs more time or memory than a test has. scripts/soak/documents.ts
 * runs both.
 */
export interface MarkedBlock {
  mark: string
  block: string
}

export function markedBlocks(markdown: string): MarkedBlock[] {
  return [...markdown.matchAll(/^```sh ([^\n]+)\n(.*?)^```$/gms)].map(([, mark, block]) => ({
    mark: mark!,
    block: block!.trim()
  }))
}
