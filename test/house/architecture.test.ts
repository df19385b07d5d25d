import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../scripts/house/imports.js'
import { withPicture } from '../../scripts/house/picture.js'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const PAGES = globSync(['*.md', 'docs/**/*.md', 'protocols/**/*.md'], { cwd: ROOT }).toSorted()

test('the picture of the rooms is that of the sources: npm run architecture', () => {
  expect(withPicture(read('docs/ARCHITECTURE.md'))).toBe(read('docs/ARCHITECTURE.md'))
})

test('links of our pages lead to files, and a linked name of code stands in its file', () => {
  const wrong: string[] = []
  let links = 0
  for (const page of PAGES) {
    for (const [whole, text, path] of read(page).matchAll(/\[([^\]\n]+)\]\(([^):#\s]+)(?:#[^)]*)?\)/g)) {
      links++
      const target = join(ROOT, dirname(page), path!)
      const code = /^`(\w+)`$/.exec(text!)?.[1]
      if (!existsSync(target)) wrong.push(`${page}: ${whole}: no such file`)
      else if (code !== undefined && !new RegExp(`\\b${code}\\b`).test(readFileSync(target, 'utf8')))
        wrong.push(`${page}: ${whole}: not in that file`)
    }
  }
  expect(wrong).toEqual([])
  expect(links).toBeGreaterThan(30)
})

test('what code and pages quote of the design stands in docs/DESIGN.md', () => {
  const design = read('docs/DESIGN.md')
  const sections = new Set([...design.matchAll(/^## (\d+)\. /gm)].map(([, number]) => number))
  const rules = new Set([...design.matchAll(/^(?:\*\*)?([IR]\d)\b/gm)].map(([, rule]) => rule))
  expect(rules.size).toBe(16)
  const wrong: string[] = []
  for (const file of [...globSync('{src,protocols,test,scripts,examples}/**/*.ts', { cwd: ROOT }), ...PAGES]) {
    const text = read(file)
    for (const [, number] of text.matchAll(/DESIGN §(\d+)/g))
      if (!sections.has(number)) wrong.push(`${file}: DESIGN §${number}`)
    for (const [, rule] of text.matchAll(/(?<![\w-])([IR][1-9])(?![\w-])/g))
      if (!rules.has(rule)) wrong.push(`${file}: ${rule}`)
  }
  expect(wrong).toEqual([])
})
