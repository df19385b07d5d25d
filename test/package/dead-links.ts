/** Relative links of a Markdown page that lead to no file, or to no heading of one. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const CODE = /^```[^]*?^```/gm
const LINK = /\]\(([^)\s]+)\)/g

export function deadLinks(page: string): string[] {
  const links = [...readFileSync(page, 'utf8').replace(CODE, '').matchAll(LINK)].map(([, link]) => link!)
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path, heading] = link.split('#') as [string, string | undefined]
      const target = path === '' ? page : join(dirname(page), path)
      return !existsSync(target) || (heading !== undefined && !headings(target).includes(heading))
    })
}

/** As GitHub names them: lower case, blanks as hyphens, and nothing but letters, digits, hyphens and underscores. */
function headings(page: string): string[] {
  return [
    ...readFileSync(page, 'utf8')
      .replace(CODE, '')
      .matchAll(/^#+ (.+)$/gm)
  ].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-')
  )
}
